"""A change at a production tenant is asked about once more, whichever door it comes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.tenants.errors import ProductionNotConfirmed

if TYPE_CHECKING:
    from cognitui.tenants.profiles import Profile


def needs_confirmation(profile: Profile | None) -> bool:
    """Whether a person has to type the tenant's name before anything changes there."""
    return profile is not None and profile.is_production


def confirm(profile: Profile | None, name: str | None) -> None:
    """Make sure that a change at this tenant is meant.

    Args:
        profile: The tenant that would be changed.
        name: What a person typed as its name, or gave beforehand; ``None`` when neither.

    Raises:
        ProductionNotConfirmed: It is a production tenant, and this is not its name.
    """
    if profile is None or not needs_confirmation(profile):
        return
    if name is None:
        raise ProductionNotConfirmed(
            f"{profile.name} is a production tenant: a change there needs its name.",
            hint=f"If it is meant, give --confirm-production {profile.name}.",
            field="confirm_production",
        )
    if name.strip() != profile.name:
        raise ProductionNotConfirmed(
            f"That is not the name of the production tenant {profile.name}. Nothing was changed.",
            hint="Check which tenant is meant, then try again.",
            field="confirm_production",
        )
