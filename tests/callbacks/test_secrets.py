"""No secret may sit in anything that is printed, logged or raised."""

from __future__ import annotations

import copy
import logging
import traceback
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from cognitui.callbacks.compose import compose, compose_raw
from cognitui.callbacks.verify import verify
from cognitui.cognigy.models import TriggerEvent
from cognitui.errors import CognituiError

from .support import SECRET, answer, scripted

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognitui.callbacks.receive import Receiver
    from cognitui.callbacks.send import CallbackSender


def test_not_in_a_callback() -> None:
    callback = compose(event=TriggerEvent.ON_MESSAGE, skill_id="s", secret=SecretStr(SECRET))
    raw = compose_raw(b"{}", secret=SECRET)
    for one in (callback, raw):
        values = [getattr(one, field.name) for field in fields(one)]
        assert SECRET not in f"{one!r} {one} {values!r} {copy.copy(one)!r} {asdict(one)!r}"
        assert SECRET.encode() not in one.body
        assert "body" not in repr(one)


def test_not_in_a_verdict() -> None:
    for secret in (SECRET, SECRET + "\n", SecretStr(SECRET), SECRET.encode()):
        verdict = verify(b"{}", "sha256=" + "0" * 64, "x", secrets=[secret], now_ms=0)
        assert SECRET not in f"{verdict!r} {verdict.reason} {verdict.hints}"


@pytest.mark.parametrize(
    "fail",
    [
        lambda: compose(
            event=TriggerEvent.ON_MESSAGE, skill_id="s", secret=SECRET, template={"a": "{{b}}"}
        ),
        lambda: compose(
            event=TriggerEvent.ON_MESSAGE, skill_id="s", secret=SECRET, template={"a": object()}
        ),
        lambda: compose(event=TriggerEvent.ON_MESSAGE, skill_id="s", secret=SECRET, text="\ud800"),
        lambda: compose_raw(b"x" * 2_000_000, secret=SECRET),
    ],
)
def test_not_in_an_error(fail: Callable[[], object]) -> None:
    with pytest.raises(CognituiError) as caught:
        fail()
    error = caught.value
    text = f"{error!r} {error} {error.hint} {error.as_dict()} {vars(error)}"
    text += "".join(traceback.format_exception(error))
    assert SECRET not in text.replace(repr(SECRET), "")


async def test_not_in_a_delivery_a_receiver_or_the_log(
    sender: CallbackSender, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="cognitui")
    callback = compose(event=TriggerEvent.ON_MESSAGE, skill_id="s", secret=SECRET)
    delivered = await sender.send(receiver.url, callback)
    async with scripted(answer(503)) as script:
        failed = await sender.send(script.url, callback, retries=1)
    printed = f"{delivered!r} {failed!r} {sender!r} {receiver!r} {receiver.received!r}"
    assert caplog.records
    assert SECRET not in printed + caplog.text + delivered.reason + failed.reason
