"""HTML as a tree: whatever a person wrote becomes text, never a tag."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element, tostring

Child = Element | str | None | Iterable["Child"]
BARRED = re.compile("[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no document may hold: controls, and halves of others."""


def node(tag: str, *children: Child, **attributes: str | int | float) -> Element:
    """An element: ``node("p", "See ", node("b", name), class_="note")``; ``_`` in an attribute is ``-``."""
    made = Element(tag, {_attribute(name): plain(f"{value}") for name, value in attributes.items()})
    _add(made, children)
    return made


def written(tree: Element) -> str:
    """The tree as a whole document."""
    return "<!doctype html>\n" + tostring(tree, encoding="unicode", method="html")


def plain(text: str) -> str:
    """A text without what no document may hold."""
    return BARRED.sub("\ufffd", text)


def own(text: str) -> Element:
    """What a person wrote, so set apart that its direction of writing turns nothing around it."""
    return node("bdi", text)


def _add(made: Element, child: Child) -> None:
    if isinstance(child, Element):
        made.append(child)
    elif isinstance(child, str):
        if len(made):
            made[-1].tail = (made[-1].tail or "") + plain(child)
        else:
            made.text = (made.text or "") + plain(child)
    elif child is not None:
        for each in child:
            _add(made, each)


def _attribute(name: str) -> str:
    return name.rstrip("_").replace("_", "-")
