"""Read a curl command: the request that it would send."""

from __future__ import annotations

import base64
import urllib.parse
from dataclasses import dataclass, field

from cognitui.callbacks.explain.paste import MAX_HEADERS, PastedRequest
from cognitui.callbacks.explain.shell import pipeline
from cognitui.errors import UsageError

_DATA = frozenset({"-d", "--data", "--data-ascii", "--data-binary", "--data-raw", "--json"})
_DATA_URLENCODE = "--data-urlencode"
_HEADER_OF = {"-A": "User-Agent", "--user-agent": "User-Agent", "-e": "Referer",
              "--referer": "Referer", "-b": "Cookie", "--cookie": "Cookie",
              "--oauth2-bearer": "Authorization"}  # fmt: skip
_IGNORED = frozenset({
    "--cacert", "--capath", "--cert", "--cert-type", "--ciphers", "--connect-timeout",
    "--connect-to", "--cookie-jar", "--dump-header", "--interface", "--key", "--limit-rate",
    "--max-redirs", "--max-time", "--noproxy", "--output", "--pass", "--pinnedpubkey", "--proxy",
    "--proxy-user", "--resolve", "--retry", "--retry-delay", "--retry-max-time", "--stderr",
    "--tls-max", "--trace", "--trace-ascii", "--unix-socket", "--write-out", "--aws-sigv4",
    "-E", "-c", "-D", "-m", "-o", "-w", "-x", "-U", "-Y", "-y", "-z", "-C", "-r", "-P", "-Q",
})  # fmt: skip
_KNOWN = (
    _DATA | _IGNORED | frozenset(_HEADER_OF)
    | {_DATA_URLENCODE, "-H", "--header", "-X", "--request", "-u", "--user", "--url"}
)  # fmt: skip
_UNREADABLE = {"-F", "--form", "-T", "--upload-file", "-K", "--config", "--form-string"}
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class _Command:
    method: str = ""
    url: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    data: list[bytes] = field(default_factory=list)
    is_json: bool = False
    piped: bytes | None = None


def read_curl(command: bytes) -> PastedRequest:
    """The request that a curl command would send.

    Raises:
        UsageError: It cannot be read, or its body stands in a file.
    """
    rest, piped = _curl_of(pipeline(command))
    read = _Command(piped=piped)
    at = 0
    while at < len(rest):
        word = _text(rest[at])
        at += 1
        option, attached = _option(word)
        if option is None:
            read.url = read.url or word
        elif option in _UNREADABLE:
            raise UsageError(
                f"The curl command takes its body from {option}, which is not read here.",
                hint="Give the request as it was received: headers, an empty line, the body.",
                field="request",
            )
        elif option in _KNOWN:
            if attached is None and at == len(rest):
                raise UsageError(f"The curl command ends after {option}.", field="request")
            value = rest[at] if attached is None else _bytes(attached)
            at += attached is None
            _apply(read, option, value)
    return _request(read)


def _curl_of(commands: list[list[bytes]]) -> tuple[list[bytes], bytes | None]:
    """The arguments of curl, and what ``printf '%s' …`` hands to it, as base64 or as it is."""
    first, *others = commands
    name, *rest = first[1:] if first[0] == b"$" else first  # the dollar of a prompt
    if name != b"printf":
        return rest, None
    piped = rest[-1]
    if others[:1] == [[b"base64", b"-d"]]:
        others, piped = others[1:], _decoded(piped)
    if others and others[0][:1] == [b"curl"]:
        return others[0][1:], piped
    raise UsageError(
        "What is printed is not handed to curl.",
        hint="Give the request as it was received: headers, an empty line, the body.",
        field="request",
    )


def _decoded(coded: bytes) -> bytes:
    try:
        return base64.b64decode(coded)
    except ValueError:
        raise UsageError("What is handed to curl is not base64.", field="request") from None


def _option(word: str) -> tuple[str | None, str | None]:
    """The option that a word is, and what is attached to it; no option for a URL."""
    if not word.startswith("-") or word == "-":
        return None, None
    if word.startswith("--"):
        return word, None
    # Short ones may stand together, and the last may have its value attached: -sSXPOST.
    for index in range(1, len(word)):
        option = f"-{word[index]}"
        if option in _KNOWN or option in _UNREADABLE:
            return option, word[index + 1 :] or None
    return word, None


def _apply(read: _Command, option: str, value: bytes) -> None:
    text = _text(value)
    if option in {"-X", "--request"}:
        read.method = text
    elif option == "--url":
        read.url = text
    elif option in {"-H", "--header"}:
        _add_header(read, text)
    elif option in {"-u", "--user"}:
        coded = base64.b64encode(value).decode("ascii")
        read.headers.append(("Authorization", f"Basic {coded}"))
    elif option in _HEADER_OF:
        prefix = "Bearer " if option == "--oauth2-bearer" else ""
        read.headers.append((_HEADER_OF[option], prefix + text))
    elif option in _DATA or option == _DATA_URLENCODE:
        _add_data(read, option, value)


def _add_header(read: _Command, text: str) -> None:
    if text.startswith("@"):
        raise _in_a_file("headers")
    if len(read.headers) >= MAX_HEADERS:
        raise UsageError(f"The request has more than {MAX_HEADERS} headers.", field="request")
    name, colon, value = text.partition(":")
    if colon and value.strip(" \t"):
        read.headers.append((name.strip(), value.strip(" \t")))
    elif colon:
        read.removed.add(name.strip().lower())  # curl then leaves out its own
    elif text.endswith(";"):
        read.headers.append((text[:-1].strip(), ""))


def _add_data(read: _Command, option: str, value: bytes) -> None:
    if option == "--data-binary" and value == b"@-" and read.piped is not None:
        value = read.piped
    elif option != "--data-raw" and value.startswith(b"@"):
        raise _in_a_file("body")
    if option == _DATA_URLENCODE:
        name, equals, rest = value.partition(b"=")
        coded = urllib.parse.quote_plus(rest if equals else name).encode("ascii")
        value = name + b"=" + coded if equals and name else coded
    if option == "--json":
        read.is_json = True
        if read.data:  # several of them are one text
            read.data[-1] += value
            return
    read.data.append(value)


def _request(read: _Command) -> PastedRequest:
    headers = list(read.headers)
    names = {name.lower() for name, _ in headers} | read.removed
    parts = urllib.parse.urlsplit(read.url if "//" in read.url else f"http://{read.url}") \
        if _is_url(read.url) else None  # fmt: skip
    if parts is not None and parts.netloc and "host" not in names:
        headers.insert(0, ("Host", parts.netloc.rpartition("@")[2]))
    if read.data and "content-type" not in names:
        headers.append(("Content-Type", _JSON if read.is_json else _FORM))
    if not headers:
        raise UsageError("The curl command names no URL and no headers.", field="request")
    method = read.method or ("POST" if read.data else "GET")
    return PastedRequest(method, read.url or "/", tuple(headers), b"&".join(read.data))


def _is_url(text: str) -> bool:
    try:
        urllib.parse.urlsplit(text if "//" in text else f"http://{text}")
    except ValueError:
        return False
    return bool(text)


def _in_a_file(what: str) -> UsageError:
    return UsageError(
        f"The curl command takes its {what} from a file, which is not read here.",
        hint="Put the file's content in its place, or give the request as it was received.",
        field="request",
    )


def _text(word: bytes) -> str:
    try:
        return word.decode("utf-8")
    except UnicodeDecodeError:
        return word.decode("latin-1")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
