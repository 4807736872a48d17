"""Place 4: composing, signing and sending a callback, and what arrives here."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import TYPE_CHECKING

import httpx
import pytest
import pytest_asyncio
from textual.widgets import Select, Static, TextArea

from cognitui.audit.records import Action, Outcome
from cognitui.errors import UsageError
from cognitui.tui.screens.confirm import Confirm
from cognitui.tui.screens.picker import Picker
from cognitui.tui.widgets.receiver_panel import ReceiverPanel
from cognitui.workspace.callbacks import CallbackActions

from .support import SECRET

if TYPE_CHECKING:
    from cognitui.sandbox import Sandbox

    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def simulator(shared: Console) -> Console:
    """The simulator as it is at first, aimed at the receiver on this machine."""
    await shared.go("callbacks")
    for name, text in (("target", ""), ("secret", ""), ("text", "Hello.")):
        await shared.type(f"#{name}", text)
    shared.app.screen.query_one("#event", Select).value = "ON_MESSAGE"
    shared.screen_one("#text").focus()
    await shared.press("f8", "f9", "f6")
    return shared


def body(console: Console) -> str:
    return console.app.screen.query_one("#body", TextArea).text


def signature(console: Console) -> str:
    found = re.search(r"sha256=[0-9a-f]{64}", console.shows("#headers"))
    return found[0] if found else ""


def signed(text: str, secret: str) -> str:
    return "sha256=" + hmac.digest(secret.encode(), text.encode(), hashlib.sha256).hex()


async def send(console: Console, arrives: int) -> None:
    """Send, and wait until so many have arrived altogether."""
    await console.press("ctrl+s")
    await console.until(lambda: len(console.rows("#received")) == arrives)


async def test_the_signature_is_over_the_body_and_changes_while_typing(console: Console) -> None:
    await console.go("callbacks")
    assert console.shows("#headers") == "not signed yet"
    assert console.note("secret") == "needed to sign"
    await console.type("#secret", SECRET)
    assert console.note("secret") == ""
    first = signature(console)
    assert first == signed(body(console), SECRET)
    await console.type("#text", "Where is my order?")
    assert json.loads(body(console))["message"]["text"] == "Where is my order?"
    second = signature(console)
    assert second == signed(body(console), SECRET)
    console.app.screen.query_one("#event", Select).value = "ON_FALLBACK"
    await console.settle()
    assert json.loads(body(console))["trigger"] == "ON_FALLBACK"
    assert signature(console) == signed(body(console), SECRET)
    await console.type("#secret", f"{SECRET}!")
    assert signature(console) == signed(body(console), f"{SECRET}!")
    stamp = json.loads(body(console))["timestamp"]
    assert f"X-Cognigy-Timestamp: {stamp}" in console.shows("#headers")


async def test_an_unsigned_callback_is_not_sent(console: Console, sandbox: Sandbox) -> None:
    await console.go("callbacks")
    await console.press("ctrl+s")
    assert "There is no target." in console.last_told
    assert console.focused == "target"
    await console.type("#target", sandbox.info.webhook_url)
    await console.press("ctrl+s")
    assert "cannot be signed" in console.last_told
    assert console.focused == "secret"
    assert sandbox.tenant.endpoint_received == []
    assert await console.records() == []


async def test_a_callback_that_is_sent_arrives_and_verifies(simulator: Console) -> None:
    await send(simulator, 1)
    assert simulator.shows("#delivery").startswith("✓ Delivered in 1 attempt")
    (row,) = simulator.rows("#received")
    assert row[2:4] == ["✓ verified", "ON_MESSAGE"]
    detail = simulator.shows("#received-detail")
    assert detail.startswith("valid, fresh and not seen before")
    assert "signature valid · time fresh · replay new · answered 2" in detail
    assert body(simulator) in detail
    records = (await simulator.records())[:2]
    assert sorted(record.action for record in records) == [
        Action.CALLBACK_RECEIVE, Action.CALLBACK_SEND,
    ]  # fmt: skip
    assert {record.outcome for record in records} == {Outcome.OK}


async def test_a_wrong_secret_is_seen_by_the_receiver(simulator: Console) -> None:
    await simulator.type("#secret", SECRET)
    await send(simulator, 1)
    assert simulator.shows("#delivery").startswith("✗ 401")
    assert simulator.rows("#received")[0][2] == "✗ invalid"
    assert "does not match this body and secret" in simulator.shows("#received-detail")


async def test_a_body_edited_by_hand_is_sent_as_it_stands(simulator: Console) -> None:
    raw = '{ "sessionId" : "typed by hand",\n  "trigger":"ON_SKILL_END" }'
    await simulator.type("#body", raw)
    assert "sent as it stands" in simulator.shows("#body-note")
    secret = simulator.value("#secret")
    assert signature(simulator) == signed(raw, secret)
    # What the form says no longer counts.
    await simulator.type("#text", "not this")
    assert body(simulator) == raw
    await send(simulator, 1)
    (received,) = simulator.workspace.callbacks.receiver.received
    assert received.body == raw.encode()
    assert simulator.rows("#received")[0][2] == "✓ verified"

    await simulator.press("f8")
    assert simulator.shows("#body-note") == ""
    assert json.loads(body(simulator))["message"]["text"] == "not this"


async def test_several_arrive_one_below_the_other_and_f9_clears_them(
    simulator: Console,
) -> None:
    for number, text in enumerate(("one", "two"), 1):
        await simulator.type("#text", text)
        await send(simulator, number)
    first, second = (int(row[0]) for row in simulator.rows("#received"))
    assert second == first + 1
    assert '"two"' in simulator.shows("#received-detail")
    simulator.screen_one("#received").focus()
    await simulator.press("up")
    assert '"one"' in simulator.shows("#received-detail")
    await simulator.press("f9")
    assert simulator.rows("#received") == []
    assert "Nothing has arrived yet." in simulator.shows("#receiver-empty")
    await simulator.type("#text", "three")
    await send(simulator, 1)
    assert int(simulator.rows("#received")[0][0]) == second + 1


async def test_what_arrives_behind_a_dialog_is_drawn_when_the_dialog_is_gone(
    simulator: Console,
) -> None:
    place = simulator.place
    drawn: list[int] = []
    panel = place.query_one(ReceiverPanel)
    await simulator.app.push_screen(Confirm("Wait?", "For what arrives.", action="Yes", key="y"))
    rows = panel.rows
    rows.show_rows, show_rows = lambda *a, **k: drawn.append(1), rows.show_rows  # type: ignore[method-assign]
    url = simulator.workspace.callbacks.receiver.url
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.post(url, content=b"{}")).status_code == 401
    await simulator.until(lambda: panel.has_any)
    await simulator.settle()
    assert drawn == []
    rows.show_rows = show_rows  # type: ignore[method-assign]
    await simulator.press("escape")
    await simulator.until(lambda: len(simulator.rows("#received")) == 1)


async def test_what_arrives_while_elsewhere_is_listed_on_return(simulator: Console) -> None:
    await simulator.go("audit")
    simulator.callbacks.action_send()
    place = simulator.callbacks
    await simulator.until(lambda: bool(simulator.workspace.callbacks.receiver.received))
    await simulator.settle()
    await simulator.go("callbacks")
    assert simulator.place is place
    await simulator.until(lambda: len(simulator.rows("#received")) == 1)


async def test_the_receiver_is_switched_off_and_on(simulator: Console) -> None:
    receiver = simulator.workspace.callbacks.receiver
    title = simulator.app.screen.query_one("#receiver-title", Static)
    assert f"● {receiver.url}" in str(title.render())
    await simulator.press("f7")
    assert not receiver.is_running
    assert "○ off" in str(title.render())
    assert "The receiver is off." in simulator.shows("#receiver-empty")
    await simulator.press("f7")
    assert f"● {receiver.url}" in str(title.render())
    assert "Nothing has arrived yet." in simulator.shows("#receiver-empty")


async def test_f2_aims_at_a_webhook_of_the_bot(console: Console, sandbox: Sandbox) -> None:
    await console.go("callbacks")
    await console.answered("f2")
    assert isinstance(console.app.screen, Picker)
    await console.press(*"c33b", "enter")
    hook = sandbox.tenant.bots[sandbox.info.bot_id].webhooks["wh_c33b"]
    assert console.value("#target") == hook.url
    assert console.app.screen.query_one("#event", Select).value == hook.triggers[0]["event"]
    assert console.note("target") == "wh_c33b"
    assert console.note("secret") == "needed to sign: it is not known here"
    assert json.loads(body(console))["skillId"] == hook.skill_id

    await console.type("#secret", hook.secret)
    await console.press("ctrl+s")
    assert "✓ Delivered" in console.shows("#delivery")
    (arrived,) = sandbox.tenant.endpoint_received
    assert arrived.status == 204
    (record,) = await console.records()
    assert record.webhook_id == "wh_c33b"

    # Another URL is no longer that webhook.
    await console.type("#target", "http://127.0.0.1:1/elsewhere")
    assert console.note("target") == ""
    assert json.loads(body(console))["skillId"] == "skill_test"


async def test_an_endpoint_that_is_not_there_is_told(console: Console, sandbox: Sandbox) -> None:
    await console.go("callbacks")
    await console.type("#target", "http://127.0.0.1:1/nobody")
    await console.type("#secret", SECRET)
    await console.press("ctrl+s")
    assert console.shows("#delivery").startswith("✗ Not delivered in 1 attempt")
    (record,) = await console.records()
    assert record.outcome is Outcome.FAILED


async def test_what_was_typed_a_moment_ago_is_what_is_sent(
    simulator: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cognitui.tui.soon.DELAY_S", 5)
    await simulator.type("#text", "typed last")
    await send(simulator, 1)
    (received,) = simulator.workspace.callbacks.receiver.received
    assert json.loads(received.body)["message"]["text"] == "typed last"
    assert simulator.rows("#received")[0][2] == "✓ verified"


async def test_a_target_that_is_no_url_is_told(console: Console) -> None:
    await console.go("callbacks")
    await console.type("#target", "nowhere")
    await console.type("#secret", SECRET)
    await console.press("ctrl+s")
    assert console.shows("#delivery") == "✗ not sent"
    assert console.last_told


async def test_a_target_in_a_private_network_is_pointed_out(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise UsageError("No test sends anything there.")

    monkeypatch.setattr(CallbackActions, "send", refuse)
    await console.go("callbacks")
    await console.type("#target", "http://10.1.2.3/hook")
    await console.type("#secret", SECRET)
    await console.press("ctrl+s")
    assert "Note: 10.1.2.3 is in a private network." in console.told


async def test_a_target_that_nothing_is_sent_to_is_told(console: Console) -> None:
    await console.go("callbacks")
    await console.type("#target", "http://169.254.169.254/latest/meta-data")
    await console.type("#secret", SECRET)
    await console.press("ctrl+s")
    assert "169.254.169.254 is an address that nothing is sent to" in console.shows("#delivery")


@pytest.mark.parametrize(
    ("url", "noted"), [("http://10.0.0.1/x", True), ("http://8.8.8.8/", False)]
)
@pytest.mark.parametrize("key", ["p", "b"])
async def test_what_is_sent_many_times_is_noted_to_go_to_a_private_network(
    console: Console, key: str, url: str, noted: bool
) -> None:
    await console.go("callbacks")
    await console.type("#target", url)
    await console.type("#secret", SECRET)
    await console.press("escape")
    await console.answered(key)
    assert ("10.0.0.1 is in a private network" in " ".join(console.text.split())) is noted
    await console.press("escape")
