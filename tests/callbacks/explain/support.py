"""What senders, proxies and people do to a callback, done for real."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING

from cognitui.callbacks.explain.explain import explain
from cognitui.callbacks.explain.keys import NamedSecret, Role
from cognitui.callbacks.explain.paste import PastedRequest, request_of
from cognitui.callbacks.schemes.ready import COGNIGY, STANDARD
from tests.callbacks.support import SECRET

if TYPE_CHECKING:
    from cognitui.callbacks.explain.explain import Explanation
    from cognitui.callbacks.schemes.scheme import Scheme

NOW_MS = 1_779_019_200_000
STAMP = str(NOW_MS)
SECONDS = str(NOW_MS // 1000)
WHSEC = "whsec_" + base64.b64encode(bytes(range(32))).decode()
WHSEC_KEY = bytes(range(32))
PREVIOUS = "the_secret_that_was_exchanged_last_week"
TEST_SECRET = "acme_test_secret_of_another_profile_0001"
DELIVERY = "msg_0123456789abcdef"
FIELDS = {
    "skillId": "skill_67890",
    "trigger": "ON_MESSAGE",
    "timestamp": NOW_MS,
    "sessionId": "sess_1",
    "message": {"text": "Grüße & <b>Kuß</b> https://acme.example/a", "type": "text"},
    "score": 1.5,
}
COMPACT = json.dumps(FIELDS, ensure_ascii=False, separators=(",", ":")).encode()

Headers = list[tuple[str, str]]


def mac(body: bytes, key: bytes | str = SECRET, algorithm: str = "sha256") -> bytes:
    raw = key.encode() if isinstance(key, str) else key
    return hmac.new(raw, body, getattr(hashlib, algorithm)).digest()


def cognigy(body: bytes, key: bytes | str = SECRET, *, stamp: str = STAMP) -> Headers:
    return [
        ("X-Cognigy-Signature", f"sha256={mac(body, key).hex()}"),
        ("X-Cognigy-Timestamp", stamp),
    ]


def says(signature: str, *, stamp: str = STAMP) -> Headers:
    return [("X-Cognigy-Signature", signature), ("X-Cognigy-Timestamp", stamp)]


def standard(
    body: bytes,
    key: bytes = WHSEC_KEY,
    *,
    stamp: str = SECONDS,
    signed: bytes | None = None,
    name: str = "webhook",
) -> Headers:
    content = f"{DELIVERY}.{stamp}.".encode() + body if signed is None else signed
    return [
        (f"{name}-id", DELIVERY),
        (f"{name}-timestamp", stamp),
        (f"{name}-signature", f"v1,{base64.b64encode(mac(content, key)).decode()}"),
    ]


def explained(
    headers: Headers,
    body: bytes = COMPACT,
    *,
    scheme: Scheme = COGNIGY,
    secret: str = "",
    now_ms: int = NOW_MS,
    target: str = "/hook",
    method: str = "POST",
) -> Explanation:
    own = secret or (WHSEC if scheme is STANDARD else SECRET)
    known = [
        NamedSecret("the webhook's secret", own),
        NamedSecret("rotated last week", PREVIOUS, Role.PREVIOUS),
        NamedSecret("profile acme-test", TEST_SECRET, Role.OTHER),
    ]
    request: PastedRequest = request_of(method, target, headers, body)
    return explain(request, scheme, known, now_ms=now_ms)


def told(explanation: Explanation) -> str:
    """Everything that an explanation can say, in every form."""
    return repr(explanation) + json.dumps(explanation.as_dict()) + explanation.sentence
