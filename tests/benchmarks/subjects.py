"""What is measured: the floor, the console in several situations, and its peers.

A peer is measured where it is installed. What one has to press in it to get somewhere is written
down here, as it is for the console.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

from tests.benchmarks.floor import READY

CURSOR = (b"\x1b[B", b"\x1b[A")
TYPING = (b"x", b"\x7f")
TAB, SHIFT_TAB, ESCAPE, ENTER = b"\t", b"\x1b[Z", b"\x1b", b"\r"
HOME, DOWN = b"\x1b[H", b"\x1b[B"

LIST, FIELD, TEXT, SWEEP = "list", "field", "text", "sweep"
"""Kinds of places that can be set beside each other: moving in a list, typing into one line,
typing into a text of several lines, and moving in the list while all its endpoints are checked."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where keys are timed.

    Attributes:
        name: What a person does there.
        kind: What it may be compared with; empty for what only the floor has.
        way: Keys that lead there from the spot before.
        shows: What is on the screen once one is there.
        keys: What is pressed there, in turn.
        last: Keys that are pressed after the measurement.
        mark: What an answer has in it, where something is drawn without keys as well.
    """

    name: str
    kind: str
    way: tuple[bytes, ...]
    shows: str
    keys: tuple[bytes, ...]
    last: tuple[bytes, ...] = ()
    mark: bytes = b""


@dataclass(frozen=True, slots=True)
class Subject:
    """A program in one situation.

    Attributes:
        name: The column of the table.
        command: How it is started.
        ready: What is on the screen once it can be used.
        spots: Where keys are timed, in the order in which they are visited.
        leave: Keys that end it.
        needs: The sandbox tenant that it is connected to, by the number of its webhooks.
        files: Files in its home, by their path, that it begins with.
    """

    name: str
    command: tuple[str, ...]
    ready: str
    spots: tuple[Spot, ...] = ()
    leave: tuple[bytes, ...] = (b"\x11",)
    needs: int | None = None
    files: tuple[tuple[str, str], ...] = ()


FEW, MANY = 37, 10_000

FLOOR = Subject(
    "floor",
    (sys.executable, "-m", "tests.benchmarks.floor"),
    READY,
    (Spot("a key", "", (), READY, (b"x", b"y")),),
)
OPENED = Subject("opened", (sys.executable, "-m", "cognitui"), "no tenant open")


def _browse(count: int) -> Spot:
    return Spot("Browse: cursor", LIST, (b"2",), f"Webhooks ({count}/", CURSOR)


SWEEPING = Spot(
    "Browse: cursor in a sweep",
    SWEEP,
    (HOME, DOWN, DOWN, b"h"),
    "Checking",
    CURSOR,
    (ESCAPE,),
    mark=b"wh_",
)
"""On the heading of the webhooks: the endpoints of all that are listed are checked. The rows in
sight are the first to be; from then on a sweep draws nothing but how far it is."""

WATCHING = Spot(
    "Health: cursor in a sweep",
    SWEEP,
    (b"5", b"s"),
    "checking all",
    CURSOR,
    (ESCAPE,),
    mark=b"wh_",
)
"""What is found comes into the list while one moves in it."""

CONNECTED = Subject(
    "connected",
    (sys.executable, "-m", "tests.benchmarks.connected", "tenant.json"),
    "connected",
    (
        _browse(FEW),
        Spot("Webhook: endpoint", FIELD, (b"3", TAB), "Endpoint", TYPING),
        Spot("Webhook: template", TEXT, (TAB,) * 10, "Template", TYPING),
        Spot("Callbacks: target", FIELD, (ESCAPE, b"4"), "Target", TYPING),
        Spot("Health: cursor", LIST, (ESCAPE, b"5"), "unhealthy", CURSOR),
        Spot("Audit: cursor", LIST, (ESCAPE, b"6"), "registered", CURSOR),
    ),
    needs=FEW,
)
LOADED = replace(
    CONNECTED,
    name="10,000 webhooks",
    spots=(_browse(MANY), SWEEPING, WATCHING),
    needs=MANY,
)
OWN = (OPENED, CONNECTED, LOADED)


def peers(given: list[str]) -> list[Subject]:
    """The peers that are installed, from ``name=directory of its virtual environment``.

    Raises:
        ValueError: It is none that we know how to use.
    """
    found = []
    for text in given:
        name, _, where = text.partition("=")
        if name not in _PEERS or not where:
            raise ValueError(f"A peer is one of {', '.join(_PEERS)}, as in posting=/venvs/posting.")
        found.append(_PEERS[name](Path(where).resolve()))
    return found


REQUEST = """\
name: Order status
method: GET
url: https://hooks.example.com/orders
"""


def _posting(where: Path) -> Subject:
    collection = tuple((f"requests/order-{n:02}.posting.yaml", REQUEST) for n in range(20))
    return Subject(
        "posting",
        (str(where / "bin" / "posting"), "--collection", "requests"),
        "Collection",
        (
            Spot("URL", FIELD, (), "Enter a URL", TYPING),
            Spot("requests: cursor", LIST, (b"\x0f", TAB), "Order status", CURSOR),
        ),
        leave=(b"\x03",),
        files=collection,
    )


def _harlequin(where: Path) -> Subject:
    return Subject(
        "harlequin",
        (str(where / "bin" / "harlequin"),),
        "Query Editor",
        (Spot("query", TEXT, (), "Query Editor", TYPING),),
    )


_PEERS = {"posting": _posting, "harlequin": _harlequin}
