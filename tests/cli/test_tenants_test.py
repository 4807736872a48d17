"""``cognitui tenants test``: what it prints, and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .support import closed_port
from .test_tenants import PASSPHRASE, store

if TYPE_CHECKING:
    from cognitui.sandbox import Sandbox

    from .support import Cli


def test_a_tenant_that_is_well(cli: Cli, sandbox: Sandbox) -> None:
    result = cli.run("tenants", "test")
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == f"✓ base URL       {sandbox.info.base_url}"
    assert len(lines) == 14
    assert lines[-1] == "✓ The tenant lets us in, and nothing needs doing."
    assert cli.records() == []


def test_for_machines(cli: Cli) -> None:
    result = cli.run("tenants", "test", "--json")
    assert result.status == 0
    assert result.json["healthy"] is True
    assert (result.json["tenant"], result.json["cause"]) == ("environment", None)
    checks = {check["check"]: check["outcome"] for check in result.json["checks"]}
    assert len(checks) == 12
    assert checks["tls"] == "skipped"
    assert checks["key"] == "ok"


def test_a_right_that_is_missing(cli: Cli, sandbox: Sandbox) -> None:
    cli.use(sandbox, key="no-webhook-manage")
    result = cli.run("tenants", "test", "--json")
    assert result.status == 1
    assert result.json["cause"] == "scope webhook:manage missing"
    assert "administrator" in result.json["hint"]


def test_a_wrong_key(cli: Cli, sandbox: Sandbox) -> None:
    cli.use(sandbox, API_SECRET="not-the-secret-of-anybody")
    result = cli.run("tenants", "test")
    assert result.status == 3
    assert "✗ wrong key: The tenant does not accept" in result.out
    assert "not-the-secret-of-anybody" not in result.out + result.err


def test_the_environment_may_hold_anything(cli: Cli, sandbox: Sandbox) -> None:
    pasted = f" '{sandbox.info.base_url}/bots' "
    cli.use(sandbox, BASE_URL=pasted)
    result = cli.run("tenants", "test", "--json")
    assert (result.status, result.json["cause"]) == (1, "wrong base URL")
    assert result.json["base_url"] == sandbox.info.base_url

    cli.use(sandbox, BASE_URL="acme")
    assert cli.run("tenants", "test").status == 3


def test_an_address_alone_gets_no_key(cli: Cli, sandbox: Sandbox) -> None:
    base_url = sandbox.info.base_url.replace("/api/v1", "")
    result = cli.run("tenants", "test", "--base-url", base_url, "--json")
    assert (result.status, result.json["tenant"]) == (1, None)
    assert result.json["base_url"] == sandbox.info.base_url
    assert not any(request.authorized for request in sandbox.tenant.requests)
    right = cli.run("tenants", "test", "--base-url", sandbox.info.base_url)
    assert right.status == 0
    assert "Without a key no more can be told." in right.out


def test_an_address_needs_no_tenant(empty: Cli) -> None:
    with closed_port() as port:
        result = empty.run("tenants", "test", "--base-url", f"127.0.0.1:{port}/api/v1")
    assert result.status == 3
    assert "✗ connection refused: Nothing accepts connections" in result.out


def test_a_stored_tenant(empty: Cli, sandbox: Sandbox) -> None:
    store(empty, sandbox)
    assert empty.run("tenants", "test", "acme").status == 2  # nobody to ask for the passphrase
    empty.environment["COGNITUI_VAULT_PASSPHRASE"] = PASSPHRASE
    result = empty.run("tenants", "test", "acme", "--json")
    assert (result.status, result.json["tenant"]) == (0, "acme")
    assert empty.run("tenants", "test", "--json").json["tenant"] == "acme"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nobody",), "There is no tenant called 'nobody'."),
        (("acme", "--base-url", "https://a.example"), "NAME and --base-url exclude each other."),
        ((), "No tenant is known."),
    ],
    ids=["nobody", "both", "none"],
)
def test_what_is_no_question(empty: Cli, arguments: tuple[str, ...], sentence: str) -> None:
    result = empty.run("tenants", "test", *arguments)
    assert (result.status, result.sentence) == (2, sentence)


def test_half_a_tenant(empty: Cli, sandbox: Sandbox) -> None:
    empty.use(sandbox)
    empty.forget("API_SECRET")
    result = empty.run("tenants", "test")
    assert result.status == 2
    assert "COGNITUI_API_SECRET is missing" in result.err


def test_read_only_changes_not_even_nothing(cli: Cli, sandbox: Sandbox) -> None:
    cli.environment["COGNITUI_READ_ONLY"] = "true"
    result = cli.run("tenants", "test", "--json")
    assert result.status == 0
    assert {request.method for request in sandbox.tenant.requests} == {"GET", "POST"}
