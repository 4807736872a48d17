"""Fills in templates of code.

A line that begins with ``%`` steers: ``%if NAME``, ``%if !NAME``, ``%elif NAME``, ``%else``,
``%end``; ``%each`` to ``%end`` is repeated for each part of a scheme; ``%include FILE`` is that
file. ``«name»`` is a value. Names are looked up in the part first, inside ``%each``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Values: TypeAlias = "Mapping[str, str | bool]"

_VALUE = re.compile("«([a-z_]+)»")
_TEMPLATES = files("cognitui.callbacks.snippets") / "templates"


def template(name: str) -> str:
    """The text of a template, with what it includes."""
    text = (_TEMPLATES / f"{name}.txt").read_text(encoding="utf-8")
    return re.sub(r"(?m)^%include (\w+)\n", lambda found: template(found[1]), text)


def fill(text: str, values: Values, parts: Sequence[Values]) -> str:
    """The code that a template stands for."""
    tree = _block(iter(text.splitlines()))
    return "\n".join(_lines(tree, values, parts)) + "\n"


@dataclass(slots=True)
class _Node:
    """Lines that are there on a condition, or once for each part."""

    condition: str = ""
    each: bool = False
    inside: list[str | _Node] = field(default_factory=list)
    otherwise: list[str | _Node] | None = None


def _block(lines: Iterator[str]) -> list[str | _Node]:
    """All that comes before the block's end."""
    root: list[str | _Node] = []
    # The lists that are open, each with how many further ones its own end closes.
    stack: list[tuple[list[str | _Node], int]] = [(root, 0)]
    for line in lines:
        word, _, name = line.partition(" ")
        if word in {"%if", "%each"}:
            node = _Node(name, each=word == "%each")
            stack[-1][0].append(node)
            stack.append((node.inside, 1))
        elif word in {"%elif", "%else"}:
            _, depth = stack.pop()
            before = stack[-1][0][-1]
            assert isinstance(before, _Node)
            before.otherwise = []
            if word == "%else":
                stack.append((before.otherwise, depth))
            else:
                node = _Node(name)
                before.otherwise.append(node)
                stack += [(before.otherwise, 0), (node.inside, depth + 1)]
        elif word == "%end":
            _, depth = stack.pop()
            del stack[len(stack) - depth + 1 :]
        else:
            stack[-1][0].append(line)
    assert len(stack) == 1, "a block has no end"
    return root


def _lines(tree: Sequence[str | _Node], values: Values, parts: Sequence[Values]) -> Iterator[str]:
    for node in tree:
        if isinstance(node, str):
            yield _VALUE.sub(lambda found: str(values[found[1]]), node)
        elif node.each:
            for part in parts:
                yield from _lines(node.inside, {**values, **part}, parts)
        elif _holds(node.condition, values):
            yield from _lines(node.inside, values, parts)
        else:
            yield from _lines(node.otherwise or (), values, parts)


def _holds(condition: str, values: Values) -> bool:
    name = condition.removeprefix("!")
    return bool(values[name]) != condition.startswith("!")
