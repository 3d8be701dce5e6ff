"""What a person does to a stack of layers: cards that keep their numbers while they are moved about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from dlcore.layers import Layer, Shape, layers
from dlcore.layers.nested import MOST_BRANCHES, MOST_INSIDE

Stack = tuple[Layer, ...]
WRAPPERS = ("residual", "parallel")
"""The kinds that hold other layers, and into which layers can be put together."""


@dataclass
class Card:
    """A layer with a number of its own, and the cards of the stacks it holds."""

    number: int
    layer: Layer
    slots: dict[str, list[Card]] = field(default_factory=dict)

    def made(self) -> Layer:
        """The layer, with what its slots hold now."""
        if not self.slots:
            return self.layer
        held = {name: tuple(card.made() for card in cards) for name, cards in self.slots.items()}
        paths = [held[name] for name in held if name != "inside"]
        new: dict[str, Any] = {"inside": held["inside"]} if "inside" in held else {"paths": tuple(paths)}
        return self.layer.model_copy(update=new)


class Cards:
    """The stack as cards: edits name a card by its number, so that none hits another than was meant.

    Two edits may be made before the page has shown the first one's result: places would have shifted.
    """

    def __init__(self) -> None:
        self.top: list[Card] = []
        self._numbers = count(1)

    @property
    def network(self) -> Stack:
        """The layers as the cards lie."""
        return tuple(card.made() for card in self.top)

    def show(self, network: Stack) -> None:
        """Lie as a network does that was changed elsewhere; what has not changed keeps its number."""
        if self.network != network:
            self.top = self._matched(self.top, network)

    def _matched(self, old: list[Card], new: Stack) -> list[Card]:
        before = [card.made() for card in old]
        first = 0
        while first < min(len(before), len(new)) and before[first] == new[first]:
            first += 1
        last = 0
        while last < min(len(before), len(new)) - first and before[-1 - last] == new[-1 - last]:
            last += 1
        middle = list(old[first : len(old) - last])
        stands: list[Card | None] = [*middle, *[None] * len(new)]
        changed = [self._as(stands[i], layer) for i, layer in enumerate(new[first : len(new) - last])]
        return [*old[:first], *changed, *old[len(old) - last :]]

    def _as(self, card: Card | None, layer: Layer) -> Card:
        """The card as another layer, with its number where it is of the same kind; else a new card."""
        same = card if card is not None and type(card.layer) is type(layer) else None
        number = same.number if same else next(self._numbers)
        inner = same.slots if same else {}
        slots = {name: self._matched(inner.get(name, []), held) for name, held in layer.stacks()}
        return Card(number, layer, slots)

    def places(self) -> dict[str, int]:
        """The number of each card by its place: ``3``, ``3.inside.0``."""
        return {place: card.number for place, card in _places(self.top, "")}

    def apply(self, edit: Mapping[str, Any], shape: Shape | None = None) -> None:
        """Carry out one edit of a browser.  Raises ``ValueError``, ``ValidationError`` among them.

        ``set`` a card's ``name`` to ``value``; ``off``, ``remove``, ``copy``, ``up``, ``down`` a card;
        ``add`` a ``kind``, or ``move`` a card, into ``into`` (``""``, or ``NUMBER.SLOT``) before the card
        ``before``; ``wrap`` a card, or ``cards`` of one stack, in a ``kind`` that holds layers, each in a
        branch of its own where they are to lie ``apart``; ``remove`` all ``cards``; ``unwrap`` a card, or add
        a ``branch`` to it.
        ``shape`` is that of the samples where a layer is added, which begins with settings that suit them.
        """
        op = edit.get("op")
        if op == "add":
            into, at = self._where(edit)
            kind = str(edit.get("kind"))
            if kind not in layers.kinds():
                raise ValueError(f"no layer is called {kind[:40]!r}")
            new = layers[kind]() if shape is None else layers[kind].made_for(shape)
            into.insert(at, self._as(None, new))
            return
        if "cards" in edit:
            self._together(edit)
            return
        within, i = self._find(edit.get("card"))
        card = within[i]
        if op == "set":
            within[i] = self._as(card, with_setting(card.made(), str(edit.get("name")), edit.get("value")))
        elif op == "off":
            within[i] = self._as(card, with_setting(card.made(), "off", not card.layer.off))
        elif op == "remove":
            del within[i]
        elif op == "copy":
            within.insert(i + 1, self._as(None, card.made()))
        elif op in {"up", "down"}:
            self._shift(card, -1 if op == "up" else 1)
        elif op == "move":
            self._move(card, edit)
        elif op == "wrap":
            self._wrap(within, [i], str(edit.get("kind")), apart=False)
        elif op == "unwrap":
            within[i : i + 1] = [inner for held in card.slots.values() for inner in held]
        elif op == "branch":
            self._branch(card)
        else:
            raise ValueError(f"no edit is called {op!r}")

    def _find(self, number: object) -> tuple[list[Card], int]:
        for within, i in _lists(self.top):
            if within[i].number == number:
                return within, i
        raise ValueError(f"there is no card {number!r}")

    def _where(self, edit: Mapping[str, Any]) -> tuple[list[Card], int]:
        """The list of cards that an edit means, and the place in it: before a card, or at the end."""
        into = str(edit.get("into") or "")
        within = self.top
        if into:
            number, _, slot = into.partition(".")
            found, i = self._find(int(number) if number.isdecimal() else None)
            if slot not in found[i].slots:
                raise ValueError(f"there is no stack {into[:40]!r}")
            within = found[i].slots[slot]
        before = edit.get("before")
        at = next((i for i, card in enumerate(within) if card.number == before), len(within))
        return within, at

    def _move(self, card: Card, edit: Mapping[str, Any]) -> None:
        into, at = self._where(edit)
        if any(into is held for held in _held(card)):
            raise ValueError("a layer cannot lie inside of itself")
        if at < len(into) and into[at] is card:
            return
        within, i = self._find(card.number)
        del within[i]
        into.insert(at - (into is within and i < at), card)

    def _shift(self, card: Card, step: int) -> None:
        """One place up or down, and at the end of an inner stack out of it."""
        within, i = self._find(card.number)
        if 0 <= i + step < len(within):
            within[i], within[i + step] = within[i + step], within[i]
            return
        for around, k in _lists(self.top):
            if any(within is held for held in around[k].slots.values()):
                del within[i]
                around.insert(k + (step > 0), card)
                return

    def _together(self, edit: Mapping[str, Any]) -> None:
        """What is done with several cards at once: they lie in one stack, and stay in its order."""
        numbers = edit["cards"]
        if not isinstance(numbers, list) or not 1 <= len(numbers) <= MOST_INSIDE:
            raise ValueError(f"from one to {MOST_INSIDE} cards can be put together")
        if not all(type(number) is int for number in numbers):
            raise ValueError("cards are called by their numbers")
        within, _ = self._find(numbers[0])
        chosen = [i for i, card in enumerate(within) if card.number in numbers]
        if len(chosen) != len(set(numbers)):
            raise ValueError("the cards lie in several stacks")
        if edit.get("op") == "remove":
            within[:] = [card for i, card in enumerate(within) if i not in chosen]
        elif edit.get("op") == "wrap":
            self._wrap(within, chosen, str(edit.get("kind")), apart=bool(edit.get("apart")))
        else:
            raise ValueError(f"nothing called {edit.get('op')!r} is done with several cards")

    def _wrap(self, within: list[Card], chosen: list[int], kind: str, *, apart: bool) -> None:
        """Put cards into a block that comes to lie where the first of them lay."""
        if kind not in WRAPPERS or kind not in layers.kinds():
            raise ValueError(f"no layer called {kind[:40]!r} holds others")
        inside = [within[i] for i in chosen]
        block = self._as(None, layers[kind]())
        if apart:
            if "paths.0" not in block.slots or not 2 <= len(inside) <= MOST_BRANCHES:
                raise ValueError(f"from 2 to {MOST_BRANCHES} branches lie side by side")
            block.slots = {f"paths.{k}": [card] for k, card in enumerate(inside)}
        else:
            first, *others = block.slots
            block.slots = {first: inside, **{name: [] for name in others}}
        within[chosen[0]] = block
        within[:] = [card for i, card in enumerate(within) if i not in chosen[1:]]

    def _branch(self, card: Card) -> None:
        """One more branch of a block that has some."""
        if "paths.0" not in card.slots:
            raise ValueError(f"{card.layer.heading()} has no branches")
        paths = [tuple(inner.made() for inner in held) for held in card.slots.values()]
        new = with_setting(card.made(), "paths", (*paths, ()))
        within, i = self._find(card.number)
        within[i] = self._as(card, new)


def with_setting(layer: Layer, name: str, value: Any) -> Layer:
    """The layer with one setting changed.  Raises ``ValidationError`` for what is out of bounds."""
    fields = {each: getattr(layer, each) for each in type(layer).model_fields}
    if name not in fields:
        raise ValueError(f"{layer.heading()} has no setting {name[:40]!r}")
    return type(layer).model_validate({**fields, name: value})


def _lists(cards: list[Card]) -> Iterator[tuple[list[Card], int]]:
    """Every card as the list that it lies in and its place there."""
    for i, card in enumerate(cards):
        yield cards, i
        for held in card.slots.values():
            yield from _lists(held)


def _held(card: Card) -> Iterator[list[Card]]:
    """Every list of cards inside of a card."""
    for held in card.slots.values():
        yield held
        for inner in held:
            yield from _held(inner)


def _places(cards: list[Card], at: str) -> Iterator[tuple[str, Card]]:
    for i, card in enumerate(cards):
        yield f"{at}{i}", card
        for name, held in card.slots.items():
            yield from _places(held, f"{at}{i}.{name}.")
