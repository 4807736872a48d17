"""A client written from the tutorial alone: six steps against the sandbox whose JSON line it reads.

It is run as a program of its own and imports nothing of the package. Each step that is done is one
line on stdout; the first that fails ends it with status 1.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

import httpx

MAX_WEBHOOKS = 50
REACHABLE = (200, 204, 405)
ATTEMPTS = 3


class Auth:
    """Trades key and secret for a bearer token and keeps it until it expires."""

    def __init__(self, client: httpx.Client, base_url: str, key: str, secret: str) -> None:
        self.client = client
        self.base_url = base_url.rstrip("/")
        self.basic = base64.b64encode(f"{key}:{secret}".encode()).decode()
        self.token = ""
        self.good_until = 0.0

    def headers(self) -> dict[str, str]:
        if not self.token or time.time() >= self.good_until:
            answer = self.client.post(
                f"{self.base_url}/auth/token",
                headers={
                    "Authorization": f"Basic {self.basic}",
                    "Content-Type": "application/json",
                },
                json={"grant_type": "client_credentials"},
            )
            answer.raise_for_status()
            granted = answer.json()
            self.token = granted["access_token"]
            self.good_until = time.time() + granted.get("expires_in", 3600)
        return {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }


class Tutorial:
    """The steps of the tutorial, in its order."""

    def __init__(self, told: dict[str, str]) -> None:
        self.told = told
        self.client = httpx.Client(timeout=15.0, trust_env=False)
        self.auth = Auth(self.client, told["base_url"], told["api_key"], told["api_secret"])
        self.bot = f"{self.auth.base_url}/bots/{told['bot_id']}"
        self.audit: list[dict[str, Any]] = []

    def check_limit(self) -> str:
        link: str | None = f"{self.bot}/webhooks"
        count = pages = 0
        while link:
            answer = self.client.get(link, headers=self.auth.headers())
            answer.raise_for_status()
            page = answer.json()
            count += len(page.get("items", []))
            pages += 1
            link = page.get("nextPage")
        if count >= MAX_WEBHOOKS:
            raise RuntimeError(f"webhook limit exceeded: {count}/{MAX_WEBHOOKS}")
        return f"{count} webhooks on {pages} pages"

    def check_skill(self) -> str:
        url = f"{self.bot}/skills/{self.told['skill_id']}"
        answer = self.client.get(url, headers=self.auth.headers())
        if answer.status_code == 404:
            raise ValueError("the skill is not in the bot")
        answer.raise_for_status()
        missing = self.client.get(f"{self.bot}/skills/skill_none", headers=self.auth.headers())
        if missing.status_code != 404:
            raise ValueError("a skill that does not exist was found")
        return self.told["skill_id"]

    def check_reachability(self) -> str:
        answer = self.client.head(self.told["webhook_url"], follow_redirects=True)
        if answer.status_code not in REACHABLE:
            raise ConnectionError(f"the endpoint answered {answer.status_code}")
        return str(answer.status_code)

    def register(self) -> str:
        body = {
            "webhook": {
                "skillId": self.told["skill_id"],
                "url": self.told["webhook_url"],
                "triggers": [
                    {"event": "ON_SKILL_START", "payload_template": None},
                    {"event": "ON_MESSAGE", "payload_template": None},
                ],
                "auth": {"type": "hmac_sha256", "secret": self.told["webhook_secret"]},
                "delivery": {"timeout": 3000, "retries": 3},
            },
            "testConnectivity": True,
            "validateFormat": True,
        }
        began = time.perf_counter()
        for attempt in range(ATTEMPTS):
            answer = self.client.post(
                f"{self.bot}/webhooks", headers=self.auth.headers(), json=body
            )
            if answer.status_code != 429:
                break
            time.sleep(2**attempt)
        answer.raise_for_status()
        webhook_id = str(answer.json()["id"])
        self.audit.append(
            {
                "timestamp": datetime.now(UTC).isoformat(),
                "webhook_id": webhook_id,
                "skill_id": self.told["skill_id"],
                "latency_ms": (time.perf_counter() - began) * 1000,
                "success": True,
                "event": "WEBHOOK_REGISTERED",
            }
        )
        return webhook_id

    def simulate_callback(self) -> str:
        stamp = int(time.time() * 1000)
        body = json.dumps(
            {
                "skillId": "skill_abc123",
                "trigger": "ON_SKILL_START",
                "timestamp": stamp,
                "sessionId": "sess_xyz789",
                "message": {"text": "Hello, this is a test callback.", "type": "text"},
            }
        ).encode()
        digest = hmac.new(self.told["webhook_secret"].encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Cognigy-Signature": f"sha256={digest}",
            "X-Cognigy-Timestamp": str(stamp),
        }
        answer = self.client.post(self.told["webhook_url"], headers=headers, content=body)
        answer.raise_for_status()
        forged = {**headers, "X-Cognigy-Signature": f"sha256={'0' * 64}"}
        refused = self.client.post(self.told["webhook_url"], headers=forged, content=body)
        if refused.status_code != 401:
            raise ValueError("a forged signature was accepted")
        return str(answer.status_code)

    def sync_monitor(self) -> str:
        latencies = [entry["latency_ms"] for entry in self.audit]
        metrics = {
            "avg_latency_ms": round(sum(latencies) / len(latencies), 2),
            "success_rate": round(
                sum(entry["success"] for entry in self.audit) / len(latencies), 4
            ),
            "total_registrations": len(latencies),
        }
        answer = self.client.post(
            self.told["monitor_url"],
            json={"audit_trail": self.audit[-10:], "metrics": metrics},
            headers={"Content-Type": "application/json"},
        )
        answer.raise_for_status()
        return json.dumps(answer.json())

    def bot_health(self) -> str:
        answer = self.client.get(f"{self.bot}/status", headers=self.auth.headers())
        answer.raise_for_status()
        return str(answer.json()["status"])


def main() -> int:
    """Go through all steps."""
    tutorial = Tutorial(json.loads(sys.stdin.readline()))
    with tutorial.client:
        for step in (
            tutorial.check_limit,
            tutorial.check_skill,
            tutorial.check_reachability,
            tutorial.register,
            tutorial.simulate_callback,
            tutorial.sync_monitor,
            tutorial.bot_health,
        ):
            try:
                outcome = step()
            except (httpx.HTTPError, RuntimeError, ValueError, OSError, KeyError) as error:
                sys.stdout.write(f"{step.__name__}: failed: {error}\n")
                return 1
            sys.stdout.write(f"{step.__name__}: {outcome}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
