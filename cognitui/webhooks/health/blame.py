"""Whose matter it is when a webhook is unhealthy: a pure function of what a check found."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from cognitui.network.stage import Cause
from cognitui.webhooks.endpoint_report import EndpointVerdict

if TYPE_CHECKING:
    from cognitui.webhooks.endpoint_report import EndpointReport


class Blame(StrEnum):
    """Where the fault lies, and so whom to tell."""

    NOBODY = "nobody"
    TENANT = "tenant"
    """What is registered at the tenant: the URL or the secret."""
    NETWORK = "network"
    """Names, routes and firewalls between here and the endpoint."""
    MACHINE = "machine"
    """The machine that checks: of the endpoint nothing is known then."""
    CERTIFICATE = "certificate"
    ENDPOINT = "endpoint"
    """The program that should take the callbacks."""


WHOM_TO_TELL = {
    Blame.NOBODY: "",
    Blame.TENANT: "Tell whoever registers webhooks at the tenant.",
    Blame.NETWORK: "Tell whoever runs the network and the DNS of the endpoint.",
    Blame.MACHINE: "Tell whoever runs this machine and its network.",
    Blame.CERTIFICATE: "Tell whoever renews the certificates of the endpoint.",
    Blame.ENDPOINT: "Tell whoever runs the program behind the endpoint.",
}
_OF_CAUSES = {
    Cause.URL: Blame.TENANT,
    Cause.ADDRESS: Blame.NETWORK,
    Cause.NO_HOST: Blame.NETWORK,
    Cause.NO_ROUTE: Blame.NETWORK,
    Cause.NO_NETWORK: Blame.MACHINE,
    Cause.REFUSED: Blame.ENDPOINT,
    Cause.CERTIFICATE: Blame.CERTIFICATE,
    Cause.TLS: Blame.ENDPOINT,
    Cause.HTTP: Blame.ENDPOINT,
    Cause.SIGNATURE: Blame.TENANT,
}
_OF_VERDICTS = {
    # The address that is registered is not, or is no longer, the right one.
    EndpointVerdict.MISSING: Blame.TENANT,
    EndpointVerdict.GONE: Blame.TENANT,
    EndpointVerdict.REDIRECTS: Blame.TENANT,
    EndpointVerdict.SERVER_ERROR: Blame.ENDPOINT,
}


def blame_of(report: EndpointReport) -> Blame:
    """Whose matter a report is, apart from a certificate that is only about to expire."""
    if report.cause is Cause.TIMEOUT:
        # What was reached and then said nothing hangs; what was not reached is cut off.
        last = report.stages[-1].name if report.stages else ""
        return Blame.NETWORK if last in ("dns", "tcp") else Blame.ENDPOINT
    if report.cause is not None:
        return _OF_CAUSES[report.cause]
    return _OF_VERDICTS.get(report.verdict, Blame.NOBODY)
