"""Who is asking: the token exchange, and what each request must show."""

from __future__ import annotations

import base64
import hmac
import secrets
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from cognitui.sandbox.answers import ApiProblem, read_json

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from cognitui.sandbox.state import ApiKey, Tenant


@dataclass(frozen=True, slots=True)
class _Grant:
    key: ApiKey
    expires: float


class Guard:
    """Hands out bearer tokens and checks them."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._lock = threading.Lock()
        self._grants: dict[str, _Grant] = {}

    def revoke_all(self) -> int:
        """Make every token worthless; how many there were."""
        with self._lock:
            count = len(self._grants)
            self._grants.clear()
        return count

    def admit(self, request: Request, *scopes: str) -> ApiKey:
        """The key behind a request.

        Raises:
            ApiProblem: 401 without a good token, 429 above the limit, 403 without the scopes.
        """
        key = self._bearer(request)
        _sign(request, key)
        self._count(key)
        missing = [scope for scope in scopes if scope not in key.scopes]
        if missing:
            raise ApiProblem(
                403,
                "insufficient_scope",
                f"The API key lacks the scope {' and '.join(missing)}.",
                extra={"missingScopes": missing},
            )
        return key

    async def exchange(self, request: Request) -> Response:
        """``POST /auth/token``: a bearer token for a key and its secret."""
        self._tenant.token_requests += 1
        key = self._basic(request)
        self._count(key)
        body = await read_json(request)
        if body.get("grant_type") != "client_credentials":
            raise ApiProblem(
                400,
                "unsupported_grant_type",
                'grant_type must be "client_credentials".',
                field="grant_type",
            )
        lifetime = self._tenant.config.token_lifetime_s
        answer: dict[str, Any] = {
            "access_token": self._issue(key, lifetime),
            "token_type": "Bearer",
            "expires_in": int(lifetime) if lifetime == int(lifetime) else lifetime,
            "scope": " ".join(sorted(key.scopes)),
        }
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    def _issue(self, key: ApiKey, lifetime: float) -> str:
        token = secrets.token_urlsafe(32)
        now = time.monotonic()
        with self._lock:
            # Expired grants are kept for a while, so that they can be told from unknown ones.
            stale = [text for text, grant in self._grants.items() if grant.expires < now - 3600]
            for text in stale:
                del self._grants[text]
            self._grants[token] = _Grant(key, now + lifetime)
        return token

    def _bearer(self, request: Request) -> ApiKey:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorized("token_missing", "The request carries no bearer token.")
        with self._lock:
            grant = self._grants.get(token.strip())
        if grant is None:
            raise _unauthorized("token_invalid", "The bearer token is unknown or was revoked.")
        if time.monotonic() >= grant.expires:
            raise _unauthorized("token_expired", "The bearer token has expired.")
        return grant.key

    def _basic(self, request: Request) -> ApiKey:
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            raise _unauthorized(
                "credentials_missing",
                "The token exchange wants API key and secret by HTTP Basic.",
                scheme="Basic",
            )
        try:
            given = base64.b64decode(encoded.strip(), validate=True)
        except ValueError:
            given = b""
        name, _, secret = given.partition(b":")
        for key in self._tenant.keys.values():
            if hmac.compare_digest(name, key.key.encode()):
                _sign(request, key)
                if hmac.compare_digest(secret, key.secret.encode()):
                    return key
        raise _unauthorized(
            "invalid_credentials", "The API key or its secret is wrong.", scheme="Basic"
        )

    def _count(self, key: ApiKey) -> None:
        wait = self._tenant.window(key).take()
        if wait is not None:
            limit = self._tenant.config.requests_per_minute
            raise ApiProblem(
                429,
                "rate_limit_exceeded",
                f"The API key has made {limit} requests in the last minute; wait {wait} s.",
                headers={"Retry-After": str(wait)},
            )


def _sign(request: Request, key: ApiKey) -> None:
    """Write in the ledger whose request this is."""
    request.scope["sandbox.record"].key_id = key.id


def _unauthorized(code: str, message: str, *, scheme: str = "Bearer") -> ApiProblem:
    return ApiProblem(401, code, message, headers={"WWW-Authenticate": f'{scheme} realm="sandbox"'})
