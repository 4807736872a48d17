"""What is wrong with a certificate: all of it, not only what OpenSSL met first.

OpenSSL stops at the first fault, so a certificate that is expired and self-signed is only called
self-signed. The certificate is therefore read a second time, over a connection that verifies
nothing and over which nothing is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from cryptography import x509

MAX_NAMES = 1_000
MAX_NAME = 100
_NOT_YET, _EXPIRED = 9, 10
_SELF_SIGNED, _SELF_SIGNED_ROOT = 18, 19
_NO_ISSUER, _NO_FIRST_ISSUER = 20, 21
_WRONG_HOST, _WRONG_ADDRESS = 62, 64


class CertificateFault(StrEnum):
    """One thing that is wrong with a certificate."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not valid yet"
    WRONG_HOST = "for another host"
    SELF_SIGNED = "self-signed"
    INCOMPLETE_CHAIN = "sent without its intermediate"
    UNKNOWN_ISSUER = "from an unknown authority"
    OTHER = "not accepted"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's own certificate, as it was sent.

    Attributes:
        subject: Its common name, else its first name; may be empty.
        issuer: Who signed it; may be empty.
        names: The hosts that it is for, at most a thousand.
        starts: From when it is valid.
        ends: Until when.
        is_self_signed: Whether it names itself as its issuer.
        chain: How many certificates were sent, its own among them; 0 when that is not known.
        issuer_url: Where the issuer's certificate can be had, as it says itself; may be empty.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    starts: datetime
    ends: datetime
    is_self_signed: bool
    chain: int
    issuer_url: str

    def days_left(self, now: datetime) -> int:
        """Whole days until it expires; negative once it has."""
        return (self.ends - now).days

    def is_for(self, host: str) -> bool:
        """Whether one of its names is this host; a star stands for one label."""
        try:
            wanted = str(ip_address(host))
        except ValueError:
            wanted = host.rstrip(".").lower()
        rest = wanted.partition(".")[2]
        return any(name in (wanted, f"*.{rest}") for name in self.names)


def read_certificate(der: bytes, chain: int) -> Certificate | None:
    """A certificate from its bytes, which are hostile; ``None`` when they are none.

    Args:
        der: As it was sent.
        chain: How many were sent; 0 when that is not known.
    """
    from cryptography import x509

    try:
        found = x509.load_der_x509_certificate(der)
        names = _names(found)
        subject = _common_name(found.subject) or (names[0] if names else "")
        return Certificate(
            subject=subject,
            issuer=_common_name(found.issuer) or _bounded(found.issuer.rfc4514_string()),
            names=names,
            starts=found.not_valid_before_utc,
            ends=found.not_valid_after_utc,
            is_self_signed=found.issuer == found.subject,
            chain=chain,
            issuer_url=_issuer_url(found),
        )
    except (ValueError, TypeError, OverflowError, x509.UnsupportedGeneralNameType):
        return None


def faults_of(
    certificate: Certificate | None, host: str, verify_code: int, now: datetime
) -> tuple[CertificateFault, ...]:
    """All that is wrong, the worst for a reader first.

    Args:
        certificate: As it was read; ``None`` when it could not be.
        host: Who it should be for.
        verify_code: What OpenSSL gave as the reason for refusing it.
        now: The present.
    """
    found: list[CertificateFault] = []
    if certificate is not None:
        if certificate.ends < now:
            found.append(CertificateFault.EXPIRED)
        if certificate.starts > now:
            found.append(CertificateFault.NOT_YET_VALID)
        if not certificate.is_for(host):
            found.append(CertificateFault.WRONG_HOST)
        # A root of one's own that this machine trusts is self-signed too, and not at fault.
        if certificate.is_self_signed and verify_code not in (_EXPIRED, _NOT_YET, *_HOST_CODES):
            found.append(CertificateFault.SELF_SIGNED)
    told = _fault_of_code(verify_code, certificate)
    covered = CertificateFault.SELF_SIGNED in found and told in _ISSUER_FAULTS
    if told not in found and not covered and not (told is CertificateFault.OTHER and found):
        found.append(told)
    return tuple(found)


_HOST_CODES = (_WRONG_HOST, _WRONG_ADDRESS)
_ISSUER_FAULTS = (CertificateFault.UNKNOWN_ISSUER, CertificateFault.INCOMPLETE_CHAIN)
_CODES = {
    _EXPIRED: CertificateFault.EXPIRED,
    _NOT_YET: CertificateFault.NOT_YET_VALID,
    _SELF_SIGNED: CertificateFault.SELF_SIGNED,
    _SELF_SIGNED_ROOT: CertificateFault.UNKNOWN_ISSUER,
    _WRONG_HOST: CertificateFault.WRONG_HOST,
    _WRONG_ADDRESS: CertificateFault.WRONG_HOST,
}


def _fault_of_code(code: int, certificate: Certificate | None) -> CertificateFault:
    if code in (_NO_ISSUER, _NO_FIRST_ISSUER):
        # Those of public authorities tell where the next one is; sent alone, that one is missing.
        alone = certificate is not None and certificate.chain == 1 and certificate.issuer_url
        return CertificateFault.INCOMPLETE_CHAIN if alone else CertificateFault.UNKNOWN_ISSUER
    return _CODES.get(code, CertificateFault.OTHER)


def sentence(
    faults: Sequence[CertificateFault], certificate: Certificate | None, now: datetime
) -> str:
    """What is wrong as the end of "the certificate …", such as "expired 3 days ago"."""
    parts: list[str] = []
    for fault in faults:
        match fault:
            case CertificateFault.EXPIRED if certificate is not None:
                parts.append(f"expired {_days(-certificate.days_left(now) - 1)} ago")
            case CertificateFault.NOT_YET_VALID if certificate is not None:
                parts.append(f"is not valid before {certificate.starts:%Y-%m-%d %H:%M} UTC")
            case CertificateFault.WRONG_HOST if certificate is not None:
                names = ", ".join(certificate.names[:3]) or "no host at all"
                parts.append(f"is for {names}")
            case CertificateFault.SELF_SIGNED:
                parts.append("is self-signed")
            case CertificateFault.INCOMPLETE_CHAIN:
                issuer = certificate.issuer if certificate else ""
                who = f" of {issuer}" if issuer else ""
                parts.append(f"is sent without the intermediate certificate{who}")
            case CertificateFault.UNKNOWN_ISSUER:
                issuer = certificate.issuer if certificate else ""
                who = f" ({issuer})" if issuer else ""
                parts.append(f"is from an authority that is not known here{who}")
            case _:
                parts.append("is not accepted")
    return " and ".join(parts)


def hint_of(faults: Sequence[CertificateFault], certificate: Certificate | None) -> str:
    """What the endpoint's operator does about it."""
    hints = [_HINTS[fault] for fault in faults]
    if CertificateFault.INCOMPLETE_CHAIN in faults and certificate and certificate.issuer_url:
        hints.append(f"The missing one is at {certificate.issuer_url}.")
    return " ".join(dict.fromkeys(hints))


_RENEW = "Renew it."
_HINTS = {
    CertificateFault.EXPIRED: _RENEW,
    CertificateFault.NOT_YET_VALID: "Wait until it is valid, or check the clocks of both machines.",
    CertificateFault.WRONG_HOST: "Use a host that it is for, or get one that names this host.",
    CertificateFault.SELF_SIGNED: "Get one from an authority: the tenant trusts no other.",
    CertificateFault.INCOMPLETE_CHAIN: (
        "Browsers fetch what is missing, programs do not: let the server send the full chain."
    ),
    CertificateFault.UNKNOWN_ISSUER: (
        "If the authority is a public one, the server leaves out the certificate between; if it is "
        "your own, SSL_CERT_FILE tells this program, and the tenant has to know it as well."
    ),
    CertificateFault.OTHER: "Look at it with a TLS checker, and correct what it names.",
}


def chain_of(tls: ssl.SSLObject | ssl.SSLSocket) -> int:
    """How many certificates the other side sent; 0 when this Python cannot tell.

    Python has a public way from 3.13 on; before, the same is there under its own roof.
    """
    for owner in (tls, getattr(tls, "_sslobj", None)):
        ask = getattr(owner, "get_unverified_chain", None)
        if callable(ask):
            return len(ask() or ())
    return 0


def utc_now() -> datetime:
    """The present, which is what certificates are judged by."""
    return datetime.now(UTC)


def _days(count: int) -> str:
    if count < 1:
        return "less than a day"
    return "1 day" if count == 1 else f"{count:,} days"


def _names(found: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509

    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    hosts = [_bounded(name).lower() for name in names.get_values_for_type(x509.DNSName)]
    addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    return tuple((hosts + addresses)[:MAX_NAMES])


def _common_name(name: x509.Name) -> str:
    from cryptography.x509.oid import NameOID

    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    if not found:
        return ""
    value = found[0].value
    return _bounded(value if isinstance(value, str) else value.decode("utf-8", "replace"))


def _issuer_url(found: x509.Certificate) -> str:
    from cryptography import x509
    from cryptography.x509.oid import AuthorityInformationAccessOID

    try:
        access = found.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return ""
    for description in access:
        place = description.access_location
        wanted = description.access_method == AuthorityInformationAccessOID.CA_ISSUERS
        if wanted and isinstance(place, x509.UniformResourceIdentifier):
            return _bounded(place.value)
    return ""


def _bounded(text: str) -> str:
    return "".join(c for c in text if c.isprintable())[:MAX_NAME]
