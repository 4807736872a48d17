"""A tenant that answers as the bots API v1 does, bent in one place; and what an examination says."""

from __future__ import annotations

import base64
import json
import ssl
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from cognitui.cognigy.credentials import Credentials
from cognitui.tenants.doctor import CheckName, Question, Report, examine
from tests.support.servers import Request, reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import trustme

    from tests.support.servers import Handler

KEY, SECRET, TOKEN = "ck-3f2a9b17c4", "cs-77d0e1aa52b9", "a-token-nobody-may-see"
RIGHT = Credentials(SecretStr(KEY), SecretStr(SECRET))
BASIC = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
SCOPES = ("bot:read", "bot:write", "webhook:manage")
JSON = "Content-Type: application/json"
HTML = "Content-Type: text/html; charset=utf-8"
# Long enough that a busy machine does not look like a hanging tenant.
IMPATIENT_S = 0.7


def pair(key: str = KEY, secret: str = SECRET) -> Credentials:
    return Credentials(SecretStr(key), SecretStr(secret))


def date(ahead: timedelta = timedelta()) -> str:
    """A Date header, so far ahead of this machine's clock."""
    return (datetime.now(UTC) + ahead).strftime("Date: %a, %d %b %Y %H:%M:%S GMT")


def refusal(status: int, message: str, *headers: str) -> bytes:
    return reply(status, {"error": {"code": "refused", "message": message}}, JSON, *headers)


def tenant(  # noqa: C901 - a small server in one place
    *,
    scopes: tuple[str, ...] = SCOPES,
    ahead: timedelta = timedelta(),
    bent: Mapping[str, bytes | Callable[[Request], bytes]] | None = None,
    headers: tuple[str, ...] = (),
    tells_scopes: bool = True,
) -> Handler:
    """The bots API v1 below ``/api/v1``.

    Args:
        scopes: What the key may do.
        ahead: How far its clock is ahead of ours.
        bent: What is answered instead: to ``knock`` (no key), ``token``, ``bots`` and ``change``.
        headers: More of them, in each answer.
        tells_scopes: Whether the token comes with its scopes.
    """

    def answer(request: Request) -> bytes:
        which, usual = route(request)
        found = (bent or {}).get(which, usual)
        return found if isinstance(found, bytes) else found(request)

    def route(request: Request) -> tuple[str, bytes]:  # noqa: PLR0911
        head = (JSON, date(ahead), *headers)
        proof = request.headers.get("authorization", "")
        if request.path == "/api/v1/auth/token":
            if not proof:
                return "knock", refusal(401, "Who is it?", date(ahead), *headers)
            if proof != f"Basic {BASIC}":
                return "token", refusal(401, "The key or its secret is wrong.", *headers)
            granted: dict[str, Any] = {"access_token": TOKEN, "expires_in": 3600}
            if tells_scopes:
                granted["scope"] = " ".join(scopes)
            return "token", reply(200, granted, *head)
        if not request.path.startswith("/api/v1/bots"):
            return "elsewhere", refusal(404, "There is nothing here.", *headers)
        if proof != f"Bearer {TOKEN}":
            return "bots", refusal(401, "That token is unknown.", *headers)
        needed = ("bot:read",) if request.method == "GET" else ("bot:write", "webhook:manage")
        if lacks := [scope for scope in needed if scope not in scopes]:
            return "refused", refusal(403, f"The key lacks {' and '.join(lacks)}.", *headers)
        if request.method == "GET":
            return "bots", reply(200, {"items": [{"id": "bot_1"}], "nextPage": None}, *head)
        return "change", refusal(404, "There is no such webhook.", *headers)

    return answer


async def examined(
    base_url: str,
    credentials: Credentials | None = RIGHT,
    *,
    environ: Mapping[str, str] | None = None,
    **more: Any,
) -> Report:
    """The report; whatever came out, no secret is in it."""
    question = Question(base_url, credentials, **{"bot_id": "bot_1", **more})
    async with aclosing(examine(question, environ=environ or {})) as found:
        report = Report([line async for line in found])
    assert [line.name for line in report.lines] == list(CheckName)
    told = report.as_text("acme") + json.dumps(report.as_dict()) + repr(question) + repr(report)
    for secret in (KEY, SECRET, TOKEN, BASIC):
        assert secret not in told
    assert all(c.isprintable() or c == "\n" for c in report.as_text("acme")), told
    return report


def outcomes(report: Report) -> str:
    """The signs of all lines, such as ``✓✓✓✓–✓✗–––✓✓``."""
    return "".join(line.outcome.mark for line in report.lines)


def tls_of(authority: trustme.CA, *names: str, **options: Any) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate of this authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **options).configure_cert(context)
    return context


def self_signed(folder: Path, host: str, ends: datetime) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate that signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=90))
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "self-signed.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
