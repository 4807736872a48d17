"""The connectivity test of a registration: does anyone live at this URL?

It asks with HEAD, then OPTIONS, then a signed POST marked as a test, until one of them shows life.
An answer below 500 that is not 404 does; HEAD alone would condemn servers that only route POST.
"""

from __future__ import annotations

import json
import time

from cognitui.sandbox.outgoing import NoAnswerError, send
from cognitui.sandbox.signing import signed_headers

NOT_FOUND = 404
SERVER_ERRORS = 500


async def find_fault(url: str, secret: str, timeout_s: float) -> str | None:
    """Why an endpoint cannot be reached, in words; ``None`` when it can."""
    tried: list[str] = []
    for method in ("HEAD", "OPTIONS", "POST"):
        headers, body = _ping(secret) if method == "POST" else ([], b"")
        try:
            answer = await send(method, url, headers=headers, body=body, timeout_s=timeout_s)
        except NoAnswerError as error:
            return f"{method} got no answer: {error.message}"
        if answer.status < SERVER_ERRORS and answer.status != NOT_FOUND:
            return None
        tried.append(f"{method} {answer.status}")
    return f"the endpoint answered {', '.join(tried)}"


def _ping(secret: str) -> tuple[list[tuple[str, str]], bytes]:
    timestamp = int(time.time() * 1000)
    content = {"trigger": "CONNECTIVITY_TEST", "test": True, "timestamp": timestamp}
    body = json.dumps(content, separators=(",", ":")).encode()
    return signed_headers(body, secret, timestamp), body
