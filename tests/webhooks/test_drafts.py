"""The draft on disk: nothing typed is lost, no secret is kept, and no file stops anybody."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from cognitui.webhooks.draft import NO_SECRET, Draft
from cognitui.webhooks.drafts import DraftStore
from tests.support.tenants import SIGNING_SECRET

if TYPE_CHECKING:
    from pathlib import Path

DRAFT = Draft(
    skill_id="s",
    endpoint_url="https://a.example/ü",
    triggers=("ON_MESSAGE",),
    templates={"ON_MESSAGE": '{"half": '},
    secret_key=SecretStr(SIGNING_SECRET),
    timeout_ms="3 s",
    webhook_id="wh_1",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "draft.json"


@pytest.fixture
def store(path: Path) -> DraftStore:
    return DraftStore(path)


def test_all_but_the_secret_comes_back(store: DraftStore, path: Path) -> None:
    assert store.load() is None
    store.save(DRAFT)
    assert store.load() == DRAFT.with_(secret_key=NO_SECRET)
    assert SIGNING_SECRET not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["draft.json"]


def test_the_last_one_wins_until_it_is_cleared(store: DraftStore) -> None:
    store.save(DRAFT)
    store.save(DRAFT.with_(skill_id="other", webhook_id=None))
    loaded = store.load()
    assert loaded is not None
    assert (loaded.skill_id, loaded.webhook_id) == ("other", None)
    store.clear()
    assert store.load() is None
    store.clear()


def test_half_a_character_can_be_kept(store: DraftStore) -> None:
    store.save(DRAFT.with_(skill_id="\ud800"))
    loaded = store.load()
    assert loaded is not None
    assert loaded.skill_id == "\ud800"


WHOLE = json.dumps(
    {
        "skill_id": "s", "endpoint_url": "", "triggers": [], "templates": {},
        "timeout_ms": "", "retry_count": "", "webhook_id": None,
    }
)  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"null",
        b"{}",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        WHOLE.replace("[]", "7").encode(),
        WHOLE.replace("{}", "[]").encode(),
        WHOLE.replace('"skill_id"', '"skillId"').encode(),
        WHOLE[:-5].encode(),
    ],
    ids=lambda content: ascii(content[:40]),
)
def test_a_corrupt_file_is_no_draft(content: bytes, store: DraftStore, path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    assert store.load() is None
    store.save(DRAFT)
    assert store.load() is not None


@given(content=st.binary(max_size=200))
def test_no_content_breaks_it(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "draft.json"
    path.write_bytes(content)
    assert DraftStore(path).load() is None


def test_a_disk_that_refuses_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    blocked = DraftStore(tmp_path / "file" / "draft.json")
    blocked.save(DRAFT)
    assert blocked.load() is None
    blocked.clear()
    (tmp_path / "folder.json" / "x").mkdir(parents=True)
    folder = DraftStore(tmp_path / "folder.json")
    folder.save(DRAFT)
    assert folder.load() is None
    folder.clear()
