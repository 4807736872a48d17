"""Probing an endpoint from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cognitui.audit.records import Action, Outcome
from cognitui.callbacks.receive import Receiver
from tests.callbacks.tamper.support import SECRET, Endpoint, Verifier, serving

from .support import closed_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .support import Cli


class Forgets(Verifier):
    def is_replay(self, key: bytes) -> bool:
        return False


@pytest.fixture
def cli(empty: Cli) -> Cli:
    """Commands that know a webhook's secret and no tenant."""
    empty.environment["COGNITUI_WEBHOOK_SECRET"] = SECRET
    return empty


@pytest.fixture
def sound() -> Iterator[str]:
    receiver = Receiver([SECRET], read_limit_s=0.3)
    receiver.start()
    yield receiver.url
    receiver.stop()


@pytest.fixture
def unsound() -> Iterator[str]:
    with serving(Endpoint(Forgets())) as url:
        yield url


def test_a_sound_endpoint(cli: Cli, sound: str) -> None:
    result = cli.run("callback", "probe", f"{sound}?token=hush")
    assert result.status == 0
    assert result.out.splitlines() == [
        f"{sound}, scheme cognigy",
        "Sound: every case was answered as it should be.",
        "",
        "Score: 48 of 48 sound.",
    ]
    told = result.err.splitlines()
    assert len(told) == 48
    assert told[0] == "✓ honest                 It accepts: 200."
    (record,) = cli.records()
    assert (record.action, record.outcome) == (Action.CALLBACK_PROBE, Outcome.OK)
    assert (record.endpoint, record.error_code) == (sound, "")
    assert record.detail == "Sound: every case was answered as it should be. 48 of 48 sound."
    assert SECRET not in result.out + result.err + repr(record)


def test_an_unsound_endpoint(cli: Cli, unsound: str) -> None:
    result = cli.run("callback", "probe", unsound, "--json", "--framework", "flask")
    assert result.status == 1
    card = result.json
    assert (card["version"], card["failed"], card["framework"]) == (1, True, "flask")
    unsound_ones = [r["id"] for r in card["results"] if r["verdict"] != "sound"]
    assert unsound_ones == ["replay"]
    (record,) = cli.records()
    assert (record.outcome, record.error_code) == (Outcome.FAILED, "unsound")
    # It answers 2xx to a replay and does nothing, its owner says.
    assert cli.run("callback", "probe", unsound, "--acknowledges-replays").status == 0


def test_a_card_as_markdown(cli: Cli, unsound: str) -> None:
    result = cli.run("callback", "probe", unsound, "--markdown")
    assert result.status == 1
    assert result.out.startswith("# Callback report card\n")
    assert "## ✗ The same callback twice (replay)" in result.out


def test_what_is_weak_fails_only_where_that_is_asked_for(cli: Cli) -> None:
    with serving(Endpoint(Verifier(), methods=("POST", "PUT"))) as url:
        assert cli.run("callback", "probe", url).status == 0
        assert cli.run("callback", "probe", url, "--strict").status == 1


def test_the_wrong_secret(cli: Cli, sound: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("quite another secret")
    path.chmod(0o600)
    result = cli.run("callback", "probe", sound, "--secret-file", str(path))
    assert result.status == 1
    assert "Nothing can be concluded: the honest callback was refused" in result.out


def test_fields_for_every_body(cli: Cli, sound: str) -> None:
    result = cli.run("callback", "probe", sound, "--body", "-", stdin='{"tenant": "acme"}')
    assert result.status == 0
    for wrong in ("[1]", "{", "[" * 100_000):
        refused = cli.run("callback", "probe", sound, "--body", "-", stdin=wrong)
        assert (refused.status, refused.sentence) == (2, "--body needs a JSON object.")


def test_nobody_there(cli: Cli) -> None:
    with closed_port() as port:
        result = cli.run("callback", "probe", f"http://127.0.0.1:{port}/hook", "--json")
    assert (result.status, result.sentence) == (3, f"Nothing answers at 127.0.0.1:{port}.")
    assert result.json["error"]["code"] == "endpoint_unreachable"


def test_elsewhere_is_asked_for_first(cli: Cli) -> None:
    url = "https://hooks.invalid/hook"
    result = cli.run("callback", "probe", url)
    assert result.status == 2
    assert result.err.splitlines() == [
        "hooks.invalid is not this machine, and forged callbacks are not sent elsewhere unasked.",
        "  If it is your endpoint, or its owner agrees, allow it: --yes.",
    ]
    for typed in ("", "y\n", "hooks\n"):
        no = cli.run("callback", "probe", url, stdin=typed, terminal=True)
        assert (no.status, no.out) == (1, "")
        assert no.err.splitlines() == [
            "Send 48 callbacks, most of them forged, to hooks.invalid? Type the host to confirm:",
            "Nothing was sent.",
        ]
    assert cli.records() == []
    # There is no such host, and there never will be: so far, and no further.
    yes = cli.run("callback", "probe", url, stdin="hooks.invalid\n", terminal=True)
    assert (yes.status, yes.err.splitlines()[1]) == (3, "There is no host called hooks.invalid.")
    assert cli.run("callback", "probe", url, "--yes").status == 3
    assert {record.error_code for record in cli.records()} == {"endpoint_unreachable"}


def test_read_only_sends_nothing(cli: Cli, sound: str) -> None:
    cli.environment["COGNITUI_READ_ONLY"] = "1"
    result = cli.run("callback", "probe", sound)
    assert (result.status, result.out) == (1, "")
    assert result.sentence.startswith("This is read-only")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--scheme", "basic"],
            "The scheme basic signs nothing, so there is nothing to tamper with.",
        ),
        (["--scheme", "nonsense"], "There is no scheme nonsense."),
        (["--timeout", "0"], "--timeout is from 1 to 60000 milliseconds."),
        (["--slow", "1000"], "--slow is from 1 to 120 seconds."),
        (["--pause", "-1"], "--pause is from 0 to 10000 milliseconds."),
        (["--json", "--markdown"], "--json and --markdown exclude each other."),
    ],
)
def test_what_is_typed_wrongly(cli: Cli, sound: str, arguments: list[str], sentence: str) -> None:
    result = cli.run("callback", "probe", sound, *arguments)
    assert (result.status, result.sentence) == (2, sentence)
