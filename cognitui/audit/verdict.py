"""What verifying an audit log found, in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cognitui.audit.head import Head

EVIDENT = (
    "This is tamper-evident, not tamper-proof: whoever has the key and may write both files can "
    "make a log that verifies."
)


class DamageKind(StrEnum):
    """What was done to a log, as far as can be told."""

    EDITED = "edited"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    REWRITTEN = "rewritten"
    TAIL_CUT = "tail cut"
    SWAPPED = "swapped"
    TORN = "torn"
    MISSING = "missing"
    NOT_SEALED = "not sealed"
    KEY_LOST = "key lost"
    HEAD_LOST = "head lost"
    SUMS_WRONG = "sums wrong"


_MEANING = {
    DamageKind.EDITED: "was changed after it was written",
    DamageKind.REMOVED: "is missing: it was removed",
    DamageKind.INSERTED: "was not written by cognitui: it was inserted",
    DamageKind.REORDERED: "is not where it was written: records were reordered",
    DamageKind.REWRITTEN: "and all after it were written anew, without the key",
    DamageKind.TAIL_CUT: "and what came after it are missing: the end was cut off",
    DamageKind.TORN: "cannot be read: the file is torn or a part of it is overwritten",
}


@dataclass(frozen=True, slots=True)
class Damage:
    """The first thing that is wrong with a log.

    Attributes:
        kind: What was done to it.
        record: The first record concerned; ``None`` when it is about the log as a whole.
        sentence: All of it in one sentence.
    """

    kind: DamageKind
    record: int | None
    sentence: str

    @classmethod
    def of_record(cls, kind: DamageKind, record: int) -> Damage:
        """Damage that begins with one record."""
        return cls(kind, record, f"Record {record} {_MEANING[kind]}.")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a log is whole.

    Attributes:
        damage: The first thing that is wrong; ``None`` when the log is whole.
        records: How many records were found good.
        first: The number of the first good record; ``None`` where there is none.
        head: The last good record; ``None`` where not even the start could be checked.
        unchained_until: The last record from before there was a chain; 0 when there is none.
        archived_until: The last record that was moved into an archive; 0 when none was.
        uncovered: How many good records are behind the head: they were being written when a
            program was killed, or while the log was verified.
        nothing: Why what was asked for could not be verified; empty when it could. Such a log is
            neither called damaged nor whole.
    """

    damage: Damage | None
    records: int = 0
    first: int | None = None
    head: Head | None = None
    unchained_until: int = 0
    archived_until: int = 0
    uncovered: int = 0
    nothing: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether there is a log and nothing is wrong with it."""
        return self.damage is None and not self.nothing

    def as_dict(self) -> dict[str, Any]:
        """The verdict for machines."""
        damage, head = self.damage, self.head
        return {
            "whole": self.is_whole,
            "records": self.records,
            "damage": None if damage is None else str(damage.kind),
            "record": None if damage is None else damage.record,
            "reason": self.nothing or None if damage is None else damage.sentence,
            "first": self.first,
            "log": None if head is None else head.log,
            "last": None if head is None else head.last,
            "mac": None if head is None else head.mac,
            "unchained_until": self.unchained_until,
            "archived_until": self.archived_until,
            "uncovered": self.uncovered,
        }

    def lines(self) -> list[str]:
        """The verdict for people."""
        if self.nothing:
            return [self.nothing]
        good = f"{self.records:,} {'record' if self.records == 1 else 'records'}"
        if self.damage is not None:
            good += " before it" if self.damage.record is not None else ""
            told = [f"Damaged ({self.damage.kind}). {self.damage.sentence}"]
            if self.records:
                told.append(f"The {good} are as they were written.")
            return told
        told = [f"Whole: {good}, each as it was written."]
        if self.head is not None and self.head.last:
            told.append(f"Head: record {self.head.last}, {self.head.mac}")
        if self.archived_until:
            told.append(f"Records up to {self.archived_until} were moved into an archive.")
        if self.unchained_until > self.archived_until:
            told.append(
                f"Records up to {self.unchained_until} are from before the chain: "
                "they are as they were when it began."
            )
        if self.uncovered:
            told.append(
                f"The last {self.uncovered:,} are not covered by the head yet: they are being "
                "written, or a program was killed while it wrote them."
            )
        return [*told, EVIDENT]
