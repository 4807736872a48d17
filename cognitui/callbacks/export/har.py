"""Callbacks as an HTTP archive (HAR 1.2), which browsers and proxies open.

http://www.softwareishard.com/blog/har-12-spec/
"""

from __future__ import annotations

import base64
import json
from datetime import UTC
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from cognitui.__about__ import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cognitui.callbacks.export.subject import Subject
    from cognitui.callbacks.timings import Timings

_UNKNOWN = -1


def har(subjects: Iterable[Subject]) -> str:
    """The archive of one callback or many, as JSON in ASCII."""
    log = {
        "version": "1.2",
        "creator": {"name": "cognitui", "version": __version__},
        "entries": [_entry(subject) for subject in subjects],
    }
    return json.dumps({"log": log}, indent=1) + "\n"


def _entry(subject: Subject) -> dict[str, Any]:
    attempt = subject.attempt
    timings = _timings(attempt.timings if attempt else None)
    return {
        "startedDateTime": subject.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "time": attempt.ms if attempt else 0,
        "request": _request(subject),
        "response": _response(subject),
        "cache": {},
        "timings": timings,
    } | ({} if subject.accepted is None else {"_accepted": subject.accepted})


def _request(subject: Subject) -> dict[str, Any]:
    query = urlsplit(subject.url).query
    kind = next((v for name, v in subject.headers if name.lower() == "content-type"), "")
    posted: dict[str, Any] = {"mimeType": kind, "params": []}
    try:
        posted["text"] = subject.body.decode("utf-8")
    except UnicodeDecodeError:
        # The format has no place for bytes in a request; names with _ are everybody's own.
        posted |= {"text": base64.b64encode(subject.body).decode("ascii"), "_encoding": "base64"}
    return {
        "method": "POST",
        "url": subject.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(subject.headers),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(query, keep_blank_values=True)
        ],
        "postData": posted,
        "headersSize": _UNKNOWN,
        "bodySize": len(subject.body),
    }


def _response(subject: Subject) -> dict[str, Any]:
    attempt = subject.attempt
    excerpt = attempt.response_excerpt if attempt else b""
    headers = attempt.response_headers if attempt else ()
    kind = next((v for name, v in headers if name.lower() == "content-type"), "")
    content: dict[str, Any] = {"size": len(excerpt), "mimeType": kind}
    if excerpt:
        content |= {"text": base64.b64encode(excerpt).decode("ascii"), "encoding": "base64"}
    status = subject.status or 0  # 0 is how browsers write that there was no answer
    return {
        "status": status,
        "statusText": _phrase(status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(headers),
        "content": content,
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
    }


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _headers(headers: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    # Bytes that are no text are written as the letters of latin-1 that they would be.
    return [{"name": name, "value": _letters(value)} for name, value in headers]


def _letters(value: str) -> str:
    raw = value.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _timings(timings: Timings | None) -> dict[str, float]:
    if timings is None:
        return {"send": 0, "wait": 0, "receive": 0}
    connect, tls = timings.connect_ms, timings.tls_ms
    return {
        "dns": _or_unknown(timings.dns_ms),
        # In this format the time for TLS is a part of the time to connect.
        "connect": _UNKNOWN if connect is None else connect + (tls or 0),
        "ssl": _or_unknown(tls),
        "send": timings.send_ms or 0,
        "wait": timings.wait_ms or 0,
        "receive": timings.read_ms or 0,
    }


def _or_unknown(ms: float | None) -> float:
    return _UNKNOWN if ms is None else ms
