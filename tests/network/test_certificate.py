"""Certificates made here, served over TLS, and what is said of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from cognitui.network.certificate import (
    CertificateFault,
    faults_of,
    hint_of,
    read_certificate,
    sentence,
)
from cognitui.network.outcome import Outcome
from cognitui.network.stage import Cause
from cognitui.webhooks.endpoint import check_endpoint
from cognitui.webhooks.endpoint_report import EndpointVerdict
from cognitui.webhooks.health.blame import Blame
from cognitui.webhooks.health.check import WebhookRef, check_of
from tests.support.certificates import Issued, make
from tests.support.servers import reply, serving

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.webhooks.endpoint_report import EndpointReport

F = CertificateFault
HERE = "127.0.0.1"
ISSUER_URL = "http://certificates.acme.example/between.crt"
ROOT = make("Acme Root", is_authority=True)
BETWEEN = make("Acme Between", signed_by=ROOT, is_authority=True)
STRANGER = make("Nobody's Root", is_authority=True)
EXPIRED = timedelta(days=-3, minutes=-5)


def ours(**changes: object) -> Issued:
    """A good certificate, signed by what is between it and the root, unless told otherwise."""
    fields = {"signed_by": BETWEEN, "hosts": [HERE], "sends": [BETWEEN], **changes}
    return make("hooks.acme.example", **fields)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _trusting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the root, and no other."""
    (tmp_path / "root.pem").write_bytes(ROOT.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))


async def checked(issued: Issued, folder: Path) -> EndpointReport:
    async with serving(lambda _: reply(405, b"", "Allow: POST"), issued.server(folder)) as server:
        report = await check_endpoint(f"{server.origin}/hook")
        assert len(server.requests) == (report.cause is None), "nothing is sent to a stranger"
    return report


FAULTY = {
    "expired": (ours(ends=EXPIRED), (F.EXPIRED,), "expired 3 days ago"),
    "not valid yet": (ours(starts=timedelta(days=1)), (F.NOT_YET_VALID,), "is not valid before"),
    "another host": (ours(hosts=["a.example", "b.example"]), (F.WRONG_HOST,), "a.example, b.exam"),
    "no host": (ours(hosts=[]), (F.WRONG_HOST,), "is for no host at all"),
    "self-signed": (make("me", hosts=[HERE]), (F.SELF_SIGNED,), "is self-signed"),
    "expired and self-signed": (
        make("me", hosts=[HERE], ends=EXPIRED),
        (F.EXPIRED, F.SELF_SIGNED),
        "expired 3 days ago and is self-signed",
    ),
    "expired, self-signed and for another host": (
        make("me", hosts=["a.example"], ends=EXPIRED),
        (F.EXPIRED, F.WRONG_HOST, F.SELF_SIGNED),
        "expired 3 days ago, is for a.example and is self-signed",
    ),
    "expired and for another host": (
        ours(hosts=["a.example"], ends=EXPIRED),
        (F.EXPIRED, F.WRONG_HOST),
        "expired 3 days ago and is for a.example",
    ),
    "without what is between": (
        ours(sends=[], issuer_url=ISSUER_URL),
        (F.INCOMPLETE_CHAIN,),
        "is sent without the intermediate certificate of Acme Between",
    ),
    "unknown authority": (
        ours(signed_by=STRANGER, sends=[STRANGER]),
        (F.UNKNOWN_ISSUER,),
        "is from an authority that is not known here (Nobody's Root)",
    ),
    "unknown authority, which is not sent": (
        ours(signed_by=STRANGER, sends=[]),
        (F.UNKNOWN_ISSUER,),
        "is from an authority that is not known here (Nobody's Root)",
    ),
}


@pytest.mark.parametrize("name", FAULTY)
async def test_what_is_wrong_with_a_certificate(name: str, tmp_path: Path) -> None:
    issued, faults, words = FAULTY[name]
    report = await checked(issued, tmp_path)
    assert (report.verdict, report.cause) == (EndpointVerdict.UNREACHABLE, Cause.CERTIFICATE)
    assert report.faults == faults
    assert words in report.summary
    assert report.hint
    assert (report.stages[-1].name, report.stages[-1].outcome) == ("tls", Outcome.FAIL)
    assert words in report.stages[-1].summary
    evidence = dict(report.evidence)
    assert evidence["certificate of"] == issued.certificate.subject.rfc4514_string()[3:]
    check = check_of(report, WebhookRef("t", "b", "w"), "https://hooks.acme.example/x", NOW)
    assert check.blame is Blame.CERTIFICATE
    assert check.group_sentence.startswith("certificate of 127.0.0.1:")


NOW = datetime.now(UTC)


async def test_what_is_missing_can_be_had_where_the_certificate_says(tmp_path: Path) -> None:
    report = await checked(ours(sends=[], issuer_url=ISSUER_URL), tmp_path)
    assert f"The missing one is at {ISSUER_URL}." in report.hint
    assert "let the server send the full chain" in report.hint


@pytest.mark.parametrize("hosts", [[HERE], ["a.example", HERE]], ids=["alone", "among others"])
async def test_a_good_one(hosts: list[str], tmp_path: Path) -> None:
    report = await checked(ours(hosts=hosts), tmp_path)
    assert (report.verdict, report.outcome) == (EndpointVerdict.PRESENT, Outcome.OK)
    assert (report.tls_days_left, report.faults) == (90, ())
    assert dict(report.evidence)["certificate issuer"] == "Acme Between"
    assert dict(report.evidence)["tls"].startswith("TLSv1")


async def test_a_root_of_ones_own_that_is_trusted_here_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = make("hooks.acme.example", hosts=[HERE])
    (tmp_path / "own.pem").write_bytes(own.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))
    report = await checked(own, tmp_path)
    assert (report.verdict, report.faults) == (EndpointVerdict.PRESENT, ())


@pytest.mark.parametrize(
    ("days", "outcome", "words"),
    [
        (0, Outcome.FAIL, "today"),
        (1, Outcome.FAIL, "in 1 day"),
        (6, Outcome.FAIL, "in 6 days"),
        (7, Outcome.WARN, "in 7 days"),
        (13, Outcome.WARN, "in 13 days"),
        (14, Outcome.WARN, "in 14 days"),
        (29, Outcome.WARN, "in 29 days"),
        (30, Outcome.OK, ""),
    ],
)
async def test_one_that_ends_soon(days: int, outcome: Outcome, words: str, tmp_path: Path) -> None:
    report = await checked(ours(ends=timedelta(days=days, hours=1)), tmp_path)
    assert (report.verdict, report.tls_days_left) == (EndpointVerdict.PRESENT, days)
    check = check_of(report, WebhookRef("t", "b", "w"), "https://hooks.acme.example/x", NOW)
    assert check.outcome is outcome
    if not words:
        assert (check.group_key, check.blame) == ("well", Blame.NOBODY)
        return
    assert check.summary.endswith(f"; the certificate expires {words}")
    assert check.group_sentence == f"certificate of hooks.acme.example expires {words}"
    assert check.blame is Blame.CERTIFICATE


def test_the_hint_says_how_much_it_presses() -> None:
    hints = {
        fault: hint_of([fault], None)
        for fault in (F.EXPIRED, F.WRONG_HOST, F.SELF_SIGNED, F.UNKNOWN_ISSUER, F.OTHER)
    }
    assert len(set(hints.values())) == len(hints)


def test_what_is_no_certificate() -> None:
    assert read_certificate(b"", 1) is None
    assert read_certificate(b"\x30\x03\x02\x01\x01", 1) is None
    assert faults_of(None, HERE, 20, NOW) == (F.UNKNOWN_ISSUER,)
    assert sentence([F.EXPIRED], None, NOW) == "is not accepted"
    assert sentence([], None, NOW) == "is not accepted"


def test_names_are_bounded_and_cannot_steer_a_terminal() -> None:
    evil = make("evil\x1b[31m" + "x" * 50, hosts=["*.a.example", "::1"])
    found = read_certificate(evil.der, 1)
    assert found is not None
    assert found.subject.startswith("evil[31mx")
    assert found.names == ("*.a.example", "::1")
    assert found.is_for("b.A.example.")
    assert found.is_for("0:0:0:0:0:0:0:1")
    assert not found.is_for("a.example")
    assert not found.is_for("b.b.a.example")
