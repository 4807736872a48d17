"""Which key does what: people's own choices, and keys as people write them."""

from __future__ import annotations

import string
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from textual.keys import _character_to_key

from cognitui.config import Config, ConfigBroken
from cognitui.tui.commands import COMMANDS, Command
from cognitui.tui.commands.key_names import is_typed, key_name, key_text
from cognitui.tui.commands.keymap import keymap, resolve

if TYPE_CHECKING:
    from pathlib import Path

SOME = (
    Command("app.help", ("f1", "question_mark"), "Help", "What can be done."),
    Command("app.quit", ("q",), "Quit", "Leave."),
    Command("browse.check", ("h",), "Check", "Look."),
    Command("browse.delete", ("d",), "Delete", "Delete."),
    Command("webhook.clear", ("d",), "Clear", "Clear."),
    Command("webhook.register", ("ctrl+s",), "Register", "Register.", priority=True),
    Command("webhook.save", ("ctrl+s",), "Save", "Save.", priority=True),
    Command("webhook.copy", (), "Copy", "Copy."),
)
TYPED = "2: 'webhook.save': it works while you type, so '{}' cannot be its key: try one with ctrl."
DEFAULTS = {command.id: command.keys for command in SOME}


def config_of(home: Path, keys: str) -> Config:
    path = home / "config.toml"
    path.write_text(f"[keys]\n{keys}\n", encoding="utf-8")
    return Config.load(path, {})


def changed(home: Path, keys: str) -> dict[str, tuple[str, ...]]:
    """The keys of the commands that are not on their own ones."""
    resolved = keymap(SOME, config_of(home, keys))
    assert resolved.keys() == DEFAULTS.keys()
    return {name: found for name, found in resolved.items() if found != DEFAULTS[name]}


def wrong(home: Path, keys: str) -> list[str]:
    """What is wrong with each line; the first of them is line 2."""
    config = config_of(home, keys)
    problems = resolve(SOME, config)[1]
    assert config.file is not None
    sentences = []
    for problem in problems:
        start = f"{config.file.path}, line {problem.line}: "
        assert problem.message.startswith(start)
        sentences.append(f"{problem.line}: {problem.message.removeprefix(start)}")
    return sentences


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("", {}),
        ('browse.delete = "x"', {"browse.delete": ("x",)}),
        ('"browse.delete" = ["x", "ctrl+D", "X"]', {"browse.delete": ("x", "ctrl+d", "X")}),
        ('browse.delete = ["/", "slash"]', {"browse.delete": ("slash",)}),
        ('app.quit = "off"', {"app.quit": ()}),
        ("app.quit = []", {"app.quit": ()}),
        ('webhook.copy = "c"', {"webhook.copy": ("c",)}),
        # Two commands change places, and a key is given away by whoever had it.
        ('browse.delete = "h"\nbrowse.check = "d"', {"browse.delete": ("h",), "browse.check": ("d",)}),
        ('app.quit = "off"\nbrowse.check = "q"', {"app.quit": (), "browse.check": ("q",)}),
        # Another place may use the same key.
        ('webhook.clear = "h"', {"webhook.clear": ("h",)}),
        # These two share a key by default: only one of them can ever be used.
        ('webhook.save = "ctrl+w"\nwebhook.register = "ctrl+w"',
         {"webhook.save": ("ctrl+w",), "webhook.register": ("ctrl+w",)}),
    ],
)  # fmt: skip
def test_choices(keys: str, expected: dict[str, tuple[str, ...]], tmp_path: Path) -> None:
    assert changed(tmp_path, keys) == expected


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ('browse.delte = "x"',
         "2: 'browse.delte': there is no such command. Did you mean 'browse.delete'?"),
        ('zzz = "off"', "2: 'zzz': there is no such command."),
        ('browse.delete = "delte"',
         "2: 'browse.delete': 'delte' is no key. Did you mean 'delete'?"),
        ('browse.delete = "tab"',
         "2: 'browse.delete': 'tab' always goes to the next part: choose another key."),
        ('browse.delete = "h"',
         '2: browse.delete and browse.check are both on h. Give one of them another key, or "off".'),
        ('# a comment\nbrowse.delete = "?"',
         '3: browse.delete and app.help are both on ?. Give one of them another key, or "off".'),
        ('app.quit = "d"\nbrowse.delete = "off"',
         '2: app.quit and webhook.clear are both on d. Give one of them another key, or "off".'),
        ('webhook.save = "s"', TYPED.format("s")),
        ('webhook.save = "enter"', TYPED.format("enter")),
    ],
)  # fmt: skip
def test_choices_that_cannot_be(keys: str, sentence: str, tmp_path: Path) -> None:
    assert wrong(tmp_path, keys) == [sentence]


def test_all_that_is_wrong_is_told_and_the_first_is_raised(tmp_path: Path) -> None:
    keys = 'browse.delete = "q"\nbrowse.check = "hh"\nnothing = "x"'
    assert [sentence[:2] for sentence in wrong(tmp_path, keys)] == ["2:", "3:", "4:"]
    with pytest.raises(ConfigBroken, match=r"line 2: browse\.delete and app\.quit") as caught:
        keymap(SOME, config_of(tmp_path, keys))
    assert "There are 2 more" in caught.value.hint


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("a", "a"), ("A", "A"), ("shift+a", "A"), ("shift+A", "A"), ("é", "é"), ("ß", "ß"),
        ("1", "1"), ("?", "question_mark"), ("/", "slash"), ("question_mark", "question_mark"),
        ("slash", "slash"), ("solidus", "slash"), ("+", "plus"), ("plus", "plus"), (",", "comma"),
        ("-", "minus"), ("ctrl++", "ctrl+plus"), ("ctrl+-", "ctrl+minus"), ("€", "euro_sign"),
        ("euro_sign", "euro_sign"), (" ", "space"), ("space", "space"), (" d ", "d"),
        ("ctrl+d", "ctrl+d"), ("ctrl+D", "ctrl+d"), ("Ctrl+D", "ctrl+d"), ("control+d", "ctrl+d"),
        ("ctrl + d", "ctrl+d"), ("alt+d", "alt+d"), ("alt+D", "alt+shift+d"),
        ("shift+ctrl+d", "ctrl+shift+d"), ("ctrl+alt+d", "alt+ctrl+d"), ("cmd+d", "super+d"),
        ("ctrl+shift+left", "ctrl+shift+left"), ("shift+f2", "shift+f2"), ("F5", "f5"),
        ("f24", "f24"), ("esc", "escape"), ("Return", "enter"), ("del", "delete"),
        ("PgUp", "pageup"), ("page-down", "pagedown"), ("Page Down", "pagedown"), ("Home", "home"),
    ],
)  # fmt: skip
def test_how_people_write_keys(written: str, name: str) -> None:
    assert key_name(written) == name


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "is no key"), ("foo", "'foo' is no key"), ("f25", "'f25' is no key. Did you mean 'f"),
        ("escpe", "Did you mean 'escape'"), ("ctr+d", "'ctr' is none of ctrl, alt, shift, super"),
        ("ctrl+", "is missing"), ("ctrl+foo", "'foo' is no key"), ("d+e", "'d' is none of"),
        ("shift+?", "write the character"), ("ctrl+i", "reaches a program as tab"),
        ("ctrl+M", "reaches a program as enter"), ("ctrl+[", "reaches a program as escape"),
        ("\x1b", "is no key"), ("a,b", "is no key"), ("d\n e", "is no key"),
    ],
)  # fmt: skip
def test_what_is_no_key(written: str, why: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        key_name(written)
    assert why in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("character", [c for c in string.printable if not c.isspace()] + ["é", "€"])
def test_a_characters_name_is_textuals(character: str) -> None:
    name = key_name(character)
    assert name == _character_to_key(character)
    assert key_name(name) == name
    if character.isascii():
        assert key_text(name) == character
        assert is_typed(name)


def test_the_keys_by_default_are_well_formed() -> None:
    for command in COMMANDS:
        for key in command.keys:
            assert key_name(key) == key, command.id
            assert key_name(key_text(key)) == key, command.id
            assert not (command.priority and is_typed(key)), command.id


def test_no_two_commands_are_on_one_key_by_default() -> None:
    """Except where only one of them can ever be used."""
    clashes = {
        (one.id, other.id)
        for one, other in combinations(COMMANDS, 2)
        if (one.scope == other.scope or "app" in {one.scope, other.scope})
        and set(one.keys) & set(other.keys)
    }
    assert clashes == {("webhook.register", "webhook.save")}
