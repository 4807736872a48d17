"""Profiles that go from one machine to another, in the form of the profile file. No secret goes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from cognitui.cognigy.origin import Origin
from cognitui.tenants.profile_file import decode, encode
from cognitui.tenants.profiles import Profile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

OWN_TO_A_MACHINE = ("key_fingerprint", "last_used")
"""What is about the key that a machine has, or about how it was used there."""


class Arrival(StrEnum):
    """What an incoming profile is to those that are here."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


class Difference(NamedTuple):
    """One field that would change; ``None`` is a field without a value."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Incoming:
    """One profile of an import.

    Attributes:
        profile: As it would be stored.
        arrival: What it is to those that are here.
        differences: What would change, in the order of the fields.
        reason: Why it is refused.
    """

    profile: Profile
    arrival: Arrival
    differences: tuple[Difference, ...] = ()
    reason: str = ""


def exported(profiles: Iterable[Profile]) -> tuple[bytes, list[str]]:
    """The file of an export, and the profiles whose monitor's URL was left out of it.

    It is left out where it has a query: a token may be in there.
    """
    going: dict[str, Profile] = {}
    left_out: list[str] = []
    for profile in profiles:
        changes: dict[str, Any] = dict.fromkeys(OWN_TO_A_MACHINE)
        if profile.monitor_url is not None and _may_hold_a_token(profile.monitor_url):
            changes["monitor_url"] = None
            left_out.append(profile.name)
        going[profile.name] = profile.model_copy(update=changes)
    return encode(going), left_out


def incoming(
    path: Path, content: bytes, known: Mapping[str, Profile], with_keys: Collection[str]
) -> list[Incoming]:
    """What an import would do, in the order of the names.

    A production mark that is here stays. A tenant whose key is here keeps its origin: else a file
    from somebody could send the key to wherever it names.

    Args:
        path: Where the content is from, for what is said of it.
        content: The file.
        known: The profiles that are here.
        with_keys: The names that the vault has keys for.

    Raises:
        ProfilesBroken: The file cannot be used; says in which line what is wrong.
    """
    found = decode(path, content, Profile)
    return [_compared(found[name], known.get(name), with_keys) for name in sorted(found)]


def _compared(profile: Profile, before: Profile | None, with_keys: Collection[str]) -> Incoming:
    own = {name: getattr(before, name) if before else None for name in OWN_TO_A_MACHINE}
    if before is not None and before.is_production:
        # Whoever made the file does not decide that nobody is asked here any more.
        own["is_production"] = True
    arriving = profile.model_copy(update=own)
    if before is None:
        if profile.name in with_keys:
            reason = "The vault has a key of that name already, for we do not know where."
            return Incoming(arriving, Arrival.REFUSED, reason=reason)
        return Incoming(arriving, Arrival.NEW)
    old, new = before.model_dump(mode="json"), arriving.model_dump(mode="json")
    differences = tuple(
        Difference(name, old[name], new[name]) for name in new if old[name] != new[name]
    )
    moves = Origin.of(before.base_url) != Origin.of(arriving.base_url)
    if moves and profile.name in with_keys:
        reason = "Its key is here, and would go to another host. Remove the tenant first."
        return Incoming(arriving, Arrival.REFUSED, differences, reason)
    return Incoming(arriving, Arrival.CHANGED if differences else Arrival.SAME, differences)


def _may_hold_a_token(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.query or parts.fragment)
