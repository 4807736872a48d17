"""All attacks, and which of them can be made for a scheme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.tamper.body_cases import BODY_CASES
from cognitui.callbacks.tamper.request_cases import AFTERMATH, CONTROL, REQUEST_CASES
from cognitui.callbacks.tamper.signature_cases import SIGNATURE_CASES
from cognitui.callbacks.tamper.time_cases import TIME_CASES
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.tamper.case import Case

ATTACKS: tuple[Case, ...] = SIGNATURE_CASES + BODY_CASES + TIME_CASES + REQUEST_CASES
CASES: dict[str, Case] = {case.id: case for case in (CONTROL, *ATTACKS, AFTERMATH)}
"""By their ids, in the order in which they are sent: an honest callback first and last."""


def cases_for(scheme: Scheme) -> tuple[Case, ...]:
    """Those that can be made for a scheme, in order.

    Raises:
        UsageError: The scheme signs nothing, so that there is nothing to tamper with.
    """
    if not scheme.is_signed:
        raise UsageError(
            f"The scheme {scheme.id} signs nothing, so there is nothing to tamper with.",
            hint="Whoever has seen one of its callbacks can send any other. Use a scheme that "
            "signs, such as cognigy or standard.",
            field="scheme",
        )
    return tuple(case for case in CASES.values() if case.applies(scheme))
