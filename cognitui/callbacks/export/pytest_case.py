"""A callback as a test of one's own endpoint, for pytest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.clock import unix_ms

if TYPE_CHECKING:
    from cognitui.callbacks.export.subject import Subject

URL_VARIABLE = "CALLBACK_URL"
SECRET_VARIABLE = "CALLBACK_SECRET"  # noqa: S105 - the name of a variable
_BYTES_A_LINE = 60


def pytest_case(subject: Subject) -> str:
    """A file that needs nothing but Python and pytest to post exactly these bytes.

    The URL and the secret come from variables, so that neither is written down. The signature is
    checked too where cognitui is installed and the secret is given.
    """
    return _TEMPLATE.format(
        at=f"{subject.at:%Y-%m-%d %H:%M:%S}",
        url=URL_VARIABLE,
        secret=SECRET_VARIABLE,
        body=_literal(subject.body),
        headers=_headers(subject),
        scheme=ascii(subject.scheme_id),
        at_ms=unix_ms(subject.at),
        accepted=subject.accepted is not False,
    )


def _literal(body: bytes) -> str:
    rows = [body[at : at + _BYTES_A_LINE] for at in range(0, len(body), _BYTES_A_LINE)] or [b""]
    return "\n".join(f"    {row!r}" for row in rows)


def _headers(subject: Subject) -> str:
    # Bytes, so that what is no text stays the same.
    return "\n".join(
        f"    ({name!a}, {value.encode('utf-8', 'surrogateescape')!r}),"
        for name, value in subject.headers
    )


_TEMPLATE = '''\
"""The callback of {at} UTC, byte for byte. Made by cognitui.

    {url}=http://127.0.0.1:8000/callback pytest THIS_FILE

Its timestamp is that of then: an endpoint that checks it answers as to a callback that is late.
{secret} holds the webhook's secret, for the test of the signature.
"""

import http.client
import os
from urllib.parse import urlsplit

import pytest

BODY = (
{body}
)
HEADERS = [
{headers}
]
SCHEME = {scheme}
RECEIVED_AT_MS = {at_ms}
ACCEPTED = {accepted}


def test_the_endpoint_answers():
    url = os.environ.get("{url}")
    if not url:
        pytest.skip("{url} is not set")
    target = urlsplit(url)
    secure = target.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(target.netloc, timeout=10)
    try:
        path = (target.path or "/") + ("?" + target.query if target.query else "")
        connection.putrequest("POST", path, skip_accept_encoding=True)
        for name, value in HEADERS:
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(BODY)))
        connection.endheaders(BODY)
        status = connection.getresponse().status
    finally:
        connection.close()
    assert (200 <= status < 300) is ACCEPTED, status


def test_the_signature():
    secret = os.environ.get("{secret}")
    if not secret:
        pytest.skip("{secret} is not set")
    judging = pytest.importorskip("cognitui.callbacks.schemes.judging")
    ready = pytest.importorskip("cognitui.callbacks.schemes.ready")
    verdict = judging.judge(
        ready.scheme_of(SCHEME), BODY, HEADERS, secrets=[secret], now_ms=RECEIVED_AT_MS
    )
    assert verdict.accepted is ACCEPTED, verdict.reason
'''
