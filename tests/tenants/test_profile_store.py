from __future__ import annotations

import json
import os
import stat
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from cognitui.errors import UsageError
from cognitui.tenants.errors import ProfileNotFound, ProfilesBroken
from cognitui.tenants.profiles import Colour, Profile, ProfileStore

if TYPE_CHECKING:
    from pathlib import Path

ACME = Profile(
    name="acme",
    base_url="https://acme.cognigy.ai/api/v1",
    webhook_limit=10,
    bot_id="bot_1",
    monitor_url="https://monitor.example/sync",
    key_fingerprint="sha256:0123abcd",
    last_used=datetime(2026, 1, 31, 12, 0, 0, 5, tzinfo=UTC),
)
BETA = Profile(name="beta", base_url="https://beta.cognigy.ai")


@pytest.fixture
def store(tmp_path: Path) -> ProfileStore:
    return ProfileStore(tmp_path / "config" / "profiles.json")


def test_without_a_file_there_are_no_profiles(store: ProfileStore) -> None:
    assert store.load() == {}
    assert store.list() == []
    assert not store.path.parent.exists()


def test_profiles_come_back_as_they_were(store: ProfileStore) -> None:
    store.save(BETA)
    store.save(ACME)
    again = ProfileStore(store.path)
    assert again.list() == [ACME, BETA]
    assert again.get("acme") == ACME
    assert again.load() == {"acme": ACME, "beta": BETA}


def test_saving_replaces_the_one_of_the_same_name(store: ProfileStore) -> None:
    store.save(BETA)
    store.save(BETA.model_copy(update={"webhook_limit": 7}))
    assert store.get("beta").webhook_limit == 7


def test_removing(store: ProfileStore) -> None:
    store.save(ACME)
    store.save(BETA)
    store.remove("acme")
    assert store.list() == [BETA]
    with pytest.raises(ProfileNotFound):
        store.remove("acme")


def test_noting_the_last_use(store: ProfileStore) -> None:
    store.save(BETA)
    moment = datetime(2026, 2, 1, tzinfo=UTC)
    assert store.touch("beta", moment).last_used == moment
    assert store.get("beta").last_used == moment
    assert (store.touch("beta").last_used or moment) > moment
    with pytest.raises(ProfileNotFound):
        store.touch("acme")


def test_an_unknown_name_is_answered_with_the_nearest(store: ProfileStore) -> None:
    store.save(ACME)
    with pytest.raises(ProfileNotFound) as caught:
        store.get("acne")
    assert caught.value.hint == "Did you mean 'acme'?"
    assert isinstance(caught.value, UsageError)
    with pytest.raises(ProfileNotFound) as caught:
        store.get("something-else")
    assert caught.value.hint


def test_the_file_is_readable_by_its_owner_alone_and_by_eye(store: ProfileStore) -> None:
    old = os.umask(0)
    try:
        store.save(BETA)
    finally:
        os.umask(old)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert json.loads(store.path.read_text()) == {
        "version": 1,
        "profiles": {
            "beta": {
                "base_url": "https://beta.cognigy.ai",
                "webhook_limit": 50,
                "requests_per_minute": 100,
            }
        },
    }


def test_many_at_once_lose_nothing(store: ProfileStore) -> None:
    def save(prefix: str) -> None:
        own = ProfileStore(store.path)
        for number in range(15):
            own.save(BETA.model_copy(update={"name": f"{prefix}{number}"}))

    threads = [threading.Thread(target=save, args=(prefix,)) for prefix in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.load()) == 45


ONE = '{\n  "version": 1,\n  "profiles": {\n    "acme": {\n      %s\n    }\n  }\n}\n'
URL = '"base_url": "https://a.example"'


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("{", 1, "it is not JSON"),
        ('{\n"version": 1,\n}', 3, "it is not JSON"),
        ("[]", 1, "it must hold an object"),
        ('{"version": 1,\n "profile": {}}', 2, "unknown key 'profile'. Did you mean 'profiles'?"),
        ('{\n"version": 2}', 2, "version 2 is not one that this cognitui knows"),
        ("{}", 1, "version None is not one"),
        ('{"version": 1,\n"profiles": []}', 2, "profiles must be an object"),
        ('{"version": 1,\n"profiles": {\n"a": 5}}', 3, "the profile 'a' must be an object"),
        (ONE % f'"name": "b", {URL}', 4, "without a name of its own"),
        (ONE % f'{URL},\n"base_ulr": 1', 6, "Did you mean 'base_url'?"),
        (ONE % f'{URL},\n\n"webhook_limit": "many"', 7, "webhook limit is a whole number"),
        (ONE % '"base_url": "ftp://a.example"', 5, "scheme must be http or https"),
        (ONE % "", 4, "The base URL is needed"),
        (ONE % f"{URL},\n{URL}", 6, "'base_url' is there twice"),
        ((ONE % URL).replace("acme", "ACME"), 4, "A name is 1 to 40"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_file_is_left_alone(
    store: ProfileStore, text: str, line: int, words: str
) -> None:
    store.path.parent.mkdir()
    store.path.write_text(text)
    for attempt in (
        store.load,
        lambda: store.save(BETA),
        lambda: store.remove("acme"),
        lambda: store.touch("acme"),
    ):
        with pytest.raises(ProfilesBroken) as caught:
            attempt()
        message = caught.value.message
        assert f"{store.path}, line {line}: " in message
        assert words in message
        assert caught.value.hint
        assert store.path.read_text() == text


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[" * 100_000, b" " * 2_000_000])
def test_something_else_is_refused_and_left_alone(store: ProfileStore, content: bytes) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(content)
    with pytest.raises(ProfilesBroken, match=r"profiles\.json"):
        store.save(ACME)
    assert store.path.read_bytes() == content


def test_a_directory_in_the_place_of_the_file(store: ProfileStore) -> None:
    store.path.mkdir(parents=True)
    with pytest.raises(ProfilesBroken, match="Is a directory"):
        store.load()


def test_the_marks_come_back(store: ProfileStore) -> None:
    marked = BETA.model_copy(update={"colour": Colour.VIOLET, "is_production": True})
    store.save(marked)
    assert store.get("beta") == marked
    body = json.loads(store.path.read_text())["profiles"]["beta"]
    assert (body["colour"], body["is_production"]) == ("violet", True)


def test_a_file_from_before_there_were_marks(store: ProfileStore) -> None:
    store.path.parent.mkdir()
    store.path.write_text(ONE % URL)
    found = store.get("acme")
    assert (found.colour, found.is_production) == (Colour.NONE, False)


def test_a_link_to_the_file_stays_one(store: ProfileStore, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere" / "mine.json"
    real.parent.mkdir()
    store.path.parent.mkdir()
    store.path.symlink_to(real)
    store.save(ACME)
    store.save(BETA)
    assert store.path.is_symlink()
    assert ProfileStore(real).list() == [ACME, BETA]
    assert sorted(file.name for file in store.path.parent.iterdir()) == ["profiles.json"]
