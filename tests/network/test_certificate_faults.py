"""What is wrong with a certificate, all of it, and in words."""

from __future__ import annotations

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from cognitui.network.certificate import (
    Certificate,
    CertificateFault,
    faults_of,
    hint_of,
    read_certificate,
    sentence,
)

F = CertificateFault
NOW = datetime(2026, 5, 17, 12, tzinfo=UTC)
DAY = timedelta(days=1)
GOOD = Certificate(
    subject="acme",
    issuer="An Authority",
    names=("acme.example", "*.acme.example", "10.0.0.1"),
    starts=NOW - 30 * DAY,
    ends=NOW + 60 * DAY,
    is_self_signed=False,
    chain=2,
    issuer_url="",
)
PAST = replace(GOOD, ends=NOW - 3 * DAY)
FUTURE = replace(GOOD, starts=NOW + DAY)
OWN = replace(GOOD, is_self_signed=True, issuer="acme", chain=1)
ALONE = replace(GOOD, chain=1, issuer_url="http://ca.example/next.crt")
EXPIRED, NOT_YET, SELF, NO_ISSUER, WRONG_HOST, ODD = 10, 9, 18, 20, 62, 26


@pytest.mark.parametrize(
    ("certificate", "host", "code", "faults", "words"),
    [
        (PAST, "acme.example", EXPIRED, (F.EXPIRED,), "expired 2 days ago"),
        (FUTURE, "acme.example", NOT_YET, (F.NOT_YET_VALID,), "is not valid before 2026-05-18"),
        (GOOD, "b.example", WRONG_HOST, (F.WRONG_HOST,), "is for acme.example, *.acme.example"),
        (OWN, "acme.example", SELF, (F.SELF_SIGNED,), "is self-signed"),
        (
            replace(OWN, ends=NOW - 3 * DAY), "b.example", SELF,
            (F.EXPIRED, F.WRONG_HOST, F.SELF_SIGNED), "and is self-signed",
        ),
        (PAST, "b.example", EXPIRED, (F.EXPIRED, F.WRONG_HOST), "ago and is for"),
        (GOOD, "acme.example", NO_ISSUER, (F.UNKNOWN_ISSUER,), "not known here (An Authority)"),
        (ALONE, "acme.example", NO_ISSUER, (F.INCOMPLETE_CHAIN,), "without the intermediate"),
        (GOOD, "acme.example", ODD, (F.OTHER,), "is not accepted"),
        (PAST, "acme.example", ODD, (F.EXPIRED,), "expired"),
        (None, "acme.example", SELF, (F.SELF_SIGNED,), "is self-signed"),
        (None, "acme.example", EXPIRED, (F.EXPIRED,), "is not accepted"),
    ],
    ids=["expired", "early", "host", "own", "all", "two", "issuer", "chain", "odd", "odd-expired",
         "unread", "unread-expired"],
)  # fmt: skip
def test_faults(
    certificate: Certificate | None, host: str, code: int, faults: tuple[F, ...], words: str
) -> None:
    found = faults_of(certificate, host, code, NOW)
    assert found == faults
    assert words in sentence(found, certificate, NOW)
    assert hint_of(found, certificate)


@pytest.mark.parametrize(
    ("host", "is_for"),
    [
        ("acme.example", True),
        ("ACME.example.", True),
        ("api.acme.example", True),
        ("a.b.acme.example", False),
        ("example", False),
        ("10.0.0.1", True),
        ("10.0.0.2", False),
    ],
)
def test_names(host: str, is_for: bool) -> None:
    assert GOOD.is_for(host) is is_for


def test_one_is_read_from_its_bytes() -> None:
    issued = trustme.CA().issue_cert("acme.example", "10.0.0.1", not_after=datetime.now(UTC) + DAY)
    der = ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode())
    found = read_certificate(der, 1)
    assert found is not None
    assert found.names == ("acme.example", "10.0.0.1")
    assert found.days_left(datetime.now(UTC)) == 0
    assert "trustme" in found.issuer
    assert (found.is_self_signed, found.chain) == (False, 1)


@given(st.binary(max_size=200))
def test_bytes_that_are_none(der: bytes) -> None:
    assert read_certificate(der, 1) is None
