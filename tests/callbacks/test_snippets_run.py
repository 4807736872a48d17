"""The snippets as they are: started, and fed with honest and forged callbacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cognitui.callbacks.schemes.ready import READY
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
    from pathlib import Path

pytestmark = pytest.mark.timeout(300)  # what they need is installed once

PATH = "/hooks/cognigy"
UNAUTHORIZED = 401


@pytest.mark.parametrize("scheme", ["cognigy", "standard", "jambonz"])
@pytest.mark.parametrize("stack", RUNNABLE)
def test_it_takes_what_is_genuine_and_nothing_else(
    stack: str, scheme: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    signer = Signer(READY[scheme])
    made = snippet(stack, signer.scheme, path=PATH)
    wrong: list[str] = []
    with serving(made, signer.secret, tmp_path, request.config) as served:

        def sent(kind: str) -> None:
            for name, case in KINDS[kind]:
                delivery = case(signer)
                status, body = served.post(PATH, delivery.all_headers, delivery.body)
                if not ALLOWED[kind](status, body):
                    wrong.append(f"{kind}, {name}: {status} {body[:100]!r}")

        KINDS = {
            "honest": HONEST,
            "forged": forged(signer),
            "not decided": NOT_DECIDED,
            "not for the handler": NOT_FOR_THE_HANDLER,
        }
        ALLOWED = {
            "honest": lambda status, body: (status, body) == (204, b""),
            "forged": lambda status, body: (status, body) == (UNAUTHORIZED, b""),
            "not decided": lambda status, body: status == 204 or 400 <= status < 500,
            "not for the handler": lambda status, body: 400 <= status < 500,
        }
        for kind in KINDS:
            sent(kind)
        assert not wrong, "\n".join([*wrong, served.log()])
