"""What was found out about a callback that arrived, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cognitui.callbacks.sign import SIGNATURE_HEADER, TIMESTAMP_HEADER


class SignatureVerdict(StrEnum):
    """Whether the signature header proves that a holder of the secret signed the body."""

    VALID = "valid"
    INVALID = "invalid"
    """Well-formed, but of another body or another secret."""
    MISSING = "missing"
    MALFORMED = "malformed"
    """Not ``sha256=`` and 64 hex digits, or several headers."""


class Freshness(StrEnum):
    """Where the timestamp header lies, seen from now."""

    FRESH = "fresh"
    STALE = "stale"
    FUTURE = "future"
    MISSING = "missing"
    MALFORMED = "malformed"
    """Not the ASCII digits of a moment in the scheme's unit, or several headers."""
    UNTIMED = "untimed"
    """The scheme sends no timestamp."""


class Replay(StrEnum):
    """Whether this callback was accepted before."""

    NEW = "new"
    SEEN = "seen"
    UNCHECKED = "unchecked"
    """Nobody asked, or the signature is not valid so that there is nothing to remember."""
    FULL = "full"
    """The memory has no room, and to forget a callback early would let it in twice."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the parts of a scheme are called in sentences.

    Attributes:
        signature_header: Where the signature stands.
        timestamp_header: Where the timestamp stands; empty when there is none.
        form: What a signature looks like.
        timestamp_digits: 13 for milliseconds, 10 for seconds.
    """

    signature_header: str = SIGNATURE_HEADER
    timestamp_header: str = TIMESTAMP_HEADER
    form: str = "sha256= and 64 hex digits"
    timestamp_digits: int = 13


@dataclass(frozen=True, slots=True)
class Verdict:
    """Signature, freshness and replay, each judged for itself.

    Attributes:
        signature: Whether a holder of a secret signed exactly this body.
        freshness: Whether the timestamp header is near enough to now.
        replay: Whether it was accepted before.
        timestamp_matches_body: Whether the header's timestamp is the one inside the body; ``None``
            when the signature is not valid, or one of the two is not a timestamp.
        seen_count: How often it has arrived, this time included; 0 when that was not checked.
        first_seen_ms: When it was first accepted, in ms since 1970; ``None`` when never before.
        matched_secret: The index of the secret that verifies; ``None`` when none does.
        age_ms: How long before now the header's timestamp lies, negative when after; ``None`` when
            it cannot be read.
        hints: What looks like the reason, or what is odd though accepted, in plain words.
        covers_timestamp: Whether the scheme signs the timestamp.
        delivery_id: The id of the delivery, where the scheme sends one.
        words: What the scheme's parts are called.
    """

    signature: SignatureVerdict
    freshness: Freshness
    replay: Replay = Replay.UNCHECKED
    timestamp_matches_body: bool | None = None
    seen_count: int = 0
    first_seen_ms: int | None = None
    matched_secret: int | None = None
    age_ms: int | None = None
    hints: tuple[str, ...] = ()
    covers_timestamp: bool = False
    delivery_id: str | None = None
    words: Words = Words()

    @property
    def timestamp_authenticated(self) -> bool:
        """Whether the signature covers the timestamp.

        Where a scheme signs the body only, it does just when the body repeats the header's
        timestamp. Otherwise whoever captured a callback can send it again with a newer header.
        """
        return self.signature is SignatureVerdict.VALID and (
            self.covers_timestamp or self.timestamp_matches_body is True
        )

    @property
    def accepted(self) -> bool:
        """Whether an endpoint may act on it: valid, fresh, and not a replay.

        A header that contradicts the timestamp inside the signed body is refused: it was exchanged
        on the way. A replay check that nobody asked for does not stand in the way.
        """
        return (
            self.signature is SignatureVerdict.VALID
            and self.freshness in {Freshness.FRESH, Freshness.UNTIMED}
            and self.timestamp_matches_body is not False
            and self.replay in {Replay.NEW, Replay.UNCHECKED}
        )

    @property
    def reason(self) -> str:
        """The verdict in one line of plain words, for the person, never for the sender."""
        return describe(self)


_MS_DIGITS = 13
# A table for each, because members of different kinds with the same name compare as equal.
_SIGNATURE_WORDS = {
    SignatureVerdict.INVALID: "the signature does not match this body and secret",
    SignatureVerdict.MISSING: "there is no {signature_header} header",
    SignatureVerdict.MALFORMED: "the signature is not {form}",
}
_FRESHNESS_WORDS = {
    Freshness.STALE: "it is too old",
    Freshness.FUTURE: "its timestamp lies in the future",
    Freshness.MISSING: "there is no {timestamp_header} header",
    Freshness.MALFORMED: "the timestamp is not {digits} digits of {unit}",
}


def describe(verdict: Verdict) -> str:
    """One line of plain words for a verdict: everything that is wrong, or that all is well."""
    faults = [
        _signature_words(verdict),
        _freshness_words(verdict),
        _replay_words(verdict),
    ]
    if verdict.timestamp_matches_body is False:
        faults.append("the timestamp header is not the one inside the signed body")
    told = [fault for fault in faults if fault]
    if told:
        return "; ".join(told)
    if verdict.freshness is Freshness.UNTIMED:
        return "valid; this scheme has no timestamp, so it may be of any age"
    if verdict.replay is Replay.UNCHECKED:
        return "valid and fresh; replay not checked"
    return "valid, fresh and not seen before"


def _signature_words(verdict: Verdict) -> str:
    words = verdict.words
    text = _SIGNATURE_WORDS.get(verdict.signature, "")
    return text.replace("{signature_header}", words.signature_header).replace("{form}", words.form)


def _freshness_words(verdict: Verdict) -> str:
    words = _FRESHNESS_WORDS.get(verdict.freshness, "")
    unit = "milliseconds" if verdict.words.timestamp_digits == _MS_DIGITS else "seconds"
    words = words.replace("{timestamp_header}", verdict.words.timestamp_header)
    words = words.replace("{digits}", str(verdict.words.timestamp_digits)).replace("{unit}", unit)
    if verdict.age_ms is not None and verdict.freshness is Freshness.STALE:
        return f"{words}: {_duration(verdict.age_ms)}"
    if verdict.age_ms is not None and verdict.freshness is Freshness.FUTURE:
        return f"{words}: {_duration(-verdict.age_ms)} ahead"
    return words


def _replay_words(verdict: Verdict) -> str:
    if verdict.replay is Replay.SEEN:
        return f"it was accepted before and has now arrived {verdict.seen_count} times"
    if verdict.replay is Replay.FULL:
        return "the memory of accepted callbacks is full, so a replay cannot be ruled out"
    return ""


def _duration(ms: int) -> str:
    seconds = ms // 1000
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"
