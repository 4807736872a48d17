"""Whether the environment names a proxy, which this program does not use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.network.outcome import Outcome
from cognitui.tenants.doctor.line import CheckName, Line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cognitui.cognigy.origin import Origin


def proxy_variable(origin: Origin, environ: Mapping[str, str]) -> str:
    """The variable that names a proxy for this origin; empty when none does."""
    for name in (f"{origin.scheme}_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            if environ.get(variable):
                excepted = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
                is_excepted = any(_covers(rule, origin.host) for rule in excepted.split(","))
                return "" if origin.is_loopback or is_excepted else variable
    return ""


def _covers(rule: str, host: str) -> bool:
    name = rule.strip().partition(":")[0].lstrip("*").lstrip(".").lower()
    return rule.strip() == "*" or bool(name and f".{host}".endswith(f".{name}"))


def judge_proxy(variable: str) -> Line:
    """The line; what the variable holds may be a password, so its name alone is told."""
    if not variable:
        return Line(CheckName.PROXY, Outcome.OK, "none applies to this host")
    return Line(
        CheckName.PROXY,
        Outcome.OK,
        f"{variable} is set, and not used: cognitui connects to the tenant itself",
    )


def only_by_proxy(variable: str, host: str) -> str:
    """What to add to a hint when nothing could be reached; empty without a proxy."""
    if not variable:
        return ""
    return (
        f" {variable} is set: perhaps only the proxy leads out of this network. cognitui does not "
        f"use it; ask for a direct way to {host}."
    )
