"""Finds planted secrets in whatever a program left behind, however they were spelled."""

from __future__ import annotations

import base64
import html
import json
import os
import subprocess
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, quote_plus

from rich.traceback import Traceback

from tests.support.leaks import exposed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

SHORTEST = 10
"""So much of a secret's begin is as bad as all of it."""

SAMPLED_EVERY_S = 0.01
PATIENCE_S = 20.0


@dataclass(frozen=True, order=True)
class Finding:
    """A secret that was where it should not be."""

    secret: str
    spelling: str
    where: str


@dataclass
class Finder:
    """What was planted, and where it was found.

    Attributes:
        secrets: By their names.
        findings: What has been found so far.
    """

    secrets: dict[str, str] = field(default_factory=dict)
    findings: set[Finding] = field(default_factory=set)

    def plant(self, **secrets: str) -> None:
        """Know these from now on."""
        assert all(len(value) > SHORTEST for value in secrets.values())
        self.secrets |= secrets

    def marks(self) -> Iterator[tuple[str, str, bytes]]:
        """Each secret in each of its spellings."""
        for name, secret in self.secrets.items():
            for spelling, mark in spellings(secret):
                yield name, spelling, mark

    # Collectors

    def look_at(self, where: str, content: bytes | str) -> None:
        """Look through what was said or written."""
        raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        for name, spelling, mark in self.marks():
            if mark in raw:
                self.findings.add(Finding(name, spelling, where))

    def look_below(self, home: Path, *, apart_from: frozenset[Path] = frozenset()) -> int:
        """Look through every file, and its name; how many there were."""
        count = 0
        for path in home.rglob("*"):
            self.look_at(f"the name of {path.name}", str(path))
            if path.is_file() and path not in apart_from:
                count += 1
                self.look_at(f"the file {path.relative_to(home)}", path.read_bytes())
        return count

    def look_into(self, where: str, error: BaseException) -> None:
        """Look through an error, its causes, and the locals of every frame it came through."""
        self.look_at(f"{where}: {type(error).__name__}", exposed(error))
        with suppress(AttributeError):  # before 3.13 it stumbles over what is only half made
            told = traceback.TracebackException.from_exception(error, capture_locals=True)
            self.look_at(f"{where}: the traceback's locals", "".join(told.format()))
        # What rich, and Textual with it, would draw; the code beside it takes long and says nothing.
        trace = Traceback.extract(
            type(error), error, error.__traceback__, show_locals=True, locals_max_string=100_000
        )
        for stack in trace.stacks:
            for frame in stack.frames:
                held = [node.render() for node in (frame.locals or {}).values()]
                self.look_at(f"{where}: the drawn traceback", "\n".join(held))

    def look_at_picture(self, where: str, svg: str) -> None:
        """Look through a picture, whose text is cut into pieces."""
        self.look_at(where, html.unescape(svg).replace("\xa0", " "))

    def watching_processes(self) -> _Watch:
        """Look through the command lines of all processes while the block runs."""
        return _Watch(self)


def spellings(secret: str) -> Iterator[tuple[str, bytes]]:
    """A secret, its begin, and what encodings make of it, alone or within something longer."""
    raw = secret.encode()
    yield "as it is", raw
    yield "its begin", raw[: max(SHORTEST, len(raw) * 2 // 3)]
    yield "backwards", raw[::-1]
    yield "in hex", raw.hex().encode()
    yield "in HEX", raw.hex().upper().encode()
    yield "in UTF-16", secret.encode("utf-16-le")
    yield "percent-encoded", quote(secret, safe="").encode()
    yield "plus-encoded", quote_plus(secret).encode()
    yield "in JSON", json.dumps(secret)[1:-1].encode()
    for before in range(3):
        for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
            encoded = encode(b"\0" * before + raw)
            # Without the letters that what stands before and after it has a part in.
            start = (0, 2, 3)[before]
            end = len(encoded) - (0, 4, 3)[len(raw + b"\0" * before) % 3 and 1]
            yield name, encoded[start:end]


class _Watch:
    """Samples what every process on the machine says of itself."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.samples = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def wait_for_another(self) -> None:
        """Wait until all processes that run now have been looked at."""
        wanted, deadline = self.samples + 2, time.monotonic() + PATIENCE_S
        while self.samples < wanted:
            assert time.monotonic() < deadline
            time.sleep(SAMPLED_EVERY_S)

    def _run(self) -> None:
        self._finder.look_at(
            "ps", subprocess.run(["ps", "-ef"], capture_output=True, check=False).stdout
        )
        while True:
            self._sample()
            if self._is_over.wait(SAMPLED_EVERY_S):
                return

    def _sample(self) -> None:
        said = bytearray()
        for entry in os.scandir("/proc"):
            if entry.name.isdigit():
                for name in ("cmdline", "comm"):
                    try:
                        said += Path(entry.path, name).read_bytes() + b"\n"
                    except OSError:
                        continue  # it has ended meanwhile
        self.samples += 1
        self._finder.look_at("a process's command line", bytes(said))
