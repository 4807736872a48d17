"""What the tests of the sandbox share: a plain client, and waiting for something to come true."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognitui.sandbox import Sandbox
    from cognitui.sandbox.state import ApiKey

SECRET = "a signing secret of more than 32 characters"


class Api:
    """A client of one sandbox with one key; asks for a token when it is first needed."""

    def __init__(self, sandbox: Sandbox, key: ApiKey | None = None) -> None:
        self.sandbox = sandbox
        self.info = sandbox.info
        self.key = key or sandbox.tenant.keys["full"]
        self.root = self.info.base_url.removesuffix("/api/v1")
        self.http = httpx.Client(timeout=5, trust_env=False)
        self._token = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    @property
    def hooks(self) -> str:
        return f"{self.root}/endpoints/hooks"

    @property
    def webhooks_path(self) -> str:
        return f"/bots/{self.info.bot_id}/webhooks"

    def exchange(self, **options: Any) -> httpx.Response:
        arguments: dict[str, Any] = {
            "auth": (self.key.key, self.key.secret),
            "json": {"grant_type": "client_credentials"},
        }
        return self.http.post(f"{self.info.base_url}/auth/token", **{**arguments, **options})

    def token(self) -> str:
        if not self._token:
            self._token = self.exchange().raise_for_status().json()["access_token"]
        return self._token

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        url = path if path.startswith("http") else f"{self.info.base_url}{path}"
        headers = {"Authorization": f"Bearer {self.token()}", **options.pop("headers", {})}
        return self.http.request(method, url, headers=headers, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.call("GET", path, **options)

    def control(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.http.request(method, f"{self.root}/sandbox/{path}", **options)

    def everything(self, path: str) -> list[dict[str, Any]]:
        """All items of a list, page by page."""
        items: list[dict[str, Any]] = []
        link = path
        while link:
            page = self.get(link).raise_for_status().json()
            items += page["items"]
            link = page["nextPage"]
        return items

    def webhook(self, **changes: Any) -> dict[str, Any]:
        """A webhook that is good to register, with changes."""
        return {
            "skillId": self.info.skill_id,
            "url": self.info.webhook_url,
            "triggers": [{"event": "ON_MESSAGE", "payload_template": None}],
            "auth": {"type": "hmac_sha256", "secret": SECRET},
            "delivery": {"timeout": 3000, "retries": 3},
            **changes,
        }

    def register(
        self, webhook: dict[str, Any] | None = None, *, bot: str = "", **flags: Any
    ) -> httpx.Response:
        body = {"webhook": webhook or self.webhook(), **flags}
        return self.call("POST", f"/bots/{bot or self.info.bot_id}/webhooks", json=body)

    def fire(self, event: str = "ON_MESSAGE", **changes: Any) -> httpx.Response:
        body = {
            "botId": self.info.bot_id,
            "skillId": self.info.skill_id,
            "event": event,
            **changes,
        }
        return self.control("POST", "events", json=body)


def eventually(truth: Callable[[], bool], *, seconds: float = 5) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.005)
