"""Commands that change something at a tenant which is marked as production."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cognitui.tenants.profiles import Profile, ProfileStore
from tests.support.tenants import credentials_of
from tests.tenants.support import PASSPHRASE, vault

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.sandbox import Sandbox

    from .support import Cli, Result

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def production(empty: Cli, sandbox: Sandbox) -> Cli:
    """Commands with a stored sandbox that is marked as production."""
    info = sandbox.info
    ProfileStore(empty.home / "config" / "profiles.json").save(
        Profile(name="acme", base_url=info.base_url, bot_id=info.bot_id, is_production=True)
    )
    safe = vault(empty.home / "data" / "vault.json")
    safe.create(PASSPHRASE)
    safe.put("acme", credentials_of(sandbox))
    empty.environment["COGNITUI_VAULT_PASSPHRASE"] = PASSPHRASE.get_secret_value()
    return empty


@pytest.fixture
def webhook(production: Cli) -> str:
    (first, *_) = production.run("webhooks", "list", "--json").json["items"]
    return str(first["id"])


def delete(cli: Cli, webhook: str, *more: str, typed: str | None = None) -> Result:
    return cli.run(
        "webhooks", "delete", webhook, "--yes", "--json", *more,
        stdin=typed or "", terminal=typed is not None,
    )  # fmt: skip


def test_reading_asks_nothing(production: Cli) -> None:
    assert production.run("webhooks", "list").status == 0


def test_without_a_person_the_name_has_to_be_given(
    production: Cli, sandbox: Sandbox, webhook: str
) -> None:
    asked = len(sandbox.tenant.requests)
    result = delete(production, webhook)
    assert (result.status, result.json["error"]["code"]) == (2, "production_not_confirmed")
    assert "--confirm-production acme" in result.err
    result = delete(production, webhook, "--confirm-production", "acne")
    assert (result.status, result.json["error"]["code"]) == (2, "production_not_confirmed")
    assert len(sandbox.tenant.requests) == asked  # not even a token
    assert delete(production, webhook, "--confirm-production", "acme").status == 0


@pytest.mark.parametrize("typed", ["\n", "yes\n", "acme2\n", ""])
def test_a_person_who_does_not_type_the_name(production: Cli, webhook: str, typed: str) -> None:
    result = delete(production, webhook, typed=typed)
    assert result.status == 2
    assert "acme is a production tenant. Type its name to go on:" in result.err
    assert "Nothing was changed." in result.err
    assert webhook in production.run("webhooks", "list", "--json").out


def test_a_person_who_does(production: Cli, webhook: str) -> None:
    assert delete(production, webhook, typed="acme\n").status == 0


def test_both_questions_are_asked(production: Cli, webhook: str) -> None:
    result = production.run(
        "webhooks", "delete", webhook, stdin=f"acme\n{webhook}\n", terminal=True
    )
    assert result.status == 0


def test_registering(production: Cli, sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "webhook.json"
    info = sandbox.info
    file.write_text(
        json.dumps(
            {
                "skill_id": info.skill_id,
                "endpoint_url": info.webhook_url,
                "triggers": [{"event": "ON_MESSAGE"}],
                "secret_key": SECRET,
            }
        )
    )
    command = ("webhooks", "register", str(file), "--json")
    result = production.run(*command)
    assert (result.status, result.json["error"]["code"]) == (2, "production_not_confirmed")
    assert production.run(*command, "--confirm-production", "acme").status == 0


def test_a_name_where_none_is_needed_does_no_harm(cli: Cli) -> None:
    (first, *_) = cli.run("webhooks", "list", "--json").json["items"]
    assert delete(cli, first["id"], "--confirm-production", "whatever").status == 0


def test_applying_a_file(production: Cli, webhook: str, tmp_path: Path) -> None:
    file = tmp_path / "webhooks.toml"
    assert production.run("webhooks", "export", str(file)).status == 0
    text = file.read_text().replace("timeout_ms = 3000", "timeout_ms = 4000", 1)
    assert webhook in text
    file.write_text(text)
    result = production.run("webhooks", "apply", str(file), "--yes", "--json")
    assert (result.status, result.json["error"]["code"]) == (2, "production_not_confirmed")
    command = ("webhooks", "apply", str(file), "--yes", "--confirm-production", "acme")
    assert production.run(*command).status == 0
