"""Keys as people write them, and as Textual calls them; without Textual, which takes its time."""

from __future__ import annotations

import string
import unicodedata

from cognitui.errors import did_you_mean

_MODIFIERS = {
    "ctrl": "ctrl", "control": "ctrl", "alt": "alt", "option": "alt", "shift": "shift",
    "super": "super", "cmd": "super",
}  # fmt: skip
_NAMED = {
    name: name
    for name in (
        "escape", "enter", "tab", "backspace", "space", "insert", "delete", "home", "end",
        "pageup", "pagedown", "up", "down", "left", "right", *(f"f{n}" for n in range(1, 25)),
    )
}  # fmt: skip
_NAMED |= {
    "esc": "escape", "return": "enter", "spacebar": "space", "ins": "insert", "del": "delete",
    "pgup": "pageup", "page_up": "pageup", "pgdn": "pagedown", "page_down": "pagedown",
}  # fmt: skip
# Textual says these more shortly than Unicode does.
_SHORT = {
    "solidus": "slash", "reverse_solidus": "backslash", "commercial_at": "at",
    "hyphen_minus": "minus", "plus_sign": "plus", "low_line": "underscore",
}  # fmt: skip
_EDITING = frozenset({
    "space", "enter", "backspace", "delete", "home", "end", "up", "down", "left", "right",
    "pageup", "pagedown",
})  # fmt: skip
# What a terminal sends for these is what it sends for the other key.
_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape"}


def key_name(text: str) -> str:
    """Textual's name of a key, such as ``question_mark`` for ``?``.

    Raises:
        ValueError: There is no such key, or a terminal cannot tell it from another one.
    """
    if not text:
        raise ValueError("'' is no key")
    modifiers, key = _split(text.strip() or text)
    if len(key) == 1 and key.isalpha():
        modifiers, key = _letter(modifiers, key)
    else:
        key = _plain(key)
        if "shift" in modifiers and key in _CHARACTERS:
            raise ValueError(f"{text!r} is no key: write the character that it makes")
    name = "+".join([*sorted(modifiers), key])
    if name in _SAME:
        raise ValueError(f"{text!r} reaches a program as {_SAME[name]}: choose another key")
    return name


def key_text(name: str) -> str:
    """A key's name as a person would write it, such as ``?`` for ``question_mark``."""
    *modifiers, key = name.split("+")
    return "+".join([*modifiers, _CHARACTERS.get(key, key)])


def is_typed(name: str) -> bool:
    """Whether the key writes or edits in a text field, rather than doing something beside it."""
    return len(name) == 1 or name in _CHARACTERS or name in _EDITING


def character_name(character: str) -> str:
    """Textual's name of the key that makes this character."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, "").lower().replace("-", "_").replace(" ", "_")
    return _SHORT.get(name, name)


_CHARACTERS = {character_name(character): character for character in string.punctuation}


def _split(text: str) -> tuple[set[str], str]:
    """The modifiers and the key; the key may be a plus sign itself."""
    before, key = (text[:-1], "+") if text.endswith("+") else (text, "")
    *words, last = before.split("+")
    if key and last:
        raise ValueError(f"{text!r} is no key: one is missing after the last plus sign")
    modifiers = set()
    for word in words:
        modifier = _MODIFIERS.get(word.strip().lower())
        if modifier is None:
            raise ValueError(f"{text!r} is no key: {word!r} is none of ctrl, alt, shift, super")
        modifiers.add(modifier)
    return modifiers, key or last.strip() or " "


def _letter(modifiers: set[str], letter: str) -> tuple[set[str], str]:
    """Shift makes a capital letter where it is alone; with ctrl a terminal says no case."""
    if not modifiers or modifiers == {"shift"}:
        return set(), letter.upper() if modifiers else letter
    if letter.isupper() and "ctrl" not in modifiers:
        modifiers = modifiers | {"shift"}
    return modifiers, letter.lower()


def _plain(key: str) -> str:
    if len(key) == 1:
        name = _NAMED["space"] if key == " " else character_name(key)
        if not name:
            raise ValueError(f"{key!r} is no key")
        return name
    word = key.lower().replace("-", "_").replace(" ", "_")
    word = _NAMED.get(word, _SHORT.get(word, word))
    if word in _NAMED or word in _CHARACTERS:
        return word
    try:
        return character_name(unicodedata.lookup(word.replace("_", " ")))
    except KeyError:
        advice = did_you_mean(word, [*_NAMED, *_CHARACTERS])
        raise ValueError(f"{key!r} is no key. {advice}".rstrip(". ")) from None
