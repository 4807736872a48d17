from __future__ import annotations

import getpass
import os
import socket
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cognitui.audit import actor as actors
from cognitui.audit.actor import MAX_ACTOR, actor
from cognitui.audit.records import Action
from cognitui.settings import Environment, Paths, problems_of
from cognitui.workspace import Workspace
from tests.workspace.support import settings_in

from .support import record

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    actors._of_this_machine.cache_clear()


def test_it_is_who_runs_this_and_where() -> None:
    name, _, machine = actor().partition("@")
    assert name == subprocess.check_output(["id", "-un"], text=True).strip()
    assert machine == socket.gethostname()


def test_the_environment_cannot_say_so_by_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "somebody-else")
    assert getpass.getuser() == "somebody-else"
    assert "somebody-else" not in actor()


def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000_000)
    assert actor().startswith("4000000000@")


def test_it_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = actor()
    monkeypatch.setattr(socket, "gethostname", lambda: "elsewhere")
    assert actor() == first


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("ci/deploy #12", "ci/deploy #12"),
        ("a\x1b[31m\nb", "a\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}b"),
        ("x" * 1000, "x" * MAX_ACTOR),
    ],
    ids=["usual", "hostile", "long"],
)
def test_a_given_name_is_short_and_on_one_line(given: str, kept: str) -> None:
    assert actor(given) == kept
    assert record(actor=given).actor == kept


def test_the_variable_is_known(tmp_path: Path) -> None:
    environment = {"COGNITUI_ACTOR": " ci ", "COGNITUI_HOME": str(tmp_path)}
    assert Environment.read(environment).actor == "ci"
    assert Environment.read({}).actor is None
    assert problems_of(Paths.default(environment), environment) == []


async def test_every_record_of_a_workspace_tells_it(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    named = replace(settings, environment=replace(settings.environment, actor="ci"))
    for one, expected in ((settings, actor()), (named, "ci")):
        async with Workspace(one) as workspace:
            async with workspace.trail.recorded(Action.MONITOR_SYNC, tenant="acme", bot_id=""):
                pass
            (written,) = await workspace.log.recent(limit=1)
        assert written.actor == expected
