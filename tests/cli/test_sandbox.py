"""The sandbox tenant alone."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import httpx
import pytest

from .support import taken_port

if TYPE_CHECKING:
    from .support import Cli

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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_one_line_serves_and_stops_cleanly(empty: Cli, number: int) -> None:
    faults = ["--fault", "503:path=bots/*/status", "--fault", "401:path=bots/*/skills"]
    with empty.process("sandbox", "--json", "--bots", "2", *faults) as process:
        info = json.loads(process.line())
        assert list(info) == KEYS
        with httpx.Client(trust_env=False) as http:
            answer = http.post(
                f"{info['base_url']}/auth/token",
                auth=(info["api_key"], info["api_secret"]),
                json={"grant_type": "client_credentials"},
            )
            http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            bot = f"{info['base_url']}/bots/{info['bot_id']}"
            assert len(http.get(f"{info['base_url']}/bots").json()["items"]) == 2
            assert http.get(f"{bot}/skills/{info['skill_id']}").status_code == 200
            assert http.get(f"{bot}/status").status_code == 503
            assert http.get(f"{bot}/skills").status_code == 401
        process.signal(number)
        result = process.wait()
    assert (result.status, result.out) == (0, "")
    assert result.err == "The sandbox tenant is up. Ctrl-C stops it.\n"


def test_for_people_it_is_a_list(empty: Cli) -> None:
    with empty.process("sandbox") as process:
        names = [process.line().split()[0] for _ in KEYS]
        process.signal(signal.SIGTERM)
        assert process.wait().status == 0
    assert names == KEYS


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--fault", "hnag"], "Did you mean hang?"),
        (["--fault", "429:evry=3"], "Did you mean every?"),
        (["--fault", "429:every=often"], "must be a whole number between 1 and"),
        (["--port", "70000"], "between 0 and 65535, not 70000"),
        (["--port", "-1"], "between 0 and 65535, not -1"),
        (["--bots", "0"], "between 1 and 20, not 0"),
        (["--webhooks", "51"], "between 0 and 50, not 51"),
    ],
)
def test_what_cannot_be_is_one_sentence(empty: Cli, arguments: list[str], part: str) -> None:
    result = empty.run("sandbox", *arguments)
    assert (result.status, result.out) == (2, "")
    assert part in result.sentence
    assert len(result.err.splitlines()) == 1


def test_a_port_that_is_taken(empty: Cli) -> None:
    with taken_port() as port:
        result = empty.spawn("sandbox", "--port", str(port))
    assert (result.status, result.out) == (2, "")
    assert f"cannot listen on port {port}" in result.sentence
