"""The demo without a terminal: the whole pipeline, step by step."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from cognitui.sandbox import Sandbox, SandboxConfig, parse_fault

if TYPE_CHECKING:
    import pytest

    from .support import Cli

STEPS = [
    "sandbox tenant",
    "token",
    "bots",
    "skills",
    "receiver",
    "preflight endpoint",
    "preflight engine",
    "preflight limit",
    "preflight skill",
    "registration",
    "callback",
    "verified",
    "audit log",
    "metrics",
    "monitor sync",
]
LINE = re.compile(r"✓ (\S+(?: \S+)?) +(\S.*?) +\d+(\.\d)? m?s$")


def in_order(steps: list[str]) -> list[str]:
    """The preflight's steps run side by side; which of them ends first is chance."""
    first = steps.index("registration") - 4
    return [*steps[:first], *sorted(steps[first : first + 4]), *steps[first + 4 :]]


def test_each_step_is_a_line_with_its_time(empty: Cli) -> None:
    result = empty.spawn("demo", "--headless")
    assert (result.status, result.err) == (0, "")
    lines, _, end = result.out.partition("\n\n")
    matches = [LINE.fullmatch(line) for line in lines.splitlines()]
    assert in_order([match[1] for match in matches if match]) == STEPS
    assert len(matches) == len(STEPS)
    assert "All of it worked" in end


def test_without_a_terminal_it_does_the_same(empty: Cli) -> None:
    result = empty.run("demo")
    assert result.status == 0
    assert in_order([LINE.sub(r"\1", line) for line in result.out.splitlines()[:15]]) == STEPS


def test_it_can_be_run_again_and_beside_another(empty: Cli) -> None:
    for _ in range(2):
        with empty.process("demo", "--json") as first, empty.process("demo", "--json") as second:
            ends = [first.wait(), second.wait()]
        assert [(end.status, end.err) for end in ends] == [(0, ""), (0, "")]


def test_it_begins_although_an_earlier_one_left_its_seal(empty: Cli) -> None:
    state = empty.home / "state" / "demo"
    state.mkdir(parents=True)
    (state / "audit.key").write_text("of a log that is gone")
    (state / "audit.head").write_text("of a log that is gone")
    assert empty.run("demo", "--headless").status == 0


def test_json_tells_the_same_steps_as_one_object(empty: Cli) -> None:
    result = empty.run("demo", "--headless", "--json")
    assert (result.status, result.err) == (0, "")
    told = result.json
    assert list(told) == ["ok", "steps", "metrics"]
    assert told["ok"] is True
    assert in_order([step["step"] for step in told["steps"]]) == STEPS
    assert all(step["ok"] and step["summary"] and step["ms"] >= 0 for step in told["steps"])
    assert list(told["metrics"]) == ["avg_latency_ms", "success_rate", "total_registrations"]
    assert (told["metrics"]["success_rate"], told["metrics"]["total_registrations"]) == (1.0, 1)


def test_it_touches_nothing_of_the_persons_own(cli: Cli) -> None:
    cli.spawn("demo", "--headless")
    files = {path.relative_to(cli.home).parts[:2] for path in cli.home.rglob("*.*")}
    assert files == {("state", "demo")}
    assert cli.records() == []


def test_a_step_that_fails_says_so_and_ends_with_1(
    empty: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start_broken() -> Sandbox:
        fault = parse_fault("503:path=bots/*/webhooks,method=POST")
        sandbox = Sandbox(SandboxConfig(faults=(fault,)))
        sandbox.start()
        return sandbox

    monkeypatch.setattr("cognitui.cli.demo_headless.start_sandbox", start_broken)
    result = empty.run("demo", "--headless")
    assert result.status == 1
    assert result.out.splitlines()[-1].startswith("✗ registration")
    result = empty.run("demo", "--json")
    assert result.status == 1
    told = json.loads(result.out)
    assert told["ok"] is False
    assert told["steps"][-1]["step"] == "registration"
