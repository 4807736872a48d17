"""What random hands do: a stream of terminal input that follows from a seed alone.

It is the input as a terminal sends it, so that the same hands work on a console in this process and
on one behind a pseudo-terminal. Addresses that are typed are on this machine.
"""

from __future__ import annotations

import random
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.keys import KEY_NAME_REPLACEMENTS, key_to_character

from cognitui.tui.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SMALLEST, LARGEST = (20, 5), (250, 60)
USUAL = ((80, 24), (110, 30), (120, 40), (60, 16), (200, 50))
ESCAPE = "\x1b"
LEAVING = {"q", "ctrl+q", "ctrl+z"}
"""Keys that end the console or stop it; what asks for the end is tried by itself."""

PASTES = (
    "https://127.0.0.1:9/cognigy",
    "http://localhost:1/a b?c=d#e",
    "htps://hooks",
    '{"session": "{{sessionId}}", "text": "{{message.text}}"}',
    '{"a": [1, 2, {"b": "{{unknown}}"}],}',
    "[bold red]markup[/bold red] [/] [@click=app.quit]click[/] [link=x]",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x07\x08\x7f \x9b31m",
    "a\x00b\x01c\x1fd",
    "one\ntwo\r\nthree\rfour\n\n",
    "tab\tseparated\tvalues",
    "👩‍👩‍👧‍👦 👍🏽 🇩🇪 e\u0301 \u200b\u200d\ufeff",
    "שלום עולם \u202egnp.exe\u202c العربية",
    "表示 한국어 \uff37\uff29\uff24\uff25",
    "\ud7ff\ue000\ufffd\U0010ffff",
    "1e309",
    "-0",
    "٣٠٠٠",
    "x" * 5_000,
    "line of a long text\n" * 400,
    "€" * 3_000,
    "{" * 400,
    "{{" * 200 + "}}" * 200,
    " " * 300,
    "",
)
WORDS = (
    "wh_",
    "order",
    "skill_67890",
    "bot_12345",
    "https://127.0.0.1:9/",
    "3000",
    "99999",
    "0",
    "sandbox",
    "zzzz",
    "ON_MESSAGE",
    "[/foo]",
    "ä€👍",
    "none of them",
)
PALETTE = (
    "go to",
    "theme",
    "delete",
    "register",
    "secret",
    "receiver",
    "keys",
    "",
    "maximize",
    "xyz",
)
GARBAGE = (
    "\x1b[999~",
    "\x1b[<0;0;0M",
    "\x1b[<99;500;500m",
    "\x1b[M!!!",
    "\x1b[12;40R",
    "\x1b[?2026;9$y",
    "\x1b[?62;22c",
    "\x1bOx",
    "\x1b[1;2;3;4;5H",
    "\x1b[200~unfinished\x1b[201~",
    "\x1b]11;rgb:0/0/0\x07",
    "\x1b[I",
    "\x1b[O",
    "\x1b[97;5u",
)


def _sequences() -> dict[str, str]:
    """What a terminal sends for each key that it has a name for."""
    found: dict[str, str] = {}
    for sequence, keys in ANSI_SEQUENCES_KEYS.items():
        if isinstance(keys, tuple) and len(keys) == 1:
            name = keys[0].value
            # Of several the terminals' most usual: xterm's begin like this.
            if name not in found or (sequence.startswith("\x1b["), -len(sequence)) > (
                found[name].startswith("\x1b["),
                -len(found[name]),
            ):
                found[name] = sequence
    plain = {"enter": "\r", "tab": "\t", "escape": ESCAPE, "backspace": "\x7f"}
    return found | plain | {name: _sign(sign) for sign, name in KEY_NAME_REPLACEMENTS.items()}


def _sign(unicode_name: str) -> str:
    return unicodedata.lookup(unicode_name.replace("_", " ").replace("hyphen ", "hyphen-"))


SEQUENCES = _sequences()


def input_of(key: str) -> str:
    """What a terminal sends for a key by Textual's name; empty when it has no way to."""
    if key in SEQUENCES:
        return SEQUENCES[key]
    return key_to_character(key) or ""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that is done.

    Attributes:
        what: For whoever reads the log.
        data: What the terminal sends.
        size: The size that the terminal is pulled to, if that is it.
        is_new_start: The console is left and started anew on the same home.
    """

    what: str
    data: str = ""
    size: tuple[int, int] | None = None
    is_new_start: bool = False


class Hands:
    """Deeds without end, the same ones for the same seed.

    Args:
        size: The terminal's size at the beginning.
        starts_anew: How many deeds lie between two new starts, about; none for never.
    """

    def __init__(self, seed: int, size: tuple[int, int], starts_anew: int = 700) -> None:
        self._pick = random.Random(seed)
        self._size = size
        kinds: dict[Callable[[], Iterator[Deed]], float] = {
            self._command: 22,
            self._navigation: 22,
            self._letters: 9,
            self._word: 7,
            self._place: 7,
            self._out: 5,
            self._click: 11,
            self._edge_click: 3,
            self._drag: 2,
            self._wheel: 4,
            self._paste: 5,
            self._palette: 2,
            self._answer: 4,
            self._resize: 2,
            self._noise: 2,
            self._quit: 0.3,
        }
        self._kinds, self._weights = list(kinds), list(kinds.values())
        self._starts_anew = starts_anew
        commands = [key for command in COMMANDS for key in command.keys if key not in LEAVING]
        self._keys = [key for key in dict.fromkeys(commands) if input_of(key)]

    def __iter__(self) -> Iterator[Deed]:
        while True:
            if self._starts_anew and self._pick.random() < 1 / self._starts_anew:
                yield Deed("start anew", is_new_start=True)
            (kind,) = self._pick.choices(self._kinds, self._weights)
            yield from kind()

    def _key(self, name: str) -> Deed:
        return Deed(name, input_of(name))

    def _command(self) -> Iterator[Deed]:
        yield self._key(self._pick.choice(self._keys))

    def _navigation(self) -> Iterator[Deed]:
        ways = ("up", "down", "left", "right", "pageup", "pagedown", "home", "end", "tab",
                "shift+tab", "enter", "escape", "space", "backspace", "delete", "ctrl+left",
                "shift+down", "ctrl+a", "ctrl+k", "ctrl+u", "ctrl+c", "ctrl+x", "ctrl+v",
                "ctrl+home", "ctrl+end", "insert", "f10", "f12", "ctrl+@")  # fmt: skip
        name = self._pick.choice(ways)
        for _ in range(self._pick.choice((1, 1, 1, 2, 5, 20))):
            yield self._key(name)

    def _letters(self) -> Iterator[Deed]:
        signs = "abcdefghijklmnoprstuvwxyzXYZ0123456789/?!.,:;-_+*#'\"\\{}[]()<>@$%&|~^` ß漢👍"
        sign = self._pick.choice(signs)
        alt = ESCAPE if self._pick.random() < 0.05 and sign.isascii() else ""
        yield Deed(f"{'alt+' if alt else ''}{sign}", alt + sign)

    def _word(self) -> Iterator[Deed]:
        word = self._pick.choice(WORDS)
        yield Deed(f"type {word!r}", word)

    def _place(self) -> Iterator[Deed]:
        yield self._key(self._pick.choice("123456"))

    def _out(self) -> Iterator[Deed]:
        for _ in range(self._pick.randint(1, 3)):
            yield self._key("escape")
        yield from self._place()

    def _spot(self) -> tuple[int, int]:
        width, height = self._size
        return self._pick.randint(1, width), self._pick.randint(1, height)

    def _click(self) -> Iterator[Deed]:
        yield from self._click_at(*self._spot())

    def _edge_click(self) -> Iterator[Deed]:
        x, _ = self._spot()
        yield from self._click_at(x, self._pick.choice((1, 2, self._size[1])))

    def _click_at(self, x: int, y: int) -> Iterator[Deed]:
        button = self._pick.choices((0, 1, 2, 4, 16), (20, 1, 2, 1, 1))[0]
        times = self._pick.choice((1, 1, 1, 2, 3))
        data = f"\x1b[<{button};{x};{y}M\x1b[<{button};{x};{y}m" * times
        yield Deed(f"click {x},{y}" + (f" button {button}" if button else ""), data)

    def _drag(self) -> Iterator[Deed]:
        (x, y), (to_x, to_y) = self._spot(), self._spot()
        yield Deed(f"press at {x},{y}", f"\x1b[<0;{x};{y}M")
        yield Deed(f"drag to {to_x},{to_y}", f"\x1b[<32;{to_x};{to_y}M")
        yield Deed(f"let go at {to_x},{to_y}", f"\x1b[<0;{to_x};{to_y}m")

    def _wheel(self) -> Iterator[Deed]:
        x, y = self._spot()
        way = self._pick.choice((64, 65, 66, 67, 68))
        yield Deed(f"wheel {way} at {x},{y}", f"\x1b[<{way};{x};{y}M" * self._pick.randint(1, 8))

    def _paste(self) -> Iterator[Deed]:
        text = self._pick.choice(PASTES)
        if self._pick.random() < 0.2:
            text += self._pick.choice(PASTES)
        short = text if len(text) < 40 else text[:40] + "…"
        yield Deed(f"paste {len(text)}: {short!r}", f"\x1b[200~{text}\x1b[201~")

    def _palette(self) -> Iterator[Deed]:
        yield self._key("ctrl+p")
        word = self._pick.choice(PALETTE)
        yield Deed(f"type {word!r}", word)
        if self._pick.random() < 0.5:
            yield self._key("down")
        yield self._key(self._pick.choice(("enter", "enter", "escape")))

    def _answer(self) -> Iterator[Deed]:
        yield self._key(self._pick.choice(("y", "y", "n", "escape", "enter")))

    def _resize(self) -> Iterator[Deed]:
        if self._pick.random() < 0.6:
            self._size = self._pick.choice(USUAL)
        else:
            pairs = zip(SMALLEST, LARGEST, strict=True)
            width, height = (self._pick.randint(low, high) for low, high in pairs)
            self._size = (width, height)
        yield Deed(f"resize to {self._size[0]}x{self._size[1]}", size=self._size)

    def _noise(self) -> Iterator[Deed]:
        sequence = self._pick.choice(GARBAGE)
        yield Deed(f"noise {sequence!r}", sequence)

    def _quit(self) -> Iterator[Deed]:
        yield self._key("escape")
        yield self._key(self._pick.choice(("q", "ctrl+q")))
        yield from self._answer()


def shown(deeds: Sequence[Deed]) -> str:
    """Deeds as a log has them, one line each; those that repeat are counted."""
    lines: list[str] = []
    for deed in deeds:
        if lines and (again := re.fullmatch(rf"{re.escape(deed.what)}(?: ×(\d+))?", lines[-1])):
            lines[-1] = f"{deed.what} ×{int(again[1] or 1) + 1}"
        else:
            lines.append(deed.what)
    return "\n".join(lines)
