"""What can be found out about an endpoint beyond sending it one callback."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.content import Content

from cognitui.callbacks.display import safe_text
from cognitui.callbacks.hexdump import hex_dump
from cognitui.clock import unix_ms
from cognitui.errors import UsageError
from cognitui.tui.screens.ask import Ask
from cognitui.tui.screens.confirm import Confirm
from cognitui.tui.screens.picker import Choice, Picker
from cognitui.tui.screens.viewer import Viewer

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognitui.callbacks.burst.burst import Burst as CallbackBurst
    from cognitui.callbacks.burst.plan import BurstPlan
    from cognitui.callbacks.burst.snapshot import BurstSnapshot
    from cognitui.callbacks.explain.explain import Explanation
    from cognitui.callbacks.explain.paste import PastedRequest
    from cognitui.callbacks.received import Received
    from cognitui.callbacks.tamper.card import CaseResult, ReportCard
    from cognitui.callbacks.tamper.case import Case
    from cognitui.tui.screens.callbacks import CallbacksPlace

SHOWN_BODY = 64 * 1024
MAX_SHOWN = 1_000_000
# What sixteen bytes in a line need, with the dialog around them.
WIDE = 90
EXPORTS = (
    Choice("curl", "curl", "a shell command that sends the same bytes"),
    Choice("http", "HTTP file", "for editors that send requests"),
    Choice("har", "HAR", "for browsers and proxies"),
    Choice("pytest", "pytest case", "a test of your endpoint"),
)
FORWARD = (
    "What verifies is sent on byte for byte, to a program on this machine, such as "
    "http://127.0.0.1:8000/callback. Empty ends that."
)
ANSWERS = (
    "The next requests are answered like this, one after the other; then as always. For example "
    "503,503,200 or 429 retry-after=2 or delay=2000 or close."
)


class Lab:
    """The dialogs that the place opens.

    Args:
        place: Callbacks, whose target, scheme and secret are meant.
    """

    def __init__(self, place: CallbacksPlace) -> None:
        self._place = place

    # Attack, load

    async def probe(self) -> None:
        """Run the tamper suite against the target."""
        from cognitui.callbacks.tamper.wire import is_loopback
        from cognitui.network.resolve import remark_about
        from cognitui.tui.screens.probe import Probe

        place = self._place
        url, secret = place.form.require_target()
        scheme = place.form.scheme
        is_here = is_loopback(url)
        remark = "" if is_here else await remark_about(url)
        note = f" {remark}" if remark else ""
        if not is_here and not await place.app.push_screen_wait(
            Confirm(
                f"Send forged callbacks to {safe_text(url, 80)}?",
                f"It is another machine.{note} What it accepts of them it acts on, so it should be "
                "yours, and not the one that serves customers.",
                action="Send them",
                key="y",
            )
        ):
            return

        async def start(
            on_result: Callable[[CaseResult], object], on_begin: Callable[[Case], object]
        ) -> ReportCard:
            return await place.workspace.lab.probe(
                url,
                scheme,
                secret,
                webhook_id=place.target_id,
                on_result=on_result,
                on_begin=on_begin,
                allow_elsewhere=not is_here,
            )

        await place.app.push_screen_wait(Probe(f"Report card of {url}, scheme {scheme.id}", start))

    async def burst(self) -> None:
        """Send many callbacks to the target."""
        from cognitui.callbacks.burst.plan import Target
        from cognitui.network.resolve import remark_about
        from cognitui.tui.screens.burst import Burst

        place = self._place
        url, secret = place.form.require_target()
        target, content, scheme = Target.of(url), place.form.burst_content, place.form.scheme
        actions = place.workspace.lab

        def prepare(plan: BurstPlan, typed: str) -> CallbackBurst:
            return actions.prepare_burst(
                url, plan, content, secret=secret, scheme=scheme, confirmed_host=typed
            )

        async def run(
            burst: CallbackBurst, tell: Callable[[BurstSnapshot], object]
        ) -> BurstSnapshot:
            return await actions.burst(burst, webhook_id=place.target_id, on_snapshot=tell)

        host = "" if target.is_loopback else target.host
        note = await remark_about(url) if host else ""
        await place.app.push_screen_wait(Burst(f"Burst to {url}", host, prepare, run, note=note))

    # Look closely

    async def explain(self) -> None:
        """Say why what the cursor is on does not verify, or a request that is pasted."""
        from cognitui.callbacks.explain.explain import explain_aside
        from cognitui.callbacks.explain.keys import NamedSecret, Role
        from cognitui.callbacks.explain.paste import request_of
        from cognitui.tui.screens.explain import Explain

        place = self._place
        scheme, received = place.form.scheme, place.listed_received
        secrets = [NamedSecret("the form", place.form.secret)] if place.form.secret else []
        for name, secret in place.workspace.callbacks.named_secrets():
            role = Role.OTHER if secrets else Role.CURRENT
            secrets.append(NamedSecret(name, secret, role))

        async def start(request: PastedRequest) -> Explanation:
            is_caught = received is not None and request is caught
            at = received.at if is_caught and received else place.workspace.clock.now()
            return await explain_aside(
                request,
                scheme,
                secrets,
                now_ms=unix_ms(at),
                seen=received.verdict if is_caught and received else None,
                schemes=place.workspace.callbacks.schemes,
            )

        caught = None
        if received is not None:
            headers = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in received.raw_headers]
            caught = request_of(received.method, received.path, headers, received.body)
        title = f"Why does it not verify? Scheme {scheme.id}"
        text = request_text(received) if received is not None else ""
        await place.app.push_screen_wait(Explain(title, start, caught=caught, text=text))

    async def show_bytes(self) -> None:
        """The exact bytes of what the cursor is on, else of what would be sent."""
        place = self._place
        received = place.selected_received
        if received is not None:
            title, body = f"Callback {received.number} as it arrived", received.body
        else:
            callback = place.form.callback
            if callback is None:
                raise UsageError("There is nothing to look at.", hint="Correct the body first.")
            title, body = "The callback as it will be sent", callback.body
        columns = 16 if place.app.size.width >= WIDE else 8
        text = hex_dump(body, SHOWN_BODY, columns=columns)
        await place.app.push_screen_wait(Viewer(f"{title}: {len(body):,} bytes", shown_text(text)))

    async def show_code(self) -> None:
        """Code that verifies callbacks of this scheme."""
        from cognitui.callbacks.snippets import STACKS, snippet

        place = self._place
        choices = [Choice(stack, title, stack) for stack, title in STACKS.items()]
        picker = Picker("Verify code for which stack?", choices, empty="no stack matches")
        chosen = await place.app.push_screen_wait(picker)
        if chosen is None:
            return
        made = snippet(chosen, place.form.scheme)
        await place.app.push_screen_wait(
            Viewer(f"{made.title}: {made.filename}", Content(made.code), notes=" ".join(made.notes))
        )

    # What arrived

    async def export(self) -> None:
        """Show what the cursor is on in a form that other programs read."""
        from cognitui.callbacks.export.curl import curl
        from cognitui.callbacks.export.har import har
        from cognitui.callbacks.export.http_file import http_file
        from cognitui.callbacks.export.pytest_case import pytest_case
        from cognitui.callbacks.export.subject import of_received

        place = self._place
        received = place.require_received()
        picker = Picker("Export as", EXPORTS, empty="no such form")
        chosen = await place.app.push_screen_wait(picker)
        if chosen is None:
            return
        subject = of_received(received)
        text = {
            "curl": lambda: curl(subject),
            "http": lambda: http_file(subject).text,
            "har": lambda: har([subject]),
            "pytest": lambda: pytest_case(subject),
        }[chosen]()
        title = f"{received.number} as {next(c.title for c in EXPORTS if c.value == chosen)}"
        await place.app.push_screen_wait(Viewer(title, shown_text(text), text=text))

    async def keep(self) -> None:
        """Keep what the cursor is on in a file."""
        place = self._place
        received = place.require_received()
        capture = await asyncio.to_thread(place.workspace.callbacks.captures.save, received)
        place.tell(place.app.with_keys(f"Kept as {capture.name}. {{callbacks.replay}} lists them."))

    async def replay(self) -> None:
        """Send a capture again, byte for byte."""
        from cognitui.callbacks.capture import replay

        place = self._place
        store = place.workspace.callbacks.captures
        found = {capture.name: capture for capture in await asyncio.to_thread(store.captures)}
        choices = [
            Choice(name, name, f"{capture.event or '–'}  {safe_text(capture.reason, 60)}")
            for name, capture in found.items()
        ]
        picker = Picker("Send which capture again?", choices, empty="no capture", noun="capture")
        chosen = await place.app.push_screen_wait(picker)
        if chosen is not None:
            place.form.require_target()
            await place.deliver(replay(found[chosen], secret=place.form.secret))

    # The receiver

    async def forward(self) -> None:
        """Hand what verifies to another program on this machine, or no longer."""
        from cognitui.callbacks.forward import Forwarder

        place = self._place

        def use(url: str) -> None:
            forwarder = Forwarder(url) if url else None
            place.workspace.callbacks.receiver.set_forwarder(forwarder)
            where = safe_text(url, 80)
            place.tell(f"What verifies is handed to {where}." if where else "Nothing is forwarded.")

        await self._ask("Forward to which URL?", FORWARD, use)

    async def plan_answers(self) -> None:
        """Tell the receiver how to answer."""
        from cognitui.callbacks.answers import parse_plan

        place = self._place

        def use(text: str) -> None:
            plan = parse_plan(text)
            place.workspace.callbacks.receiver.set_answers(plan)
            place.tell(f"The receiver answers: {plan.words}." if plan.steps else "As always.")

        await self._ask("Answer how?", ANSWERS, use)

    async def _ask(self, title: str, words: str, use: Callable[[str], None]) -> None:
        """Ask for a line, again with what is wrong until it can be used or is given up."""
        typed, problem = "", ""
        while True:
            asked = await self._place.app.push_screen_wait(
                Ask(title, words, value=typed, problem=problem)
            )
            if asked is None:
                return
            try:
                use(asked.strip())
            except UsageError as error:
                typed, problem = asked, f"{error.message} {error.hint}".strip()
            else:
                return


def shown_text(text: str) -> Content:
    """A text of ours with a stranger's bytes in it, as it can be shown."""
    return Content(safe_text(text, MAX_SHOWN, multiline=True))


def request_text(received: Received) -> str:
    """What arrived as a raw request, as far as text can say it."""
    lines = [f"{received.method} {received.path} HTTP/1.1"]
    lines += [
        f"{name.decode('latin-1')}: {value.decode('latin-1')}"
        for name, value in received.raw_headers
    ]
    head = "\n".join(lines)
    body = received.body[:SHOWN_BODY].decode("utf-8", "replace")
    return safe_text(f"{head}\n\n{body}", 2 * SHOWN_BODY, multiline=True)
