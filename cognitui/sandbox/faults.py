"""What can be made to go wrong, how that is written, and when it is due.

A fault is written ``KIND[:key=value[,key=value...]]``, such as ``429:every=3`` or
``slow:path=bots/*/webhooks,method=POST,seconds=2``.
"""

from __future__ import annotations

import difflib
import re
import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from cognitui.errors import UsageError

PAGE_KINDS = frozenset({"foreign-page", "loop-page", "empty-page"})
SPECIAL_KINDS = (
    "hang",
    "slow",
    "cut",
    "content-type",
    "huge",
    "redirect",
    "foreign-page",
    "loop-page",
    "empty-page",
    "lost-answer",
)
STATUS_KINDS = ("401", "403", "429", "500", "502", "503", "504")
KEYS = ("path", "method", "times", "every", "after", "seconds", "bytes", "to")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
EXCHANGE = "auth/token"
OUTSIDE_API = ("monitor", "endpoints")
MAX_SECONDS = 3600.0
MAX_BYTES = 1_000_000_000
MAX_COUNT = 1_000_000

_ANY_5XX = re.compile(r"5\d\d")
_LIST_PATH = re.compile(r"bots(/[^/]+/(webhooks|skills))?")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong, and for which requests.

    Attributes:
        kind: What goes wrong.
        path: A glob on the path below ``/api/v1``. One that begins with ``monitor`` or
            ``endpoints`` reaches those instead. Without it every call but the token exchange.
        method: Only requests with this method.
        times: It strikes so often, then never again.
        every: It strikes every so many-th matching request.
        after: So many matching requests pass unharmed first.
        seconds: How long ``slow`` and ``hang`` last, or what ``Retry-After`` says.
        bytes: How much ``huge`` sends, or what ``cut`` lets through.
        to: Where ``redirect`` and ``foreign-page`` point.
    """

    kind: str
    path: str | None = None
    method: str | None = None
    times: int | None = None
    every: int = 1
    after: int = 0
    seconds: float | None = None
    bytes: int | None = None
    to: str | None = None

    @property
    def status(self) -> int | None:
        """The status it answers with, if that is all it does."""
        return int(self.kind) if self.kind.isdigit() else None

    @property
    def spec(self) -> str:
        """The fault as `parse_fault` reads it."""
        defaults = Fault(self.kind)
        parts = [
            f"{key}={_plain(getattr(self, key))}"
            for key in KEYS
            if getattr(self, key) != getattr(defaults, key)
        ]
        return f"{self.kind}:{','.join(parts)}" if parts else self.kind

    def matches(self, method: str, path: str, *, in_api: bool) -> bool:
        """Whether it concerns this request; ``path`` has no leading slash."""
        if self.method is not None and self.method != method:
            return False
        if self.kind in PAGE_KINDS and not (in_api and method == "GET" and _is_list(path)):
            return False
        if self.path is None:
            return in_api and path != EXCHANGE
        glob = self.path.lstrip("/")
        if not in_api and not glob.startswith(OUTSIDE_API):
            return False
        return fnmatchcase(path, glob)


def _is_list(path: str) -> bool:
    return _LIST_PATH.fullmatch(path) is not None


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def parse_fault(spec: str) -> Fault:
    """Read a fault as people write it.

    Raises:
        UsageError: The kind, a key or a value is not one of those allowed.
    """
    kind, colon, rest = spec.strip().partition(":")
    kind = kind.strip().lower()
    if kind not in STATUS_KINDS and kind not in SPECIAL_KINDS and not _ANY_5XX.fullmatch(kind):
        raise _refused("kind", kind, (*STATUS_KINDS, *SPECIAL_KINDS), "any other 5xx")
    options: dict[str, Any] = {}
    for part in rest.split(",") if colon else ():
        key, equals, value = (text.strip() for text in part.partition("="))
        if key not in KEYS:
            raise _refused("key", key, KEYS)
        if not equals or not value:
            raise UsageError(f"The fault's {key} needs a value, as in {key}=…", field="fault")
        if key in options:
            raise UsageError(f"The fault says {key} twice.", field="fault")
        options[key] = _read(key, value)
    return Fault(kind, **options)


def _read(key: str, value: str) -> Any:
    if key == "path":
        return value
    if key == "method":
        if value.upper() not in METHODS:
            raise _refused("method", value, METHODS)
        return value.upper()
    if key == "to":
        if urlsplit(value).scheme not in {"http", "https"}:
            raise UsageError(
                f"The fault's to must be an http or https URL, not {value}.", field="fault"
            )
        return value
    if key == "seconds":
        return _number(key, value, float, 0, MAX_SECONDS)
    if key == "bytes":
        return _number(key, value, int, 0, MAX_BYTES)
    return _number(key, value, int, 0 if key == "after" else 1, MAX_COUNT)


def _number(key: str, value: str, kind: type[int | float], low: float, high: float) -> int | float:
    try:
        number = kind(value)
    except ValueError:
        number = kind(-1)
    if not low <= number <= high:
        sort = "whole number" if kind is int else "number"
        raise UsageError(
            f"The fault's {key} must be a {sort} between {low:.0f} and {high:.0f}, not {value}.",
            field="fault",
        )
    return number


def _refused(what: str, value: str, allowed: tuple[str, ...], also: str = "") -> UsageError:
    near = difflib.get_close_matches(value, allowed, n=1, cutoff=0.65)
    guess = f" Did you mean {near[0]}?" if near else ""
    listed = ", ".join(allowed) + (f" and {also}" if also else "")
    return UsageError(
        f"A fault has no {what} {value!r}: allowed are {listed}.{guess}", field="fault"
    )


class _Armed:
    """A fault and how often it has been met."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.seen = 0
        self.struck = 0

    def strikes(self) -> bool:
        """Count one matching request; whether the fault is due for it."""
        fault = self.fault
        if fault.times is not None and self.struck >= fault.times:
            return False
        self.seen += 1
        beyond = self.seen - fault.after
        if beyond <= 0 or beyond % fault.every:
            return False
        self.struck += 1
        return True


class FaultBoard:
    """The faults in force; may be changed from any thread while requests are served."""

    def __init__(self, faults: tuple[Fault, ...] = ()) -> None:
        self._lock = threading.Lock()
        self._armed = [_Armed(fault) for fault in faults]

    def inject(self, fault: Fault) -> None:
        """Put one more in force."""
        with self._lock:
            self._armed.append(_Armed(fault))

    def clear(self) -> None:
        """Lift all of them."""
        with self._lock:
            self._armed.clear()

    def due(self, method: str, path: str, *, in_api: bool) -> list[Fault]:
        """The faults that strike this request, in the order they were put in force."""
        with self._lock:
            return [
                armed.fault
                for armed in self._armed
                if armed.fault.matches(method, path, in_api=in_api) and armed.strikes()
            ]

    def listed(self) -> list[dict[str, Any]]:
        """What is in force, with how often it matched and struck."""
        with self._lock:
            return [
                {"fault": armed.fault.spec, "seen": armed.seen, "struck": armed.struck}
                for armed in self._armed
            ]
