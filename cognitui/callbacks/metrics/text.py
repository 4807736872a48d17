"""Counts in Prometheus's text format, version 0.0.4.

It is written here: the format is a page long, and a library for it would bring counters of its own
to a program that has them already.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cognitui.__about__ import __version__
from cognitui.callbacks.metrics.tally import BOUNDS_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cognitui.callbacks.metrics.tally import Counts

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(counts: Counts, *, is_up: bool) -> str:
    """The page that Prometheus collects.

    Args:
        counts: What was counted.
        is_up: Whether the receiver listens.
    """
    return "".join(f"{line}\n" for line in _lines(counts, is_up=is_up))


def _lines(counts: Counts, *, is_up: bool) -> Iterator[str]:
    name = "cognitui_callbacks_received_total"
    yield from head(name, "counter", "Callbacks that arrived and were judged.")
    for (verdict, reason, event), count in sorted(counts.received.items()):
        labels = {"verdict": verdict, "reason": reason, "event": event}
        yield sample(name, count, labels)
    name = "cognitui_callbacks_received_bytes_total"
    yield from head(name, "counter", "Bytes of the bodies of these callbacks.")
    yield sample(name, counts.size)
    name = "cognitui_receiver_requests_refused_total"
    yield from head(name, "counter", "Requests turned away before they were judged.")
    for status, count in sorted(counts.refused.items()):
        yield sample(name, count, {"status": str(status)})
    yield from _histogram(counts)
    name = "cognitui_receiver_up"
    yield from head(name, "gauge", "Whether the receiver listens.")
    yield sample(name, int(is_up))
    name = "cognitui_build_info"
    yield from head(name, "gauge", "The version that runs; its value is always 1.")
    python = ".".join(map(str, sys.version_info[:3]))
    yield sample(name, 1, {"version": __version__, "python": python})


def _histogram(counts: Counts) -> Iterator[str]:
    name = "cognitui_callback_handling_seconds"
    yield from head(name, "histogram", "Time from the end of a callback's body to its answer.")
    below = 0
    for bound, count in zip((*BOUNDS_S, None), counts.buckets, strict=True):
        below += count
        le = "+Inf" if bound is None else f"{bound:g}"
        yield sample(f"{name}_bucket", below, {"le": le})
    yield sample(f"{name}_sum", counts.total_s)
    yield sample(f"{name}_count", below)


def head(name: str, kind: str, about: str) -> Iterator[str]:
    """The two lines that come before a metric's samples."""
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"


def sample(name: str, value: float, labels: Mapping[str, str] | None = None) -> str:
    """One line: a value, and what it is of."""
    pairs = ",".join(f'{key}="{_escaped(text)}"' for key, text in (labels or {}).items())
    return f"{name}{{{pairs}}} {value!r}" if pairs else f"{name} {value!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
