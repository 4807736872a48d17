"""The snippets as they are: started, and fed with honest and forged callbacks."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

import pytest

from cognitui.callbacks.schemes.custom import scheme_from
from cognitui.callbacks.schemes.ready import COGNIGY, READY, STANDARD, TRANSITIONAL
from cognitui.callbacks.snippets import snippet

from .snippet_cases import (
    HONEST,
    NOT_DECIDED,
    NOT_FOR_THE_HANDLER,
    Signer,
    forged,
)
from .snippet_servers import RUNNABLE, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.timeout(300)  # what they need is installed once

PATH = "/hooks/cognigy"
# Whatever has a meaning in a literal of one of the languages.
ODD = scheme_from(
    "odd",
    {
        "header": "X-Odd",
        "value": "$a\"'`\\/^#{signature}",
        "signs": "$a\"'`\\ {id}\n{timestamp}\t{body}\r\n%s",
        "encoding": "base64",
        "algorithm": "sha512",
        "timestamp_header": "X-Odd-Time",
        "id_header": "X-Odd-Id",
        "separator": ";",
    },
)
STAMPED = scheme_from(
    "stamped",
    {
        "header": "X-Stamped",
        "value": "\"$'`\\/.t={timestamp}|v*={signature}",
        "signs": "{body}{timestamp}",
        "algorithm": "sha1",
        "encoding": "base64",
        "unit": "ms",
    },
)
BARE = scheme_from("bare", {"header": "X-Bare", "value": "{signature}", "key": "whsec"})
SCHEMES = {**READY, "odd": ODD, "stamped": STAMPED, "bare": BARE}


SHOWN_BY_ANOTHER = {"flask": "fastapi", "django": "fastapi", "fastify": "express"}
"""These share the code that verifies, so the rarer schemes are tried with one of them."""
COMMON = ("cognigy", "standard", "jambonz")
RUNS = [
    (stack, scheme)
    for stack in RUNNABLE
    for scheme in SCHEMES
    if scheme in COMMON or stack not in SHOWN_BY_ANOTHER
]
LAZY = {"php", "django"}
"""Loaded by the first request, when the server listens already."""
ALLOWED: dict[str, Callable[[int, bytes], bool]] = {
    "honest": lambda status, body: (status, body) == (204, b""),
    "forged": lambda status, body: (status, body) == (401, b""),
    "not decided": lambda status, body: status == 204 or 400 <= status < 500,
    "not for the handler": lambda status, body: 400 <= status < 500,
}


@pytest.mark.parametrize(("stack", "scheme"), RUNS)
def test_it_takes_what_is_genuine_and_nothing_else(
    stack: str, scheme: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    signer = Signer(SCHEMES[scheme])
    made = snippet(stack, signer.scheme, path=PATH)
    cases = {
        "honest": HONEST,
        "forged": forged(signer),
        "not decided": NOT_DECIDED,
        "not for the handler": NOT_FOR_THE_HANDLER,
    }
    wrong = []
    with serving(made, signer.secret, tmp_path, request.config) as served:
        for kind, some in cases.items():
            for name, case in some:
                delivery = case(signer)
                status, body = served.post(PATH, delivery.all_headers, delivery.body)
                if not ALLOWED[kind](status, body):
                    wrong.append(f"{kind}, {name}: {status} {body[:100]!r}")
        assert not wrong, "\n".join([*wrong, served.log()])


@pytest.mark.parametrize("stack", RUNNABLE)
def test_while_moving_either_kind_of_headers_will_do(
    stack: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    signer = Signer(TRANSITIONAL)
    made = snippet(stack, TRANSITIONAL, path=PATH)
    with serving(made, signer.secret, tmp_path, request.config) as served:
        for scheme in (COGNIGY, STANDARD):
            one = Signer(scheme).sign(secret=signer.secret)
            assert served.post(PATH, one.all_headers, one.body)[0] == 204
            assert served.post(PATH, one.all_headers, one.body + b" ")[0] == 401
        assert served.post(PATH, [], signer.body())[0] == 401


@pytest.mark.parametrize("stack", RUNNABLE)
def test_without_a_secret_nothing_gets_in(
    stack: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """An empty secret would verify what anybody can sign."""
    made = snippet(stack, COGNIGY, path=PATH)
    if stack not in LAZY:
        with (
            pytest.raises(AssertionError, match="WEBHOOK_SECRET is empty"),
            serving(made, "", tmp_path, request.config),
        ):
            pass
        return
    timestamp = Signer(COGNIGY).sign().headers[0]
    digest = hmac.digest(b"", b"{}", "sha256").hex()
    with serving(made, "", tmp_path, request.config) as served:
        headers = [("X-Cognigy-Signature", f"sha256={digest}"), timestamp]
        assert served.post(PATH, list(headers), b"{}")[0] == 500
