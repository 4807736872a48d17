"""What a callback had to say in confidence is not shown when an endpoint says it back."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from cognitui.callbacks.compose import MASK, compose
from cognitui.callbacks.hiding import Hiding
from cognitui.callbacks.schemes.ready import BASIC, COGNIGY, KEY
from cognitui.callbacks.send import CallbackSender
from cognitui.cognigy.models import TriggerEvent

from .support import answer, scripted

if TYPE_CHECKING:
    from cognitui.callbacks.schemes.scheme import Scheme

SECRET = 'me:pass"word/ü 5d1a77'


def hiding(scheme: Scheme, secret: str = SECRET) -> Hiding:
    event = TriggerEvent.ON_MESSAGE
    return Hiding.of(compose(event=event, skill_id="s", secret=SecretStr(secret), scheme=scheme))


@pytest.mark.parametrize("scheme", [BASIC, KEY], ids=lambda scheme: scheme.id)
@pytest.mark.parametrize(
    "said",
    [
        SECRET,
        json.dumps(SECRET),
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
        SECRET.encode().hex(),
        f"Basic {base64.b64encode(SECRET.encode()).decode()}",
    ],
    ids=["raw", "json", "percent", "base64", "hex", "header"],
)
def test_each_spelling_is_hidden(scheme: Scheme, said: str) -> None:
    hide = hiding(scheme)
    assert hide.in_text(f"you sent {said}!").startswith("you sent ")
    for shown in (hide.in_text(f"<{said}>"), hide.in_bytes(f"<{said}>".encode()).decode()):
        assert "word" not in shown
        assert said not in shown
        assert MASK in shown


def test_what_was_not_said_is_not_hidden() -> None:
    assert hiding(COGNIGY).words == ()
    assert hiding(KEY, "short").in_text("a short answer") == "a short answer"


async def test_in_a_delivery() -> None:
    secret = "key-5d1a77-of-the-endpoint"
    event = TriggerEvent.ON_MESSAGE
    callback = compose(event=event, skill_id="s", secret=SecretStr(secret), scheme=KEY)
    body = b"x" * 4090 + secret.encode()
    async with (
        CallbackSender() as sender,
        scripted(answer(200, body, f"Server: {secret}")) as script,
    ):
        delivery = await sender.send(script.url, callback)
    (attempt,) = delivery.attempts
    assert b"key-5d" not in attempt.response_excerpt
    assert dict(attempt.response_headers)["server"] == MASK
