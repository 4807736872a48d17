"""Tenants that go from one machine to another, without their keys."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from cognitui.audit.records import Action
from cognitui.tenants.profiles import Colour, Profile, ProfileStore
from tests.tenants.support import CREDENTIALS, vault

if TYPE_CHECKING:
    from pathlib import Path

    from .support import Cli

URL = "https://acme.cognigy.ai/api/v1"
PASSPHRASE = SecretStr("correct horse battery staple")


def store(cli: Cli) -> ProfileStore:
    return ProfileStore(cli.home / "config" / "profiles.json")


@pytest.fixture
def stored(empty: Cli) -> Cli:
    """Commands that know acme, whose key is in the vault, and beta."""
    store(empty).save(
        Profile(name="acme", base_url=URL, key_fingerprint="sha256:0123abcd", is_production=True)
    )
    store(empty).save(Profile(name="beta", base_url="https://beta.cognigy.ai"))
    safe = vault(empty.home / "data" / "vault.json")
    safe.create(PASSPHRASE)
    safe.put("acme", CREDENTIALS)
    return empty


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tenants.json"


def change(file: Path, name: str, **fields: object) -> None:
    values = json.loads(file.read_text())
    values["profiles"].setdefault(name, {}).update(fields)
    file.write_text(json.dumps(values, indent=2))


def test_there_and_back(stored: Cli, file: Path) -> None:
    before = store(stored).list()
    result = stored.run("tenants", "export", str(file), "--json")
    assert result.json == {"exported": ["acme", "beta"], "file": str(file)}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for word in ("0123abcd", *(s.get_secret_value() for s in (CREDENTIALS.api_key,))):
        assert word not in file.read_text()
    assert stored.run("tenants", "import", str(file)).status == 0
    assert store(stored).list() == before
    store(stored).remove("beta")
    result = stored.run("tenants", "import", str(file))
    assert result.status == 0
    assert result.out == "acme: is here already\nbeta: new\nStored: beta.\n"
    assert store(stored).list() == before
    assert [one.action for one in stored.records()] == [Action.TENANT_ADD]


def test_standard_output_and_only_some(stored: Cli) -> None:
    text = stored.run("tenants", "export", "--tenant", "beta").out
    assert list(json.loads(text)["profiles"]) == ["beta"]
    assert stored.run("tenants", "export", "--tenant", "beta", "--json").json == json.loads(text)
    assert stored.run("tenants", "export", "--tenant", "acne").status == 2


def test_what_differs_is_shown_and_needs_replace(stored: Cli, file: Path) -> None:
    stored.run("tenants", "export", str(file))
    change(file, "beta", colour="blue", webhook_limit=7)
    result = stored.run("tenants", "import", str(file))
    assert result.status == 1
    assert result.out == (
        "acme: is here already\n"
        "beta: differs\n  webhook_limit: 50 → 7\n  colour: none → blue\n"
        "Stored: none.\n"
    )
    assert "--replace" in result.err
    assert store(stored).get("beta").colour is Colour.NONE
    result = stored.run("tenants", "import", str(file), "--replace", "--json")
    assert (result.status, result.json["stored"]) == (0, ["beta"])
    assert result.json["tenants"][1] == {
        "name": "beta",
        "outcome": "changed",
        "changes": {
            "webhook_limit": {"before": 50, "after": 7},
            "colour": {"before": "none", "after": "blue"},
        },
        "reason": None,
    }
    assert store(stored).get("beta").colour is Colour.BLUE
    assert [one.action for one in stored.records()] == [Action.TENANT_CHANGE]


def test_a_dry_run_stores_nothing(stored: Cli, file: Path) -> None:
    stored.run("tenants", "export", str(file))
    change(file, "gamma", base_url="https://gamma.cognigy.ai")
    before = store(stored).list()
    result = stored.run("tenants", "import", str(file), "--dry-run", "--json")
    assert (result.status, result.json["stored"]) == (0, [])
    assert store(stored).list() == before


def test_a_key_is_not_led_to_another_host(stored: Cli, file: Path) -> None:
    stored.run("tenants", "export", str(file))
    change(file, "acme", base_url="https://evil.example/api/v1")
    result = stored.run("tenants", "import", str(file), "--replace")
    assert result.status == 1
    assert "acme: refused. Its key is here, and would go to another host." in result.out
    assert store(stored).get("acme").base_url == URL


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b" " * 2_000_000])
def test_a_file_that_is_none_of_ours(stored: Cli, file: Path, content: bytes) -> None:
    before = store(stored).list()
    file.write_bytes(content)
    result = stored.run("tenants", "import", str(file), "--json")
    assert (result.status, result.json["error"]["code"]) == (2, "profiles_broken")
    assert store(stored).list() == before
    assert stored.run("tenants", "import", str(file.with_name("none"))).status == 2


def test_from_standard_input(empty: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps({"version": 1, "profiles": {"acme": {"base_url": URL}}})
    assert empty.run("tenants", "import", "-", stdin=text).status == 0
    assert store(empty).get("acme").base_url == URL


def test_what_a_file_is_about_does_not_steer_the_terminal(empty: Cli, tmp_path: Path) -> None:
    file = tmp_path / "tenants.json"
    name = "a\x1b]0;title\x07\u202eb"
    body = {"base_url": "https://acme.example"}
    file.write_text(json.dumps({"version": 1, "profiles": {name: body}}))
    result = empty.run("tenants", "import", str(file))
    assert result.status == 2
    assert r"a\x1b]0;title\x07\u202eb: A name is 1 to 40" in result.err
