from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.schemes.ready import COGNIGY, JAMBONZ, STANDARD
from cognitui.workspace.scheme_choices import SchemeChoices

if TYPE_CHECKING:
    from pathlib import Path

HOME = "acme/bot_1"


def test_a_choice_holds_for_its_webhook_and_outlives_the_run(tmp_path: Path) -> None:
    path = tmp_path / "state" / "schemes.json"
    choices = SchemeChoices(path)
    assert choices.scheme_of(HOME, "wh_1") is COGNIGY
    choices.choose(HOME, "wh_1", STANDARD)
    again = SchemeChoices(path)
    assert again.scheme_of(HOME, "wh_1") is STANDARD
    assert again.scheme_of(HOME, "wh_2") is COGNIGY
    assert again.scheme_of("acme/bot_2", "wh_1") is COGNIGY
    assert path.stat().st_mode & 0o077 == 0


def test_two_consoles_do_not_undo_each_other(tmp_path: Path) -> None:
    path = tmp_path / "schemes.json"
    one, two = SchemeChoices(path), SchemeChoices(path)
    assert one.scheme_of(HOME, "wh_1") is two.scheme_of(HOME, "wh_1")
    one.choose(HOME, "wh_1", STANDARD)
    two.choose(HOME, "wh_2", JAMBONZ)
    again = SchemeChoices(path)
    assert (again.scheme_of(HOME, "wh_1"), again.scheme_of(HOME, "wh_2")) == (STANDARD, JAMBONZ)
    again.choose(HOME, "wh_1", COGNIGY)
    assert SchemeChoices(path).scheme_of(HOME, "wh_1") is COGNIGY


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "schemes.json"
    path.write_text('["not what it was"')
    choices = SchemeChoices(path)
    assert choices.scheme_of(HOME, "wh_1") is COGNIGY
    choices.choose(HOME, "wh_1", STANDARD)
    assert path.with_suffix(".damaged").read_text() == '["not what it was"'
    assert SchemeChoices(path).scheme_of(HOME, "wh_1") is STANDARD
