"""Profiles: where a tenant is and how to treat it. They hold no secret."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from cognitui.cognigy.origin import Origin
from cognitui.errors import did_you_mean
from cognitui.tenants import files
from cognitui.tenants.errors import ProfileNotFound
from cognitui.tenants.explain import explain_profile_error
from cognitui.tenants.profile_file import decode, encode, unreadable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Colour", "Profile", "ProfileStore", "explain_profile_error"]

DEFAULT_WEBHOOK_LIMIT = 50
DEFAULT_REQUESTS_PER_MINUTE = 100


class Colour(StrEnum):
    """The colours a tenant can have; the console shows each in its theme's own shade."""

    NONE = "none"
    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    VIOLET = "violet"


class Profile(BaseModel):
    """A tenant as a person set it up.

    Attributes:
        name: 1 to 40 of ``a-z``, ``0-9``, dot, dash and underscore; begins with a letter or digit.
        base_url: Kept without a trailing slash; plain http is for this machine only.
        webhook_limit: Webhooks that a bot may have.
        requests_per_minute: What the tenant allows the key.
        bot_id: The bot to begin with.
        monitor_url: Where registrations are reported.
        key_fingerprint: Tells which key belongs to it, without the key.
        last_used: In UTC.
        colour: Tells it from others at a glance.
        is_production: Whether every change at it is asked about once more.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9._-]*\z")]
    base_url: str
    webhook_limit: Annotated[int, Field(ge=1, le=10_000)] = DEFAULT_WEBHOOK_LIMIT
    requests_per_minute: Annotated[int, Field(ge=1, le=100_000)] = DEFAULT_REQUESTS_PER_MINUTE
    bot_id: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\s/?#]+\z")] | None = (
        None
    )
    monitor_url: str | None = None
    key_fingerprint: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{8}\z")] | None = None
    last_used: AwareDatetime | None = None
    colour: Colour = Colour.NONE
    is_production: Annotated[bool, Field(strict=True)] = False

    @field_validator("base_url")
    @classmethod
    def _base_url(cls, url: str) -> str:
        url = url.strip()
        if not url:
            raise ValueError("The base URL is needed, such as https://acme.cognigy.ai/api/v1.")
        origin = _origin(url, "base URL")
        if "?" in url or "#" in url:
            raise ValueError("The base URL may not have a query or a fragment.")
        if origin.scheme == "http" and not origin.is_loopback:
            raise ValueError(
                "The base URL must begin with https: over http the key would travel in clear."
            )
        return url.rstrip("/")

    @field_validator("monitor_url")
    @classmethod
    def _monitor_url(cls, url: str | None) -> str | None:
        if url is None:
            return None
        _origin(url.strip(), "monitor's URL")
        return url.strip()

    @field_validator("last_used")
    @classmethod
    def _last_used(cls, moment: datetime | None) -> datetime | None:
        return None if moment is None else moment.astimezone(UTC)


def _origin(url: str, what: str) -> Origin:
    try:
        return Origin.of(url)
    except ValueError as error:
        raise ValueError(f"The {what} cannot be used: {error}.") from None


class ProfileStore:
    """The profiles in one JSON file, replaced as a whole by one process at a time.

    A file that cannot be understood is never overwritten.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> dict[str, Profile]:
        """All profiles by name; none when there is no file.

        Raises:
            ProfilesBroken: The file cannot be used as it stands; says where and why.
        """
        try:
            content = files.read(self.path)
        except OSError as error:
            raise unreadable(self.path, error.strerror or type(error).__name__) from None
        except ValueError as error:
            raise unreadable(self.path, str(error)) from None
        return {} if content is None else decode(self.path, content, Profile)

    def list(self) -> list[Profile]:
        """All profiles in the order of their names.

        Raises:
            ProfilesBroken: The file cannot be used as it stands.
        """
        return [profile for _, profile in sorted(self.load().items())]

    def get(self, name: str) -> Profile:
        """The profile of that name.

        Raises:
            ProfileNotFound: There is none; names the nearest one.
            ProfilesBroken: The file cannot be used as it stands.
        """
        return _find(self.load(), name)

    def save(self, profile: Profile) -> None:
        """Add a profile, or replace the one of the same name.

        Raises:
            ProfilesBroken: The file cannot be used as it stands.
            NotStored: It could not be written; the old one is whole.
        """
        with files.exclusive(self.path):
            self._write(self.load() | {profile.name: profile})

    def remove(self, name: str) -> None:
        """Remove a profile.

        Raises:
            ProfileNotFound: There is none of that name.
            ProfilesBroken: The file cannot be used as it stands.
            NotStored: It could not be written; the old one is whole.
        """
        with files.exclusive(self.path):
            profiles = self.load()
            _find(profiles, name)
            del profiles[name]
            self._write(profiles)

    def touch(self, name: str, at: datetime | None = None) -> Profile:
        """Note that a profile was used, now or at ``at``.

        Raises:
            ProfileNotFound: There is none of that name.
            ProfilesBroken: The file cannot be used as it stands.
            NotStored: It could not be written; the old one is whole.
        """
        moment = (at or datetime.now(UTC)).astimezone(UTC)
        with files.exclusive(self.path):
            profiles = self.load()
            profile = _find(profiles, name).model_copy(update={"last_used": moment})
            self._write(profiles | {name: profile})
        return profile

    def _write(self, profiles: dict[str, Profile]) -> None:
        files.replace(self.path, encode(profiles))


def _find(profiles: dict[str, Profile], name: str) -> Profile:
    if name in profiles:
        return profiles[name]
    raise ProfileNotFound(
        f"There is no tenant called {name!r}.",
        hint=did_you_mean(name, profiles)
        or "`cognitui tenants list` tells which there are, and so does the console under 1.",
        field="tenant",
    )
