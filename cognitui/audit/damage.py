"""Finding out what was done to a log, from the first record that is not as it was written.

Four questions tell the kinds apart. Does what comes next still follow this record? Does it follow
when its number is shifted? Is the record that belongs here somewhere else? And does anything
further on still follow what is before it?
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cognitui.audit.verdict import DamageKind
from cognitui.audit.walk import FIRST, fits, mac_text, rows_after

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognitui.audit.canonical import Key
    from cognitui.audit.connection import Connection
    from cognitui.audit.head import Head
    from cognitui.audit.walk import Spot

MOST_SHIFTED = 64
"""How many removed records are recognised as such when the rest was numbered anew."""

_LOOK_UP_EVERY = 2000


@dataclass(frozen=True, slots=True)
class Scene:
    """What a search needs.

    Attributes:
        connection: The log.
        key: Its key.
        head: Where it should end.
        spot: Where the walk met a bad record.
        go_on: Called now and then; may raise to end the search.
    """

    connection: Connection
    key: Key
    head: Head
    spot: Spot
    go_on: Callable[[], None]

    @property
    def expected(self) -> int:
        """The number that comes next."""
        return self.spot.number + 1

    def fits(self, row: Any, previous: str, number: int | None = None) -> bool:
        """Whether a row has the MAC that it would have after another one, with this number."""
        return fits(self.key, row, previous, number)

    def belongs_here(self, row: Any) -> bool:
        """Whether a row is the one that was written after the last good one."""
        return self.fits(row, self.spot.mac, self.expected)


def find_kind(scene: Scene) -> tuple[DamageKind, int]:
    """The kind of damage, and the record that it begins with.

    Raises:
        sqlite3.Error: The file cannot be read.
    """
    number = scene.spot.bad
    assert number is not None
    if number < scene.expected:  # before the start, where everything is in an archive
        return DamageKind.INSERTED, number
    bad, follower = _two(scene)
    if number > scene.expected:
        return _of_gap(scene, bad)
    kind = _by_follower(scene, bad, follower) if follower else _by_head(scene, bad)
    return kind or _by_rest(scene, bad, has_more=follower is not None), number


def _two(scene: Scene) -> tuple[Any, Any]:
    rows = rows_after(scene.connection, scene.spot.number)
    return next(rows), next(rows, None)


def _of_gap(scene: Scene, bad: Any) -> tuple[DamageKind, int]:
    """Numbers are missing before the bad record."""
    for count, row in enumerate(rows_after(scene.connection, scene.spot.number)):
        _go_on(scene, count)
        if scene.belongs_here(row):
            return DamageKind.REORDERED, scene.expected
        if scene.fits(row, scene.spot.mac):  # the numbers were missing before
            return DamageKind.INSERTED, bad[0]
    return DamageKind.REMOVED, scene.expected


def _by_follower(scene: Scene, bad: Any, follower: Any) -> DamageKind | None:
    """What the next record tells."""
    stored = mac_text(bad[-1])
    if scene.fits(follower, stored):
        return DamageKind.EDITED
    try:
        computed = scene.key.mac(bad[:-1], scene.spot.mac).hex()
    except TypeError:
        computed = ""
    if scene.fits(follower, computed):
        return DamageKind.EDITED  # its MAC was
    if _last(scene) >= scene.head.last:
        return None  # none is missing; it may be somewhere else
    for shift in range(1, MOST_SHIFTED + 1):
        if scene.fits(follower, stored, follower[0] + shift):
            return DamageKind.REMOVED
    return None


def _by_head(scene: Scene, bad: Any) -> DamageKind | None:
    """What the head tells about a bad record that is the last."""
    if mac_text(bad[-1]) != scene.head.mac:
        return None
    return DamageKind.EDITED if scene.head.last == bad[0] else DamageKind.REMOVED


def _by_rest(scene: Scene, bad: Any, *, has_more: bool) -> DamageKind:
    """What all that comes after the bad record tells."""
    previous, any_follows = mac_text(bad[-1]), False
    for count, row in enumerate(rows_after(scene.connection, bad[0])):
        _go_on(scene, count)
        if scene.belongs_here(row):
            return _of_displaced(scene, bad)
        any_follows = any_follows or scene.fits(row, previous)
        previous = mac_text(row[-1])
    if any_follows or previous == scene.head.mac:
        return DamageKind.EDITED
    if bad[0] > scene.head.last:
        return DamageKind.INSERTED
    return DamageKind.REWRITTEN if has_more else DamageKind.EDITED


def _of_displaced(scene: Scene, bad: Any) -> DamageKind:
    """The record that belongs here is further on: what is the one that is here?"""
    is_ours = scene.fits(bad, scene.key.beginning, 1)
    for count, row in enumerate(rows_after(scene.connection, FIRST)):
        _go_on(scene, count)
        if row[-1] == bad[-1] and row[0] != bad[0]:
            return DamageKind.INSERTED  # a copy
        # What it followed is where it was, or has moved one up or down.
        steps = (row[0], row[0] + 1, row[0] + 2, bad[0] - 1, bad[0] + 1)
        is_ours = is_ours or any(scene.fits(bad, mac_text(row[-1]), number) for number in steps)
    # Where many were moved at once, their sum tells: there are no more than before.
    is_ours = is_ours or _last(scene) <= scene.head.last
    return DamageKind.REORDERED if is_ours else DamageKind.INSERTED


def _last(scene: Scene) -> int:
    return int(scene.connection.execute("SELECT max(id) FROM records").fetchone()[0])


def _go_on(scene: Scene, count: int) -> None:
    if count % _LOOK_UP_EVERY == 0:
        scene.go_on()
