"""Python, printed: values, calls, functions and classes as they stand in an exported script."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from dlcore.spec import Call

PACKAGE = Path(__file__).parents[1]
OURS = "dlcore."
NEWLINE = "\n"
LINE = 100
KNOWN = frozenset({"torch", "nn", "np"})
"""What every script imports, whatever it prints."""


def indented(lines: list[str], level: int) -> str:
    """Lines of a block, ``level`` times four places in."""
    return textwrap.indent(NEWLINE.join(lines), "    " * level)


def arguments(settings: dict[str, Any]) -> str:
    """Settings as the keywords of a call."""
    return ", ".join(f"{name}={literal(value)}" for name, value in settings.items())


def called(name: str, *first: str, **settings: Any) -> str:
    """A call of one of the script's own functions, over several lines where it is long."""
    parts = [*first, *(f"{key}={literal(value)}" for key, value in settings.items())]
    line = f"{name}({', '.join(parts)})"
    if len(line) < LINE or len(settings) < 2:
        return line
    return f"{name}({NEWLINE}{indented([f'{part},' for part in parts], 1)}{NEWLINE})"


def literal(value: Any) -> str:
    """Print a value; a long list goes over as many lines as it needs."""
    if not isinstance(value, list) or len(repr(value)) < LINE:
        return repr(value)
    lines = [""]
    for each in value:
        part = f"{each!r},"
        if lines[-1] and len(lines[-1]) + 1 + len(part) > LINE - 4:
            lines.append("")
        lines[-1] += f" {part}" if lines[-1] else part
    return f"[{NEWLINE}{indented(lines, 1)}{NEWLINE}]"


def call(made: Call, *first: str, room: int = LINE) -> str:
    """Print a call; one that is longer than ``room`` has each of its arguments on lines of its own."""
    line = short(made.source(*first))
    if len(line) <= room or first:
        return line
    named = [("", value) for value in made.args] + [(f"{name}=", value) for name, value in made.kwargs]
    parts = [f"{name}{_value(value, room - 4)}," for name, value in named]
    return f"{line.partition('(')[0]}({NEWLINE}{indented(parts, 1)}{NEWLINE})"


def _value(value: Any, room: int) -> str:
    if isinstance(value, Call):
        return call(value, room=room)
    if not isinstance(value, list | tuple) or not any(isinstance(each, Call) for each in value):
        return short(Call("f", value).source()[2:-1])
    opened, closed = ("[", "]") if isinstance(value, list) else ("(", ")")
    parts = [f"{_value(each, room - 4)}," for each in value]
    return f"{opened}{NEWLINE}{indented(parts, 1)}{NEWLINE}{closed}"


def short(source: str) -> str:
    """The name ``nn`` for torch's modules, as scripts import it."""
    return source.replace("torch.nn.", "nn.")


def function(made: Callable[..., Any]) -> str:
    """A function, or a static method, without its decorators and annotations."""
    return ast.unparse(_definition(made))


def returned(made: Callable[..., Any]) -> str:
    """The expression that a one-line function returns."""
    last = _definition(made).body[-1]
    assert isinstance(last, ast.Return)
    assert last.value is not None
    return ast.unparse(last.value)


def _definition(made: Callable[..., Any]) -> ast.FunctionDef:
    parsed = ast.parse(textwrap.dedent(inspect.getsource(made))).body[0]
    assert isinstance(parsed, ast.FunctionDef)
    bare = _Bare().visit(parsed)
    assert isinstance(bare, ast.FunctionDef)
    bare.decorator_list = []
    return bare


class _Bare(ast.NodeTransformer):
    """Take annotations away: scripts do not import what they name."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.value is None:
            return None
        return ast.copy_location(ast.Assign([node.target], node.value), node)


class Source(NamedTuple):
    """What has to be printed before our own callables are named: imports, then definitions."""

    imports: tuple[str, ...]
    definitions: tuple[str, ...]


def source(calls: Iterable[Call]) -> Source:
    """The source of our callables among ``calls`` and of all they lean on, in the order of their files.

    Read as text, without importing them and so torch.
    """
    imports: list[str] = []
    found: list[str] = []
    files: dict[tuple[Path, ...], set[str]] = {}
    for each in calls:
        if each.target.startswith(OURS):
            path, _, name = each.target.rpartition(".")
            files.setdefault(_files(path), set()).add(name)
    for place, names in files.items():
        defined, imported = _read(place)
        wanted = _closure(names, defined)
        found += [text for name, (text, _) in defined.items() if name in wanted]
        used = set().union(*(defined[name][1] for name in wanted))
        imports += [line for name, line in imported.items() if name in used - KNOWN]
    return Source(tuple(sorted(set(imports))), tuple(found))


def _files(module: str) -> tuple[Path, ...]:
    """The files of one of our modules: of a package, all."""
    place = PACKAGE.joinpath(*module.split(".")[1:])
    while not place.is_dir() and not place.with_suffix(".py").exists():
        place = place.parent
    if place.is_dir():
        return tuple(sorted(place.glob("*.py"), key=lambda file: file.name))
    # a module of a package leans on its neighbours
    return (
        (place.with_suffix(".py"),) if place.parent == PACKAGE else _files(".".join(module.split(".")[:-1]))
    )


@cache
def _read(files: tuple[Path, ...]) -> tuple[dict[str, tuple[str, frozenset[str]]], dict[str, str]]:
    """Name → text and the names in it, of all definitions; name → line, of all imports from elsewhere."""
    defined: dict[str, tuple[str, frozenset[str]]] = {}
    imported: dict[str, str] = {}
    for file in files:
        text = file.read_text()
        for node in ast.parse(text).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                imported.update(_imports(node))
            elif isinstance(node, ast.ClassDef | ast.FunctionDef):
                defined[node.name] = _segment(text, node), _names(node)
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for each in targets:
                    if isinstance(each, ast.Name):
                        defined[each.id] = _segment(text, node), _names(node)
    return defined, imported


def _imports(node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    home = getattr(node, "module", None)
    if home == "__future__" or (home or "").startswith("dlcore"):
        return {}
    start = f"from {home} import " if isinstance(node, ast.ImportFrom) else "import "
    return {
        alias.asname or alias.name: start + alias.name + (f" as {alias.asname}" if alias.asname else "")
        for alias in node.names
    }


def _segment(text: str, node: ast.stmt) -> str:
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
    return NEWLINE.join(text.splitlines()[first - 1 : node.end_lineno])


def _names(node: ast.AST) -> frozenset[str]:
    # those of annotations, too: a script has no __future__ that makes them mere text
    return frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def _closure(names: set[str], defined: dict[str, tuple[str, frozenset[str]]]) -> set[str]:
    wanted: set[str] = set()
    open_ = [name for name in names if name in defined]
    while open_:
        name = open_.pop()
        if name not in wanted:
            wanted.add(name)
            open_ += [each for each in defined[name][1] if each in defined]
    return wanted


def modules_in(text: str) -> set[str]:
    """The classes of ``torch.nn`` that a text names."""
    return set(re.findall(r"\bnn\.([A-Z]\w*)", text))
