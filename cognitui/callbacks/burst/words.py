"""What the ways in which a callback of a burst can fail mean, in words."""

from __future__ import annotations

from cognitui.callbacks.delivery import describe_status

_WORDS = {
    "timeout": "connected, but no complete answer within the timeout",
    "connect_timeout": "no connection within the timeout",
    "connect_failed": "nothing answers there",
    "connection_lost": "the connection ended before an answer",
    "cut_short": "the connection ended in the middle of an answer",
    "not_http": "what was answered is not HTTP",
    "tls_failed": "the certificate was not accepted, so nothing was sent",
    "tls_error": "the endpoint and this machine do not agree on TLS",
    "local_limit": "this machine has no more ports or files for connections",
}
_HTTP = "http_"


def describe_failure(kind: str) -> str:
    """What a key of `BurstSnapshot.failures` means."""
    if kind.startswith(_HTTP):
        sentence = describe_status(int(kind.removeprefix(_HTTP))) or kind
        return sentence.partition(": ")[2].rstrip(".") or sentence
    return _WORDS.get(kind, kind)
