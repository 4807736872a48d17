"""What is in the way to a tenant: names, ports, certificates, other schemes; all on loopback."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import trustme

from cognitui.network import way
from cognitui.network.outcome import Outcome
from cognitui.tenants.doctor import Cause, CheckName
from tests.support.servers import serving

from .support import IMPATIENT_S, examined, outcomes, self_signed, tenant, tls_of

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.sandbox import Sandbox

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
TLS_FAILS = "✓✓✓✓✗–––––––"


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What every name leads to; fill it in."""
    found: list[str] = []

    async def lookup(_host: str, _port: int) -> list[str]:
        return found

    monkeypatch.setattr(way, "lookup", lookup)
    return found


def hint(report: object) -> str:
    first = getattr(report, "first", None)
    return first.hint if first is not None else ""


async def test_a_healthy_tenant_over_tls(trusting: trustme.CA) -> None:
    async with serving(tenant(), tls_of(trusting, "localhost", "127.0.0.1")) as server:
        report = await examined(f"{server.origin}/api/v1")
        by_name = await examined(f"https://localhost:{server.port}/api/v1")
    for each in (report, by_name):
        assert (each.cause, each.status) == (Cause.NOTHING, 0)
        assert outcomes(each) == "✓" * len(CheckName)
    tls = report.lines[4]
    assert tls.summary.startswith("TLSv1.")
    assert "days left" in tls.summary
    assert "issued by" in tls.summary


@pytest.mark.parametrize(
    ("starts", "ends", "host", "cause", "words"),
    [
        pytest.param(-90, -3, "127.0.0.1", Cause.EXPIRED, "expired", id="expired"),
        pytest.param(3, 90, "127.0.0.1", Cause.NOT_YET_VALID, "not valid before", id="too-early"),
        pytest.param(-3, 90, "api.other.example", Cause.OTHER_HOST, "api.other.example", id="host"),
        pytest.param(
            -90, -3, "api.other.example", Cause.EXPIRED, "and is for api.other", id="expired-and-host"
        ),
    ],
)  # fmt: skip
async def test_a_certificate_of_an_authority_that_we_know(  # noqa: PLR0917 - a table
    starts: int, ends: int, host: str, cause: Cause, words: str, trusting: trustme.CA
) -> None:
    tls = tls_of(trusting, host, not_before=NOW + starts * DAY, not_after=NOW + ends * DAY)
    async with serving(tenant(), tls) as server:
        report = await examined(f"{server.origin}/api/v1")
    assert (report.cause, report.status, outcomes(report)) == (cause, 3, TLS_FAILS)
    assert report.first is not None
    assert words in report.first.summary
    assert hint(report)
    assert server.requests == []


async def test_a_certificate_of_an_authority_that_nobody_here_knows() -> None:
    async with serving(tenant(), tls_of(trustme.CA(), "127.0.0.1")) as server:
        report = await examined(f"{server.origin}/api/v1")
    assert (report.cause, outcomes(report)) == (Cause.UNKNOWN_ISSUER, TLS_FAILS)
    assert "SSL_CERT_FILE" in hint(report)
    assert server.requests == []


@pytest.mark.parametrize(
    ("days", "cause", "words"),
    [
        pytest.param(60, Cause.SELF_SIGNED, ("self-signed",), id="self-signed"),
        pytest.param(-3, Cause.EXPIRED, ("expired", "self-signed"), id="expired-and-self-signed"),
    ],
)
async def test_a_certificate_that_signed_itself(
    days: int, cause: Cause, words: tuple[str, ...], tmp_path: Path
) -> None:
    tls = self_signed(tmp_path, "localhost", NOW + days * DAY)
    async with serving(tenant(), tls) as server:
        report = await examined(f"https://localhost:{server.port}/api/v1")
    assert (report.cause, outcomes(report)) == (cause, TLS_FAILS)
    assert report.first is not None
    assert all(word in report.first.summary for word in words)
    assert server.requests == []


async def test_a_certificate_that_expires_soon_lets_us_in(trusting: trustme.CA) -> None:
    tls = tls_of(trusting, "127.0.0.1", not_after=NOW + 6.5 * DAY)
    async with serving(tenant(), tls) as server:
        report = await examined(f"{server.origin}/api/v1")
    assert (report.cause, report.status) == (Cause.EXPIRES_SOON, 1)
    assert outcomes(report) == "✓✓✓✓!✓✓✓✓✓✓✓"
    assert "6 days left" in report.lines[4].summary


async def test_https_to_a_port_that_speaks_http() -> None:
    async with serving(tenant()) as server:
        report = await examined(f"https://127.0.0.1:{server.port}/api/v1", timeout_s=IMPATIENT_S)
    assert (report.cause, report.status, outcomes(report)) == (Cause.NO_TLS, 3, TLS_FAILS)
    assert not any("authorization" in request.headers for request in server.requests)


async def test_https_to_a_server_that_complains_at_once(sandbox: Sandbox) -> None:
    report = await examined(sandbox.info.base_url.replace("http:", "https:"))
    assert (report.cause, report.status, outcomes(report)) == (Cause.NO_TLS, 3, TLS_FAILS)
    assert not any(request.authorized for request in sandbox.tenant.requests)


async def test_http_to_a_port_that_speaks_https(trusting: trustme.CA) -> None:
    async with serving(tenant(), tls_of(trusting, "127.0.0.1")) as server:
        report = await examined(f"http://127.0.0.1:{server.port}/api/v1")
    assert (report.cause, report.status) == (Cause.ONLY_TLS, 3)
    assert outcomes(report) == "✓✓✓✓–✗––––––"
    assert report.correction == f"https://127.0.0.1:{server.port}/api/v1"


async def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        report = await examined(f"http://127.0.0.1:{taken.getsockname()[1]}/api/v1")
    assert (report.cause, report.status, outcomes(report)) == (Cause.REFUSED, 3, "✓✓✓✗––––––––")


async def test_no_such_host(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lookup(host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, host)

    monkeypatch.setattr(way, "lookup", lookup)
    report = await examined("https://acmee.cognigy.ai/api/v1")
    assert (report.cause, report.status, outcomes(report)) == (Cause.NO_HOST, 3, "✓✓✗–––––––––")
    assert "acmee.cognigy.ai" in report.lines[2].summary
    assert "PROXY" not in hint(report)


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "ALL_PROXY"])
async def test_a_proxy_is_told_of_and_not_used(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lookup(host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, host)

    monkeypatch.setattr(way, "lookup", lookup)
    environ = {variable: "http://user:hush@proxy.example:3128"}
    report = await examined("https://acme.cognigy.ai/api/v1", environ=environ)
    assert variable in report.lines[1].summary
    assert f"{variable} is set: perhaps only the proxy leads out" in hint(report)
    assert "hush" not in report.as_text("acme")

    environ["NO_PROXY"] = "example.com, .cognigy.ai"
    excepted = await examined("https://acme.cognigy.ai/api/v1", environ=environ)
    assert variable not in excepted.as_text("acme")


@pytest.mark.parametrize("address", ["169.254.169.254", "169.254.7.7", "fd00:ec2::254", "fe80::1"])
async def test_an_address_that_no_tenant_has(address: str, resolved: list[str]) -> None:
    resolved.append(address)
    report = await examined("https://acme.cognigy.ai/api/v1")
    assert (report.cause, report.status, outcomes(report)) == (Cause.ADDRESS, 3, "✓✓✗–––––––––")
    assert "no tenant may have" in report.lines[2].summary


async def test_a_private_address_is_no_fault(resolved: list[str]) -> None:
    """On-premises installations have one."""
    resolved.append("10.255.255.1")
    report = await examined("https://acme.internal.example/api/v1", timeout_s=0.1)
    assert report.lines[2].outcome is Outcome.OK
    assert "private" in report.lines[2].summary


async def test_a_key_is_not_sent_to_a_corrected_host(
    trusting: trustme.CA, resolved: list[str]
) -> None:
    """It answers there, and the person has to agree first."""
    resolved.append("127.0.0.1")
    async with serving(tenant(), tls_of(trusting, "acme.cognigy.ai")) as server:
        pasted = f"https://endpoint-acme.cognigy.ai:{server.port}/{'5f' * 32}"
        report = await examined(pasted)
    assert (report.cause, report.status) == (Cause.URL, 1)
    assert outcomes(report) == "!✓✓✓✓✓––––✓–"
    assert report.correction == f"https://acme.cognigy.ai:{server.port}/api/v1"
    assert "not sent" in report.lines[6].summary
    assert "5f5f" not in report.as_text("acme")
    assert [request.method for request in server.requests] == ["POST"]
    assert not any("authorization" in request.headers for request in server.requests)


async def test_what_is_no_base_url() -> None:
    for text in ("", "  ", "ftp://acme.cognigy.ai", "https://", "a b", "https://a\x00b/"):
        report = await examined(text)
        assert (report.cause, report.status) == (Cause.URL, 3), text
        assert outcomes(report) == "✗–––––––––––"
