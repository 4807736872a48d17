"""Certificates made for a test: good ones, and with each fault that a certificate can have."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


@dataclass
class Issued:
    """A certificate, its key, and what is sent after it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    chain: Sequence[x509.Certificate] = field(default_factory=tuple)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def server(self, folder: Path) -> ssl.SSLContext:
        """What a server that has it speaks TLS with."""
        path = folder / f"{self.certificate.serial_number}.pem"
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        chain = [one.public_bytes(Encoding.PEM) for one in self.chain]
        path.write_bytes(b"".join([key, self.pem, *chain]))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def make(
    common: str,
    *,
    signed_by: Issued | None = None,
    hosts: Sequence[str] = (),
    starts: timedelta = timedelta(days=-100),
    ends: timedelta = timedelta(days=90, minutes=5),
    is_authority: bool = False,
    issuer_url: str = "",
    sends: Sequence[Issued] = (),
) -> Issued:
    """A certificate.

    Args:
        common: Its common name.
        signed_by: Its issuer; itself when left out.
        hosts: Names and addresses that it is for.
        starts: From when it is valid, seen from now.
        ends: Until when.
        is_authority: Whether it may issue others.
        issuer_url: Where it says that its issuer's certificate can be had.
        sends: What a server sends after it.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    issuer = signed_by.certificate.subject if signed_by else _name(common)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(common))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + starts)
        .not_valid_after(now + ends)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if signed_by is not None:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signed_by.key.public_key())
        builder = builder.add_extension(identifier, critical=False)
    if hosts:
        names = x509.SubjectAlternativeName([_general(host) for host in hosts])
        builder = builder.add_extension(names, critical=False)
    if issuer_url:
        place = x509.UniformResourceIdentifier(issuer_url)
        access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place)
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    signer = signed_by.key if signed_by else key
    certificate = builder.sign(signer, hashes.SHA256())
    return Issued(certificate, key, tuple(one.certificate for one in sends))


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
