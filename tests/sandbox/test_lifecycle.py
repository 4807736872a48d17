from __future__ import annotations

import gc
import socket
import subprocess
import sys
import threading
import time
import warnings
from urllib.parse import urlsplit

import httpx
import pytest

from cognitui.errors import UsageError
from cognitui.sandbox import Sandbox, SandboxConfig

KEYS = [
    "base_url",
    "api_key",
    "api_secret",
    "bot_id",
    "skill_id",
    "webhook_url",
    "webhook_secret",
    "monitor_url",
]


def test_it_tells_all_that_a_client_needs() -> None:
    sandbox = Sandbox(SandboxConfig())
    with sandbox as info:
        told = sandbox.info.as_dict()
        assert list(told) == KEYS
        assert all(isinstance(value, str) and value for value in told.values())
        assert info.base_url.startswith("http://127.0.0.1:")
        assert info.base_url.endswith("/api/v1")
        assert len(info.webhook_secret) >= 32
        assert httpx.get(f"{info.base_url}/bots").status_code == 401


def test_it_keeps_its_secrets_out_of_its_representation() -> None:
    with Sandbox() as info:
        assert info.api_secret not in repr(info)
        assert info.webhook_secret not in repr(info)


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    worlds = []
    for seed in (1, 1, 2):
        sandbox = Sandbox(SandboxConfig(seed=seed, bots=6))
        with sandbox as info:
            ids = [hook.id for bot in sandbox.tenant.bots for hook in sandbox.tenant.webhooks(bot)]
            worlds.append((info.api_key, info.api_secret, ids))
    assert worlds[0] == worlds[1]
    assert worlds[0] != worlds[2]


def test_it_can_be_started_again_after_it_was_stopped() -> None:
    sandbox = Sandbox(SandboxConfig())
    for _ in range(2):
        info = sandbox.start()
        assert sandbox.start() is info
        assert httpx.get(f"{info.base_url}/bots").status_code == 401
        sandbox.stop()
        sandbox.stop()


def test_it_is_unknown_before_it_is_started() -> None:
    sandbox = Sandbox()
    with pytest.raises(RuntimeError, match="not been started"):
        _ = sandbox.info
    with pytest.raises(RuntimeError, match="not been started"):
        _ = sandbox.tenant
    sandbox.revoke_tokens()
    sandbox.stop()


def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"cannot listen on port {port}"):
            Sandbox(SandboxConfig(port=port)).start()


def test_a_chosen_port_is_used() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Sandbox(SandboxConfig(port=port)) as info:
        assert urlsplit(info.base_url).port == port


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"host": "0.0.0.0"}, "only serves this machine"),
        ({"port": 70_000}, "port must be between 0 and 65535"),
        ({"bots": 0}, "bots must be between 1 and 20"),
        ({"webhooks": 51}, "webhooks must be between 0 and 50"),
        ({"page_size": 0}, "page size must be between"),
        ({"requests_per_minute": 0}, "requests per minute must be between"),
        ({"token_lifetime_s": 0}, "token_lifetime_s must be above 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        SandboxConfig(**settings)  # type: ignore[arg-type]


def test_stopping_is_quick_and_leaves_nothing_behind_even_with_a_hanging_request() -> None:
    before = set(threading.enumerate())
    sandbox = Sandbox(SandboxConfig())
    info = sandbox.start()
    ended: list[str] = []

    def hang() -> None:
        try:
            httpx.get(f"{info.base_url}/bots", timeout=10)
        except httpx.TransportError as error:
            ended.append(type(error).__name__)

    with warnings.catch_warnings(), httpx.Client() as idle:
        warnings.simplefilter("error", ResourceWarning)
        idle.get(f"{info.base_url}/bots")
        sandbox.inject("hang")
        waiting = threading.Thread(target=hang)
        waiting.start()
        deadline = time.monotonic() + 5
        while len(sandbox.tenant.requests) < 2 and time.monotonic() < deadline:
            time.sleep(0.005)
        began = time.monotonic()
        sandbox.stop()
        took = time.monotonic() - began
        waiting.join(5)
        gc.collect()
    assert took < 1
    assert ended
    # Threads of other tests may end meanwhile.
    assert set(threading.enumerate()) <= before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", urlsplit(info.base_url).port or 0), timeout=1)


@pytest.mark.parametrize("fault", ["slow:seconds=30", "huge:bytes=1000000000", "hang:seconds=30"])
def test_stopping_does_not_wait_for_a_fault_to_end(fault: str) -> None:
    sandbox = Sandbox(SandboxConfig())
    info = sandbox.start()
    sandbox.inject(fault)
    with socket.create_connection(("127.0.0.1", urlsplit(info.base_url).port or 0)) as client:
        client.sendall(b"GET /api/v1/bots HTTP/1.1\r\nHost: localhost\r\n\r\n")
        deadline = time.monotonic() + 5
        while not sandbox.tenant.requests and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(0.02)
        began = time.monotonic()
        sandbox.stop()
        assert time.monotonic() - began < 1


def test_stopping_gives_up_a_delivery_that_is_on_its_way() -> None:
    sandbox = Sandbox(SandboxConfig(webhooks=0, retry_delay_s=30))
    info = sandbox.start()
    root = info.base_url.removesuffix("/api/v1")
    with httpx.Client(auth=(info.api_key, info.api_secret)) as client:
        token = client.post(
            f"{info.base_url}/auth/token", json={"grant_type": "client_credentials"}
        ).json()["access_token"]
    webhook = {
        "skillId": info.skill_id,
        "url": f"{root}/endpoints/hooks/failing",
        "triggers": [{"event": "ON_MESSAGE"}],
        "auth": {"secret": "x" * 32},
    }
    httpx.post(
        f"{info.base_url}/bots/{info.bot_id}/webhooks",
        json={"webhook": webhook},
        headers={"Authorization": f"Bearer {token}"},
    ).raise_for_status()
    event = {"botId": info.bot_id, "skillId": info.skill_id, "event": "ON_MESSAGE"}
    httpx.post(f"{root}/sandbox/events", json=event).raise_for_status()
    began = time.monotonic()
    sandbox.stop()
    assert time.monotonic() - began < 1
    assert [delivery.state for delivery in sandbox.tenant.deliveries] == ["cancelled"]


def test_importing_it_loads_no_web_framework() -> None:
    code = (
        "import sys, cognitui.sandbox;"
        "print([name for name in ('starlette', 'uvicorn', 'h11', 'httpx', 'pydantic')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
