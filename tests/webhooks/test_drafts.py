"""Drafts on disk: nothing typed is lost, no secret is kept, and no file stops anybody."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from cognitui.tenants.errors import NotStored
from cognitui.webhooks.draft import NO_SECRET, Draft
from cognitui.webhooks.draft_keeper import DraftKeeper
from cognitui.webhooks.drafts import DraftStore, key_of, new_key
from tests.support.tenants import SIGNING_SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DRAFT = Draft(
    skill_id="s",
    endpoint_url="https://a.example/ü",
    triggers=("ON_MESSAGE",),
    templates={"ON_MESSAGE": '{"half": '},
    secret_key=SecretStr(SIGNING_SECRET),
    timeout_ms="3 s",
    webhook_id="wh_1",
    home="acme/bot_1",
)
BASE = DRAFT.with_(timeout_ms="3000", secret_key=NO_SECRET)
KEY = key_of("wh_1", "acme/bot_1")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "state" / "drafts"


@pytest.fixture
def former(tmp_path: Path) -> Path:
    return tmp_path / "state" / "draft.json"


@pytest.fixture
def store(directory: Path, former: Path) -> DraftStore:
    return DraftStore(directory, former)


def test_all_but_the_secret_comes_back(store: DraftStore, directory: Path) -> None:
    assert store.list() == []
    assert not directory.exists()
    store.save(KEY, DRAFT, BASE)
    (kept,) = store.list()
    assert (kept.key, kept.base) == (KEY, BASE)
    assert kept.draft == DRAFT.with_(secret_key=NO_SECRET)
    assert not kept.is_open_elsewhere
    path = directory / f"{KEY}.json"
    assert SIGNING_SECRET not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in directory.iterdir() if not p.name.startswith(".")] == [path.name]


def test_each_webhook_has_a_draft_of_its_own(store: DraftStore) -> None:
    keys = [new_key(), new_key(), KEY, key_of("wh_1", "acme/bot_2"), key_of("wh_2", "acme/bot_1")]
    assert len(set(keys)) == 5
    for number, key in enumerate(keys):
        store.save(key, DRAFT.with_(skill_id=str(number)), None)
    store.save(keys[1], DRAFT.with_(skill_id="newest"), None)
    assert [kept.draft.skill_id for kept in store.list()] == ["newest", "4", "3", "2", "0"]
    store.discard(keys[1])
    store.discard(keys[1])
    assert [kept.draft.skill_id for kept in store.list()] == ["4", "3", "2", "0"]


def test_half_a_character_can_be_kept(store: DraftStore) -> None:
    store.save(key_of("\ud800", ""), DRAFT.with_(skill_id="\ud800"), None)
    assert store.list()[0].draft.skill_id == "\ud800"


def test_a_draft_that_another_console_writes_is_told(store: DraftStore, directory: Path) -> None:
    store.save(KEY, DRAFT, None)
    path = directory / f"{KEY}.json"
    data = json.loads(path.read_text())
    assert data["pid"] == os.getpid()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        path.write_text(json.dumps(data | {"pid": other.pid}))
        assert store.list()[0].is_open_elsewhere
        other.communicate(b"\n")
    assert not store.list()[0].is_open_elsewhere
    for pid in (0, -1, 10**30):
        path.write_text(json.dumps(data | {"pid": pid}))
        assert not store.list()[0].is_open_elsewhere


FORMER: dict[str, Any] = {
    "skill_id": "s", "endpoint_url": "https://a.example", "triggers": [], "templates": {},
    "timeout_ms": "", "retry_count": "", "webhook_id": None,
}  # fmt: skip


@pytest.mark.parametrize("webhook_id", [None, "wh_1"])
def test_the_draft_of_an_earlier_version_is_read(
    store: DraftStore, former: Path, webhook_id: str | None
) -> None:
    former.parent.mkdir()
    former.write_text(json.dumps(FORMER | {"webhook_id": webhook_id, "home": "acme/bot_1"}))
    (kept,) = store.list()
    assert (kept.draft.endpoint_url, kept.draft.webhook_id) == ("https://a.example", webhook_id)
    assert kept.key == (KEY if webhook_id else "new-former")
    assert not former.exists()
    assert store.list()[0].draft == kept.draft
    store.discard(kept.key)
    assert store.list() == []


def test_what_a_newer_version_wrote_is_left_to_it(store: DraftStore, directory: Path) -> None:
    store.save(KEY, DRAFT, None)
    path = directory / f"{KEY}.json"
    newer = json.dumps(json.loads(path.read_text()) | {"version": 2, "draft": "another form"})
    path.write_text(newer)
    assert store.list() == []
    assert path.read_text() == newer


WHOLE = json.dumps({"version": 1, "at": "2026-05-17T12:00:00+00:00", "pid": 1, "draft": FORMER, "base": None})  # fmt: skip
DAMAGED = [
    b"",
    b"{",
    b"[]",
    b"7",
    b"null",
    b"{}",
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b" " * 2_000_000,
    WHOLE.replace("[]", "7").encode(),
    WHOLE.replace("{}", "[]").encode(),
    WHOLE.replace('"skill_id"', '"skillId"').encode(),
    WHOLE.replace("2026", "long ago").encode(),
    WHOLE.replace('"version": 1', '"version": "1"').encode(),
    WHOLE[:-5].encode(),
]


@pytest.mark.parametrize("content", DAMAGED, ids=lambda content: ascii(content[:40]))
@pytest.mark.parametrize("is_former", [False, True])
def test_a_damaged_file_is_set_aside(
    content: bytes, is_former: bool, store: DraftStore, directory: Path, former: Path
) -> None:
    store.save("new-other", DRAFT, None)
    path = former if is_former else directory / f"{KEY}.json"
    for number in (1, 2):
        path.write_bytes(content)
        assert [kept.key for kept in store.list()] == ["new-other"]
        name = f"{path.name}.damaged" if number == 1 else f"{path.name}.damaged-2"
        assert store.damaged == [path.with_name(name)]
        assert store.damaged[0].read_bytes() == content
        assert not path.exists()
    store.list()
    assert store.damaged == []


@given(content=st.binary(max_size=200))
def test_no_content_breaks_it(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.getbasetemp() / "any-drafts"
    directory.mkdir(exist_ok=True)
    (directory / "x.json").write_bytes(content)
    assert DraftStore(directory).list() == []


def test_a_file_that_cannot_be_read_is_left_alone(store: DraftStore, directory: Path) -> None:
    (directory / "folder.json").mkdir(parents=True)
    assert store.list() == []
    assert store.damaged == []
    with pytest.raises(NotStored):
        store.save("folder", DRAFT, None)
    with pytest.raises(NotStored):
        store.discard("folder")


# What is noted while one types


@pytest.fixture
def keeper(store: DraftStore) -> Iterator[DraftKeeper]:
    keeper = DraftKeeper(store)
    yield keeper
    assert keeper.is_written


def test_what_was_noted_last_is_what_is_written(keeper: DraftKeeper, store: DraftStore) -> None:
    keeper.note(KEY, DRAFT, BASE)
    keeper.note(KEY, DRAFT.with_(skill_id="last"), BASE)
    keeper.note("new-1", DRAFT, None)
    keeper.note("new-2", DRAFT, None)
    keeper.give_up("new-2")
    assert not keeper.is_written
    assert store.list() == []
    keeper.flush()
    assert {kept.key: kept.draft.skill_id for kept in store.list()} == {KEY: "last", "new-1": "s"}
    keeper.give_up(KEY)
    keeper.flush()
    assert [kept.key for kept in store.list()] == ["new-1"]


def test_a_disk_that_refuses_stops_nobody_and_is_asked_again(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    store = DraftStore(blocked / "drafts")
    keeper = DraftKeeper(store)
    keeper.note(KEY, DRAFT, None)
    keeper.flush()
    assert "could not be written" in str(keeper.problem)
    assert not keeper.is_written
    blocked.unlink()
    keeper.flush()
    assert (keeper.problem, keeper.is_written) == (None, True)
    assert len(store.list()) == 1


def test_typing_goes_on_while_it_is_written(keeper: DraftKeeper, store: DraftStore) -> None:
    with ThreadPoolExecutor(4) as threads:
        for number in range(200):
            keeper.note(KEY, DRAFT.with_(skill_id=str(number)), None)
            if number % 10 == 0:
                threads.submit(keeper.flush)
    keeper.flush()
    assert [kept.draft.skill_id for kept in store.list()] == ["199"]
