"""A thing that can go wrong between the one who signs and the one who verifies, and its words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "{}"


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that may have gone wrong.

    Attributes:
        code: A stable word for machines.
        verifies: Completes "It verifies …"; ``{}`` stands for a name that is filled in.
        meaning: What has happened, if this is it.
        remedy: What to do.
    """

    code: str
    verifies: str
    meaning: str
    remedy: str

    def named(self, name: str) -> Cause:
        """The same with its name filled in."""
        return replace(
            self,
            verifies=self.verifies.replace(NAME, name),
            meaning=self.meaning.replace(NAME, name),
            remedy=self.remedy.replace(NAME, name),
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason why a callback is refused.

    Attributes:
        code: A stable word for it.
        also: The codes of what has to be undone as well for the signature to verify.
        sentence: What was found.
        meaning: What has happened, most likely.
        remedy: What to do.
        is_proven: Whether a signature was computed that shows it; otherwise it was only seen.
    """

    code: str
    sentence: str
    meaning: str
    remedy: str
    also: tuple[str, ...] = ()
    is_proven: bool = False


def proven(causes: Sequence[Cause]) -> Finding:
    """The finding that a signature verifies once all of these are undone."""
    first = causes[0]
    return Finding(
        code=first.code,
        also=tuple(cause.code for cause in causes[1:]),
        sentence=f"It verifies {', and '.join(cause.verifies for cause in causes)}.",
        meaning=" ".join(dict.fromkeys(cause.meaning for cause in causes)),
        remedy=" ".join(dict.fromkeys(cause.remedy for cause in causes)),
        is_proven=True,
    )
