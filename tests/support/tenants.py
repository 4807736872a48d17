"""Keys, webhooks and counts: what tests of the client and of the webhooks have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from cognitui.cognigy.credentials import Credentials
from cognitui.cognigy.models import Webhook
from cognitui.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterable

UNLIMITED = 1_000_000
API_KEY = "ck-key-of-the-small-server"
API_SECRET = "cs-secret-of-the-small-server"
SIGNING_SECRET = "super_secret_hmac_key_minimum_32_chars_long"


def credentials_of(tenant: Sandbox | str, key: str = "full") -> Credentials:
    """A key of the sandbox by its name; any key will do for a small server."""
    if isinstance(tenant, Sandbox):
        found = tenant.tenant.keys[key]
        return Credentials(SecretStr(found.key), SecretStr(found.secret))
    return Credentials(SecretStr(API_KEY), SecretStr(API_SECRET))


def webhook_for(sandbox: Sandbox, **changes: Any) -> Webhook:
    """A webhook that this sandbox would register."""
    fields = {
        "skill_id": sandbox.info.skill_id,
        "endpoint_url": sandbox.info.webhook_url,
        "triggers": [{"event": "ON_MESSAGE"}],
        "secret_key": SIGNING_SECRET,
    }
    return Webhook.model_validate({**fields, **changes})


def asked(sandbox: Sandbox, method: str, end: str) -> int:
    """How many requests the ledger counts with this method and the end of this path."""
    return sum(r.method == method and r.path.endswith(end) for r in sandbox.tenant.requests)


def most_in_window(moments: Iterable[float], window_s: float) -> int:
    """The most of the moments that any window of this length holds, both ends counted."""
    ordered = sorted(moments)
    return max(
        (sum(start <= moment <= start + window_s for moment in ordered) for start in ordered),
        default=0,
    )
