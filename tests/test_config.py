"""The settings: one file, the environment and flags, in this rising order, and loud when wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cognitui.config import (
    SETTINGS,
    THEMES,
    Config,
    ConfigBroken,
    KeyChoice,
    Setting,
    Source,
    Value,
)
from cognitui.config_reader import problems
from cognitui.settings import Environment, Paths, Settings, problems_of

if TYPE_CHECKING:
    from pathlib import Path

ONE_OF = f"must be one of {', '.join(THEMES)}"
MINUTES = "must be a whole number from 0 to 10080"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def wrong(path: Path, text: str, **environ: str) -> list[tuple[int | None, str]]:
    """The lines and sentences of all that is wrong; the file's name is left out of each."""
    path.write_text(text, encoding="utf-8", newline="")
    found = problems(path, environ)
    assert all(problem.message.endswith((".", "?")) for problem in found)
    return [
        (problem.line, problem.message.removeprefix(f"{path}, line {problem.line}: "))
        for problem in found
    ]


def test_without_a_file_everything_has_its_default(path: Path) -> None:
    config = Config.load(path, {})
    assert (config.theme, config.mouse, config.read_only, config.tenant, config.restore) == (
        "dark", True, False, "", True,
    )  # fmt: skip
    assert {config.source(setting.name) for setting in SETTINGS} == {Source.DEFAULT}
    assert (config.keys, config.file) == ({}, None)
    assert not path.exists()


def test_a_flag_wins_over_the_environment_and_that_over_the_file(path: Path) -> None:
    path.write_text('theme = "light"\nmouse = false\ntenant = "acme"\nread_only = true\n')
    environ = {"COGNITUI_THEME": "ansi-dark", "COGNITUI_READ_ONLY": "no"}
    config = Config.load(path, environ, {"theme": "high-contrast"})
    assert (config.theme, config.read_only, config.mouse) == ("high-contrast", False, False)
    assert [config.source(name) for name in ("theme", "read_only", "mouse", "restore")] == [
        "flag", "environment", "file", "default",
    ]  # fmt: skip
    assert [config.place(name) for name in ("theme", "read_only", "mouse", "restore")] == [
        "--theme", "COGNITUI_READ_ONLY", "config.toml, line 2", "default",
    ]  # fmt: skip
    assert (config.in_file("theme"), config.in_file("restore")) == ("light", True)


def test_a_switch_can_be_turned_both_ways_by_its_flag(path: Path) -> None:
    path.write_text("read_only = true\n")
    config = Config.load(path, {}, {"read_only": False, "mouse": False})
    assert (config.read_only, config.place("read_only")) == (False, "--no-read-only")
    assert (config.mouse, config.place("mouse")) == (False, "--no-mouse")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_each_setting_is_read_from_each_source(setting: Setting, path: Path) -> None:
    if isinstance(setting.default, bool):
        value: Value = not setting.default
        in_file = str(value).lower()
    elif isinstance(setting.default, int):
        value = setting.default + 1
        in_file = str(value)
    else:
        value = setting.choices[-1] if setting.choices else "acme"
        in_file = f'"{value}"'
    path.write_text(f"{setting.name} = {in_file}\n")
    from_file = Config.load(path, {})
    path.unlink()
    from_environment = Config.load(path, {setting.variable: str(value)})
    found = [from_file, from_environment]
    if setting.flags:
        found.append(Config.load(path, {}, {setting.name: value}))
    for config in found:
        assert getattr(config, setting.name) == value


@pytest.mark.parametrize(
    ("word", "value"),
    [("1", True), ("TRUE", True), ("yes", True), ("on", True),
     ("0", False), ("False", False), ("no", False), ("off", False)],
)  # fmt: skip
def test_how_the_environment_spells_a_switch(word: str, value: bool, path: Path) -> None:
    assert Config.load(path, {"COGNITUI_MOUSE": word}).mouse is value


@pytest.mark.parametrize("text", ["-1", "5m", "1_0", "\u0665", "10081", "9" * 5000])
def test_a_number_that_is_none(text: str, path: Path) -> None:
    with pytest.raises(ConfigBroken, match="COGNITUI_VAULT_IDLE_MINUTES must be a whole number"):
        Config.load(path, {"COGNITUI_VAULT_IDLE_MINUTES": text})
    with pytest.raises(ConfigBroken, match="--vault-idle-minutes must be a whole number"):
        Config.load(path, {}, {"vault_idle_minutes": text})
    assert Config.load(path, {}, {"vault_idle_minutes": "0"}).vault_idle_minutes == 0


def test_a_variable_that_is_empty_counts_as_absent(path: Path) -> None:
    path.write_text('theme = "light"\n')
    assert Config.load(path, {"COGNITUI_THEME": " "}).theme == "light"


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ('\n\nthem = "dark"', 3, "there is no setting 'them'. Did you mean 'theme'?"),
        ("read-only = true", 1, "there is no setting 'read-only'. Did you mean 'read_only'?"),
        ("zzz = 1", 1, "there is no setting 'zzz'."),
        ("[theme]\nname = 1", 1, f"theme {ONE_OF}, not a table."),
        ('theme = "drak"', 1, f"theme {ONE_OF}, not 'drak'. Did you mean 'dark'?"),
        ('\nmouse = "no"', 2, "mouse must be true or false, not 'no'."),
        ("read_only = 1", 1, "read_only must be true or false, not 1."),
        ("vault_idle_minutes = true", 1, f"vault_idle_minutes {MINUTES}, not true."),
        ('vault_idle_minutes = "5"', 1, f"vault_idle_minutes {MINUTES}, not '5'."),
        ("vault_idle_minutes = -1", 1, f"vault_idle_minutes {MINUTES}, not -1."),
        ("vault_idle_minutes = 1.5", 1, f"vault_idle_minutes {MINUTES}, not 1.5."),
        ("watch_minutes = 0", 1, "watch_minutes must be a whole number from 1 to 1440, not 0."),
        ("vault_idle_minutes = 10081", 1, f"vault_idle_minutes {MINUTES}, not 10081."),
        ("tenant = true", 1, "tenant must be a text in quotes, not true."),
        ("tenant = []", 1, "tenant must be a text in quotes, not a list."),
        ("keys = 5", 1, "keys must be a table: write [keys]."),
        ("[key]\n", 1, "there is no setting 'key'. Did you mean 'keys'?"),
        ("# a\n[keys]\n# b\nbrowse.delete = 5", 4,
         "'browse.delete' must be a key, a list of keys, or \"off\", not 5."),
        ('[keys]\n"browse.delete" = ["x",\n 5]', 2,
         "'browse.delete' must be a key, a list of keys, or \"off\", not a list."),
        ('[keys.browse]\ncheck = "c"\ndelete = ["off", "x"]', 3,
         "'browse.delete' must be \"off\" alone, or a list of keys."),
        ('[keys]\nbrowse.delete = "x"\n"browse.delete" = "y"', 3, "'browse.delete' is there twice."),
        ('a = """\n\n"""\nb = 1', 1, "there is no setting 'a'."),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_file(text: str, line: int, sentence: str, path: Path) -> None:
    assert wrong(path, text)[0] == (line, sentence)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("theme = ", 1),
        ('theme = "dark"\nmouse == true\n', 2),
        ('theme = "dark"\ntheme = "light"\n', 2),
        ('theme = "dark"\r\n\r\nmouse\r\n', 3),
        ("x = [1,\n2\n", 2),
        ("\ufeff# a mark\ntheme = dark\n", 2),
    ],
)  # fmt: skip
def test_a_file_that_is_not_toml_is_told_with_the_line(text: str, line: int, path: Path) -> None:
    ((found, sentence),) = wrong(path, text)
    assert found == line
    assert sentence.startswith("it is not TOML: ")


def test_the_line_is_that_of_the_key_itself(path: Path) -> None:
    """Not of a value, a comment, or a key of the same name in another table."""
    path.write_text(
        'tenant = """\nmouse = 1\n"""  # theme\n\n[keys]\n# mouse\na = [\n  "theme",\n]\n'
        '"theme" = "\u2028"\nb = {c = "d"}\n',
        encoding="utf-8",
    )
    file = Config.load(path, {}).file
    assert file is not None
    assert file.line("tenant") == 1
    assert file.line("keys") == 5
    assert file.line("keys", "a") == 7
    assert file.line("keys", "theme") == 10
    assert file.line("keys", "b", "c") == 11
    assert file.line("keys", "nothing") == 5
    assert file.line("nothing") == 1


def test_all_problems_are_found_and_the_first_is_raised_with_their_number(path: Path) -> None:
    text = 'them = "dark"\nmouse = 1\ntenant = 2\n'
    assert [line for line, _ in wrong(path, text, COGNITUI_RESTORE="maybe")] == [None, 1, 2, 3]
    with pytest.raises(ConfigBroken) as caught:
        Config.load(path, {})
    assert caught.value.line == 1
    assert caught.value.hint == (
        "Correct it there. There are 2 more: `cognitui config check` lists them."
    )
    path.write_text("mouse = 1\n")
    with pytest.raises(ConfigBroken) as caught:
        Config.load(path, {})
    assert caught.value.hint == "Correct it there."


@pytest.mark.parametrize(
    ("environ", "flags", "sentence"),
    [
        ({"COGNITUI_MOUSE": "maybe"}, {}, "COGNITUI_MOUSE must be true or false, not 'maybe'."),
        ({"COGNITUI_THEME": "lite"}, {}, f"COGNITUI_THEME {ONE_OF}, not 'lite'. Did you mean 'light'?"),
        ({}, {"theme": "x\x1b[2J"}, f"--theme {ONE_OF}, not 'x\\x1b[2J'."),
    ],
)  # fmt: skip
def test_what_is_wrong_elsewhere(
    environ: dict[str, str], flags: dict[str, str], sentence: str, path: Path
) -> None:
    with pytest.raises(ConfigBroken) as caught:
        Config.load(path, environ, flags)
    assert (caught.value.message, caught.value.line) == (sentence, None)


def test_a_file_that_cannot_be_read(path: Path) -> None:
    path.mkdir()
    assert problems(path, {})[0].message == f"{path} cannot be read: Is a directory."
    path.rmdir()
    path.write_bytes(b'theme = "\xff"')
    assert problems(path, {})[0].message == f"{path} cannot be read: it is not UTF-8 text."
    path.write_text("#" * (1024 * 1024 + 1))
    assert problems(path, {})[0].message == f"{path} cannot be read: it is larger than 1 MiB."
    path.write_text("a = " + "[" * 100_000)
    assert problems(path, {})[0].message == f"{path} cannot be read: it is nested too deeply."
    assert problems(path / "below", {}) == []


def test_keys_may_be_written_as_one_key_or_as_tables(path: Path) -> None:
    path.write_text(
        '[keys]\nbrowse.delete = "x"\n"browse.check" = ["h", "f5"]\napp.quit = "off"\n'
        "[keys.audit]\nsync = []\n"
    )
    assert Config.load(path, {}).keys == {
        "browse.delete": KeyChoice(("x",), ("browse", "delete")),
        "browse.check": KeyChoice(("h", "f5"), ("browse.check",)),
        "app.quit": KeyChoice((), ("app", "quit")),
        "audit.sync": KeyChoice((), ("audit", "sync")),
    }


def test_settings_take_the_file_from_the_home(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text('tenant = "acme"\nmouse = false\n')
    settings = Settings.load({"COGNITUI_HOME": str(tmp_path)}, {"mouse": True})
    assert (settings.tenant, settings.config.mouse) == ("acme", True)


@pytest.mark.parametrize(
    ("in_file", "variable", "flag", "base_url", "tenant"),
    [
        ("", "", "", "", None),
        ("a", "", "", "", "a"),
        ("a", "b", "", "", "b"),
        ("a", "b", "c", "", "c"),
        ("a", "", "", "https://acme.example", None),  # the environment's own wins over the file's
        ("a", "b", "", "https://acme.example", "b"),
        ("a", "", "c", "https://acme.example", "c"),
    ],
)
def test_which_tenant_is_asked_for(
    *, in_file: str, variable: str, flag: str, base_url: str, tenant: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'tenant = "{in_file}"\n' if in_file else "")
    config = Config.load(path, {"COGNITUI_TENANT": variable}, {"tenant": flag} if flag else {})
    paths = Paths(tmp_path, tmp_path, tmp_path)
    assert Settings(paths, Environment(base_url=base_url or None), config).tenant == tenant


def test_a_variable_that_nobody_reads_is_told_with_the_nearest(tmp_path: Path) -> None:
    paths = Paths(tmp_path, tmp_path, tmp_path)
    environ = {"COGNITUI_THEMES": "x", "COGNITUI_API_KEY": "x", "COGNITUI_HOME": "x", "OTHER": "x"}
    assert [problem.message for problem in problems_of(paths, environ)] == [
        "cognitui has no variable COGNITUI_THEMES. Did you mean 'COGNITUI_THEME'?"
    ]
