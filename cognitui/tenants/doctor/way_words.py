"""What stopped us on the way to the tenant, in the words of one who holds a key for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.network.certificate import CertificateFault
from cognitui.network.outcome import Outcome
from cognitui.network.stage import Cause as WayCause
from cognitui.tenants.doctor.line import Cause, CheckName, Line, shown

if TYPE_CHECKING:
    from cognitui.cognigy.origin import Origin
    from cognitui.network.stage import WayBlockedError
    from cognitui.network.way import Way

_CAUSES = {
    WayCause.URL: Cause.URL,
    WayCause.NO_HOST: Cause.NO_HOST,
    WayCause.ADDRESS: Cause.ADDRESS,
    WayCause.REFUSED: Cause.REFUSED,
    WayCause.NO_ROUTE: Cause.NO_ROUTE,
    WayCause.NO_NETWORK: Cause.NO_ROUTE,
    WayCause.TIMEOUT: Cause.NO_ANSWER,
    WayCause.CERTIFICATE: Cause.CERTIFICATE,
    WayCause.TLS: Cause.TLS,
    WayCause.HTTP: Cause.NOT_HTTP,
}
_HINTS = {
    Cause.URL: "Copy the base URL again: it looks like https://acme.cognigy.ai/api/v1.",
    Cause.NO_HOST: "Check the spelling of the host, and the VPN and DNS of this machine.",
    Cause.ADDRESS: (
        "Somebody's DNS leads the name astray, or the address is a mistake: no key is sent there."
    ),
    Cause.REFUSED: "Check host and port; is the tenant running, and does a firewall refuse you?",
    Cause.NO_ROUTE: "Check the network of this machine, and the VPN.",
    Cause.NO_ANSWER: "Check the VPN, and whether a firewall drops what you send; or it hangs.",
    Cause.TLS: "Check the port; or something in between breaks secure connections.",
    Cause.NOT_HTTP: "Check the port: another program seems to listen there.",
}
_FAULTS = {
    CertificateFault.EXPIRED: Cause.EXPIRED,
    CertificateFault.NOT_YET_VALID: Cause.NOT_YET_VALID,
    CertificateFault.WRONG_HOST: Cause.OTHER_HOST,
    CertificateFault.SELF_SIGNED: Cause.SELF_SIGNED,
    CertificateFault.INCOMPLETE_CHAIN: Cause.CHAIN,
    CertificateFault.UNKNOWN_ISSUER: Cause.UNKNOWN_ISSUER,
    CertificateFault.OTHER: Cause.CERTIFICATE,
}
_FAULT_HINTS = {
    CertificateFault.EXPIRED: (
        "Tell the tenant's operator to renew it; and check the date of this machine."
    ),
    CertificateFault.NOT_YET_VALID: "Check the date of this machine, then ask the operator.",
    CertificateFault.WRONG_HOST: (
        "Check the host in the base URL; or a proxy or a network's login page answers instead."
    ),
    CertificateFault.SELF_SIGNED: (
        "If it is your own installation, let SSL_CERT_FILE name that certificate; if not, somebody "
        "stands in between."
    ),
    CertificateFault.INCOMPLETE_CHAIN: (
        "Tell the tenant's operator to send the full chain: browsers fetch what is missing, "
        "programs do not."
    ),
    CertificateFault.UNKNOWN_ISSUER: (
        "If it is your company's authority, or that of its proxy, let SSL_CERT_FILE name it; if "
        "not, somebody stands in between."
    ),
    CertificateFault.OTHER: "Ask the tenant's operator to look at it with a TLS checker.",
}


def blocked(name: CheckName, stop: WayBlockedError, way: Way) -> Line:
    """The line of a check that the way ended at."""
    cause = _CAUSES[stop.cause]
    summary, hint = stop.summary, _HINTS.get(cause, stop.hint)
    if cause is Cause.ADDRESS:
        summary = summary.replace("no endpoint may use", "no tenant may have")
    if cause is Cause.CERTIFICATE and way.faults:
        cause = _FAULTS[way.faults[0]]
        hint = " ".join(dict.fromkeys(_FAULT_HINTS[fault] for fault in way.faults))
    return Line(name, Outcome.FAIL, shown(summary), shown(hint), cause=cause)


def speaks_http(origin: Origin) -> Line:
    """The line for a port that speaks plain http where https was expected."""
    return Line(
        CheckName.TLS,
        Outcome.FAIL,
        f"Port {origin.port} of {origin.host} speaks plain http, not https.",
        "Check the port, which is 443 for https; a key is never sent over plain http.",
        cause=Cause.NO_TLS,
    )


def speaks_tls(origin: Origin, correction: str) -> Line:
    """The line for a port that speaks https where http was expected."""
    return Line(
        CheckName.API,
        Outcome.FAIL,
        f"Port {origin.port} of {origin.host} speaks https, not plain http.",
        "Begin the base URL with https.",
        cause=Cause.ONLY_TLS,
        correction=correction,
    )


def secured(way: Way) -> Line:
    """The line for a secure connection: the certificate, its chain and its days."""
    certificate, left = way.certificate, way.days_left()
    if certificate is None or left is None:
        return Line(CheckName.TLS, Outcome.OK, way.protocol)
    sent = f", {certificate.chain} certificates sent" if certificate.chain > 1 else ""
    issuer = f" by {certificate.issuer}" if certificate.issuer else ""
    days = f"{left:,} days" if left != 1 else "1 day"
    summary = shown(f"{way.protocol}, issued{issuer}{sent}, {days} left")
    if way.expires_soon:
        return Line(
            CheckName.TLS,
            Outcome.WARN,
            summary,
            "Tell the tenant's operator to renew the certificate.",
            cause=Cause.EXPIRES_SOON,
        )
    return Line(CheckName.TLS, Outcome.OK, summary)
