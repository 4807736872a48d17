"""What the other side sent, as names and values that can be shown and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cognitui.network.certificate import Certificate
    from cognitui.network.exchange import Reply
    from cognitui.network.way import Way
    from cognitui.webhooks.endpoint_report import Evidence

MAX_NAMES = 3
MAX_ANSWER = 200


def evidence_of(way: Way, replies: Iterable[Reply]) -> Evidence:
    """All that is worth keeping; texts are bounded and have printable characters only."""
    found = []
    if way.addresses:
        found.append(("address", ", ".join(way.addresses)))
    if way.protocol:
        found.append(("tls", way.protocol))
    if way.certificate is not None:
        found += _of_certificate(way.certificate)
    for reply in replies:
        found += _of_reply(reply)
    return tuple(found)


def _of_certificate(certificate: Certificate) -> Iterator[tuple[str, str]]:
    names = ", ".join(certificate.names[:MAX_NAMES])
    more = len(certificate.names) - MAX_NAMES
    yield "certificate of", certificate.subject or "(no name)"
    if names:
        yield "certificate for", f"{names} and {more} more" if more > 0 else names
    yield "certificate issuer", certificate.issuer or "(no name)"
    yield "certificate until", f"{certificate.ends:%Y-%m-%d %H:%M} UTC"


def _of_reply(reply: Reply) -> Iterator[tuple[str, str]]:
    method = reply.method
    yield method, str(reply.status)
    if reply.allow:
        yield f"{method} allow", ", ".join(sorted(reply.allow))
    if reply.location:
        yield f"{method} location", reply.location
    for name, value in reply.headers.items():
        yield f"{method} {name}", value
    if reply.body:
        text = "".join(c for c in reply.body.decode("utf-8", "replace") if c.isprintable())
        yield f"{method} answer", text[:MAX_ANSWER]
