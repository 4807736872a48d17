"""No secret is said, and none is written: not on the terminal, not below ``COGNITUI_HOME``."""

from __future__ import annotations

import base64
import json
import signal
from typing import TYPE_CHECKING

import pytest

from cognitui.sandbox.auth import Guard

from .test_tenants import PASSPHRASE, store

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.sandbox import Sandbox
    from cognitui.sandbox.state import ApiKey

    from .support import Cli

QUERY_SECRET = "a-token-in-a-query"
FILE_SECRET = "the secret that only the described webhook has"


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every bearer token that the sandbox hands out."""
    issued: list[str] = []
    issue = Guard._issue

    def noted(guard: Guard, key: ApiKey, lifetime: float) -> str:
        issued.append(issue(guard, key, lifetime))
        return issued[-1]

    monkeypatch.setattr(Guard, "_issue", noted)
    return issued


def test_no_secret_gets_out(cli: Cli, sandbox: Sandbox, tokens: list[str], tmp_path: Path) -> None:
    info = sandbox.info
    store(cli, sandbox)
    cli.environment["COGNITUI_VAULT_PASSPHRASE"] = PASSPHRASE
    described = tmp_path / "webhook.json"
    webhook = {
        "skill_id": info.skill_id,
        "endpoint_url": f"{info.webhook_url}?token={QUERY_SECRET}",
        "triggers": [{"event": "ON_MESSAGE"}],
        "secret_key": FILE_SECRET,
    }
    described.write_text(json.dumps(webhook))
    said = []

    def run(*arguments: str) -> int:
        result = cli.run(*arguments)
        said.append(result.out + result.err)
        return result.status

    assert run("webhooks", "list", "--tenant", "acme") == 0
    assert run("webhooks", "register", str(described)) == 0
    assert run("webhooks", "register", str(described), "--json") == 0
    new = sandbox.tenant.webhooks(info.bot_id)[-1]
    assert run("webhooks", "delete", new.id, "--yes", "--json") == 0
    assert run("callback", "send", f"{info.webhook_url}?token={QUERY_SECRET}", "--json") == 0
    assert run("audit", "sync") == 0
    sandbox.inject("500:method=POST,path=bots/*/webhooks")
    assert run("webhooks", "register", str(described), "--json") == 3
    sandbox.inject("401")
    assert run("webhooks", "list", "--json") == 3
    with cli.process("callback", "listen", "--count", "1", "--json") as process:
        url = json.loads(process.line())["url"]
        assert run("callback", "send", f"{url}?token={QUERY_SECRET}") == 0
        result = process.wait()
        said.append(result.out + result.err)
    cli.environment["COGNITUI_API_SECRET"] += "-mistyped"
    assert run("webhooks", "list") == 3

    assert tokens
    pair = base64.b64encode(f"{info.api_key}:{info.api_secret}".encode()).decode()
    secrets = [
        info.api_key, info.api_secret, info.webhook_secret, pair, PASSPHRASE,
        FILE_SECRET, QUERY_SECRET, *tokens,
    ]  # fmt: skip
    files = [path for path in cli.home.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"audit.db", "cognitui.log", "vault.json"}
    written = {str(path): path.read_bytes() for path in files}
    for secret in secrets:
        assert not [name for name, content in written.items() if secret.encode() in content]
        assert not [words for words in said if secret in words]


def test_the_sandbox_tells_its_secrets_on_stdout_alone(empty: Cli) -> None:
    with empty.process("sandbox", "--json") as process:
        info = json.loads(process.line())
        process.signal(signal.SIGTERM)
        result = process.wait()
    assert info["api_secret"] not in result.err
    assert not list(empty.home.rglob("*"))
