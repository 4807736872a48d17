"""Callbacks, deliveries and what arrived, as text: pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from cognitui.callbacks.display import safe_text
from cognitui.tui.render import plain
from cognitui.tui.widgets.row_text import Column, Row
from cognitui.webhooks.words import duration

if TYPE_CHECKING:
    from cognitui.callbacks.compose import Callback
    from cognitui.callbacks.delivery import Delivery
    from cognitui.callbacks.received import Forwarded, Received
    from cognitui.callbacks.verdict import Verdict

MAX_BODY = 2000


def headers_text(callback: Callback) -> Content:
    """The headers of its scheme as they will be sent, and what they do not protect against."""
    names = {name.lower() for name in callback.scheme.headers}
    lines = [
        Content.assemble((f"{name}: ", "$foreground-muted"), plain(value))
        for name, value in callback.shown_headers
        if name.lower() in names
    ]
    if callback.scheme.warning:
        lines.append(plain(f"! {callback.scheme.warning}", 300).stylize("$warning"))
    return Content("\n").join(lines)


def sending(attempt: int, retries: int) -> str:
    """What is under way, while the attempt of this number is."""
    counted = f", attempt {attempt} of {retries + 1}" if retries else ""
    return f"sending the callback{counted}"


def delivery_text(delivery: Delivery) -> Content:
    """What came back."""
    colour, mark = ("$success", "✓") if delivery.is_delivered else ("$error", "✗")
    lines = [plain(f"{mark} {delivery.reason}", 300).stylize(colour)]
    if delivery.attempts and delivery.attempts[-1].timings is not None:
        words = delivery.attempts[-1].timings.words
        lines.append(Content.assemble(("  time    ", "$foreground-muted"), plain(words)))
    if len(delivery.attempts) > 1:
        lines += [
            Content.assemble(
                (f"  {a.number}  {duration(a.ms):>8}  ", "$foreground-muted"),
                plain(str(a.status) if a.status else (a.error or "")),
            )
            for a in delivery.attempts
        ]
    if delivery.attempts and delivery.attempts[-1].response_excerpt:
        excerpt = safe_text(delivery.attempts[-1].response_excerpt, 300)
        lines.append(Content.assemble(("  answer  ", "$foreground-muted"), Content(excerpt)))
    return Content("\n").join(lines)


RECEIVED_COLUMNS = (
    Column("number", "#", 5),
    Column("at", "AT", 8, rank=1),
    Column("verdict", "VERDICT", 12),
    Column("event", "EVENT", 15, share=1, rank=2),
    Column("size", "SIZE", 7, rank=3),
)


def verdict_cell(verdict: Verdict) -> tuple[str, str]:
    """A verdict as one cell of the list: a mark and a word, never colour alone."""
    if verdict.accepted:
        return "✓ verified", "good"
    if verdict.signature == "valid":
        word = str(verdict.freshness) if verdict.freshness != "fresh" else "replay"
        return f"! {word}", "warn"
    return f"✗ {verdict.signature}", "bad"


def received_row(received: Received) -> Row:
    """One line of the receiver's list."""
    return Row(
        (
            ((str(received.number), "muted"),),
            ((received.at.astimezone().strftime("%H:%M:%S"), ""),),
            (verdict_cell(received.verdict),),
            ((str(received.event or "–"), ""),),
            ((f"{len(received.body)} B", ""),),
        )
    )


def forwarded_text(forwarded: Forwarded) -> Content:
    """What became of one that was handed on."""
    if forwarded.error is not None:
        return plain(f"✗ not handed on: {forwarded.error}", 300).stylize("$error")
    told = f"handed on: {forwarded.status} after {duration(forwarded.ms)}"
    return plain(told).stylize("$foreground-muted")


def waiting(number: int, seconds: float, retries: int) -> str:
    """What is under way between two attempts."""
    return f"waiting {seconds:.1f} s before attempt {number} of {retries + 1}"


def received_detail(received: Received) -> Content:
    """The verdict in words, the headers and the body of what arrived."""
    verdict = received.verdict
    colour = "$success" if verdict.accepted else "$error"
    lines = [plain(verdict.reason, 300).stylize(colour)]
    lines += [plain(hint, 300).stylize("$foreground-muted") for hint in verdict.hints]
    lines.append(
        Content.styled(
            f"signature {verdict.signature} · time {verdict.freshness} · replay {verdict.replay}"
            f" · answered {received.status}",
            "$foreground-muted",
        )
    )
    if received.secret is not None:
        lines.append(plain(f"signed with {received.secret.words}").stylize("$foreground-muted"))
    if received.told is not None:
        lines.append(plain(f"as told: {received.told.words}").stylize("$foreground-muted"))
    if received.forwarded is not None:
        lines.append(forwarded_text(received.forwarded))
    lines += [
        Content.assemble((f"{name}: ", "$foreground-muted"), plain(value))
        for name, value in received.headers
    ]
    body = safe_text(received.body, MAX_BODY, multiline=True)
    lines += [Content(""), *[Content(line) for line in body.splitlines()]]
    return Content("\n").join(lines)
