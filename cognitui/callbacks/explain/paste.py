"""Read a request that somebody pasted: raw HTTP/1.1, or a curl command."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cognitui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_PASTE_BYTES = 4 * 1024 * 1024
MAX_HEADERS = 200
_NAME = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}"
_HEADER = re.compile(rb"(:?%b)[ \t]*:(.*)" % _NAME)
_REQUEST_LINE = re.compile(rb"([A-Z]{1,20}) (\S{1,8000})(?: HTTP/[0-9](?:\.[0-9])?)?[ \t]*")
_END_OF_HEAD = re.compile(rb"\n[ \t]*\r?\n")
_CURL = re.compile(rb"\s*(?:\$ +)?(?:curl(?:\.exe)?(?=[\s\\])|printf +'%s' )")
_CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,200})?\r?\n")
_TITLE = re.compile(rb"###[^\n]{0,1000}\n")
_BODY_FILE = re.compile(rb"<\s[^\r\n]{1,1000}\s*")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class PastedRequest:
    """A request as it is said to have arrived. All of it is a stranger's.

    Attributes:
        method: Upper case.
        target: The path, or the whole URL where that is known.
        headers: In order, repeated ones repeated.
        body: The raw bytes.
        notes: What was taken off while reading, in plain words.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    notes: tuple[str, ...] = ()


def request_of(
    method: str, target: str, headers: Sequence[tuple[str, str]], body: bytes
) -> PastedRequest:
    """A request from its parts, such as those of one that the receiver has caught."""
    return PastedRequest(method, target, tuple(headers[:MAX_HEADERS]), body)


def read_request(pasted: bytes | str) -> PastedRequest:
    """The request that a text describes.

    Args:
        pasted: A raw HTTP/1.1 request, with CRLF or LF, with or without its first line; the
            request of a ``.http`` file; or a curl command.

    Raises:
        UsageError: It is neither, or too long.
    """
    data = pasted if isinstance(pasted, bytes) else pasted.encode("utf-8", "surrogatepass")
    if len(data) > MAX_PASTE_BYTES:
        raise UsageError(
            f"The request has {len(data):,} bytes; at most {MAX_PASTE_BYTES:,} are read.",
            field="request",
        )
    data = data.removeprefix(_BOM)
    if _CURL.match(data):
        from cognitui.callbacks.explain.curl import read_curl

        return read_curl(data)
    data = data.lstrip(b"\r\n")
    if (title := _TITLE.match(data)) is not None:
        return _of_http_file(data[title.end() :])
    return _read_http(data)


def _of_http_file(data: bytes) -> PastedRequest:
    """A request of a ``.http`` file, without the line that names it."""
    request = _read_http(data.lstrip(b"\r\n"))
    if _BODY_FILE.fullmatch(request.body):
        raise UsageError(
            "The body of this request is in a file beside it.",
            hint="Put that file's bytes in the place of the line that names it, or export the "
            "callback as curl.",
            field="request",
        )
    for end in (b"\r\n", b"\n"):
        if request.body.endswith(end):
            note = "a line end after the body was left out, as such files end with one"
            notes = (*request.notes, note)
            return replace(request, body=request.body.removesuffix(end), notes=notes)
    return request


def _read_http(data: bytes) -> PastedRequest:
    end = _END_OF_HEAD.search(data)
    head, body = (data, b"") if end is None else (data[: end.start()], data[end.end() :])
    lines = [line.removesuffix(b"\r") for line in head.split(b"\n")]
    first = _REQUEST_LINE.fullmatch(lines[0])
    method, target = "POST", "/"
    if first is not None:
        method, target = first[1].decode("ascii"), first[2].decode("latin-1")
        lines = lines[1:]
    headers = _headers(lines)
    if first is None and not headers:
        raise _unreadable()
    plain: list[tuple[str, str]] = []
    for name, value in headers:
        # Browsers show HTTP/2 requests with these in place of the first line.
        if name == ":method":
            method = value
        elif name == ":path":
            target = value
        elif name == ":authority":
            plain.append(("host", value))
        elif not name.startswith(":"):
            plain.append((name, value))
    body, notes = _body(plain, body)
    return PastedRequest(method, target, tuple(plain), body, notes)


def _headers(lines: list[bytes]) -> list[tuple[str, str]]:
    headers: list[tuple[str, str]] = []
    for line in lines:
        if not line.strip():
            continue
        if line[:1] in b" \t" and headers:
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {_text(line)}".strip())
            continue
        found = _HEADER.fullmatch(line)
        if found is None:
            raise _unreadable()
        if len(headers) == MAX_HEADERS:
            raise UsageError(f"The request has more than {MAX_HEADERS} headers.", field="request")
        headers.append((_text(found[1]), _text(found[2])))
    return headers


def _text(raw: bytes) -> str:
    # As judge encodes it again: the same bytes, whatever they are.
    raw = raw.strip(b" \t")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _body(headers: list[tuple[str, str]], body: bytes) -> tuple[bytes, tuple[str, ...]]:
    values = {name.lower(): value for name, value in headers}
    if values.get("transfer-encoding", "").lower() == "chunked":
        whole = _dechunked(body)
        if whole is not None:
            return whole, ("the chunks of the body were put together",)
    length = values.get("content-length", "")
    if re.fullmatch(r"[0-9]{1,9}", length):
        surplus = body[int(length) :]
        if surplus in {b"\n", b"\r\n"}:
            note = "a line end after the body was left out, as Content-Length says"
            return body[: int(length)], (note,)
    return body, ()


def _dechunked(data: bytes) -> bytes | None:
    parts: list[bytes] = []
    at = 0
    while (size := _CHUNK_SIZE.match(data, at)) is not None:
        count, start = int(size[1], 16), size.end()
        if count == 0:
            return b"".join(parts)
        if start + count > len(data):
            return None
        parts.append(data[start : start + count])
        at = start + count
        at += 2 if data[at : at + 2] == b"\r\n" else 1
    return None


def _unreadable() -> UsageError:
    return UsageError(
        "This is neither an HTTP request nor a curl command.",
        hint="Give the headers, an empty line and then the body, or a command that begins with "
        "curl. A body alone does not say what its signature was.",
        field="request",
    )
