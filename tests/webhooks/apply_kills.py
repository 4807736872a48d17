# ruff: noqa: T201  # it is a command too
"""`webhooks apply` is killed at any moment; a second one ends where an undisturbed one would have.

``python -m tests.webhooks.apply_kills --count 200 [--seed N]`` kills at random moments and at every
border of a request: when the tenant has it and has not acted, when it has acted and not answered,
and while it is still at work on it. After each kill a second run must end well, with the webhooks,
secrets among them, that an undisturbed run makes, none of them twice, and a plan after it is empty.

The tenant is a process of its own, and so is each run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cognitui.cli.main import run as cognitui
from cognitui.sandbox import Sandbox, SandboxConfig
from cognitui.sandbox.faults import parse_fault
from cognitui.webhooks.toml import toml_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cognitui.sandbox.state import Webhook

USED, LIMIT = 47, 50
PATIENCE_S = 30.0
SETTLED_S = 1.0
"""How long a second run waits where the tenant is known to be done with all that it got."""
SECRETS = {f"SECRET_{n}": f"{n} is a signing secret, long enough for all" for n in range(4)}
SLOW_S = 20


class Tenant:
    """A sandbox in a process of its own, which is told what to do over a pair of pipes."""

    def __init__(self) -> None:
        asked, self._ask = os.pipe()
        self._told, telling = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._ask)
            os.close(self._told)
            _end_with(lambda: _serve(asked, telling))
        os.close(asked)
        os.close(telling)
        self._answers = os.fdopen(self._told, encoding="utf-8")
        self.info: dict[str, Any] = self.tell("info")

    def tell(self, *command: Any) -> Any:
        """Tell it something, and wait for what it answers."""
        os.write(self._ask, f"{json.dumps(command)}\n".encode())
        return json.loads(self._answers.readline())

    def close(self) -> None:
        os.close(self._ask)  # it ends by itself then
        os.waitpid(self._pid, 0)
        self._answers.close()


class Served:
    """What the tenant's process answers; each method is a command."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._bot = sandbox.tenant.bots[sandbox.info.bot_id]
        self._kept: dict[str, Webhook] = {}
        self._seen = 0

    def info(self) -> dict[str, Any]:
        return self._sandbox.info.as_dict() | {"skills": list(self._bot.skills)}

    def keep(self) -> None:
        """Remember the webhooks as they are."""
        self._kept = dict(self._bot.webhooks)

    def reset(self) -> None:
        """Be as it was remembered."""
        self.mend()
        self._bot.webhooks.clear()
        self._bot.webhooks.update(self._kept)
        self._seen = len(self._sandbox.tenant.requests)

    def fault(self, spec: str) -> None:
        self._sandbox.inject(parse_fault(spec))

    def mend(self) -> None:
        self._sandbox.clear_faults()

    def struck(self) -> int:
        return sum(each["struck"] for each in self._sandbox._board.listed())

    def requests(self) -> list[tuple[str, str]]:
        return [(each.method, each.path) for each in self._sandbox.tenant.requests[self._seen :]]

    def busy(self) -> int:
        """What it is at work on. A request that hangs never acts, and a slow one has acted."""
        asked = self._sandbox.tenant.requests[self._seen :]
        return sum(each.status is None and not each.faults for each in asked)

    def state(self) -> list[str]:
        return sorted(json.dumps(_plain(each)) for each in self._bot.webhooks.values())


def _serve(asked: int, telling: int) -> int:
    """The tenant's process: one answer for each line, until there are no more."""
    config = SandboxConfig(
        webhooks=0, webhook_limit=LIMIT, requests_per_minute=1_000_000, page_size=100
    )
    sandbox = Sandbox(config)
    with sandbox, os.fdopen(asked, encoding="utf-8") as commands:
        served = Served(sandbox)
        for line in commands:
            name, *rest = json.loads(line)
            answer = getattr(served, name)(*rest)
            os.write(telling, f"{json.dumps(answer)}\n".encode())
    return 0


def _plain(webhook: Webhook) -> list[Any]:
    """All of a webhook but its id."""
    events = sorted(json.dumps(trigger, sort_keys=True) for trigger in webhook.triggers)
    return [webhook.skill_id, webhook.url, events, webhook.secret, webhook.timeout_ms,
            webhook.retries, webhook.enabled]  # fmt: skip


def _end_with(work: Callable[[], int]) -> None:
    """The rest of a forked process."""
    status = 70
    try:
        status = work()
    finally:
        os._exit(status)


@dataclass(frozen=True)
class World:
    """A tenant, the file that is applied, and the home of whoever applies it."""

    tenant: Tenant
    directory: Path

    @property
    def file(self) -> Path:
        return self.directory / "webhooks.toml"

    @property
    def home(self) -> Path:
        return self.directory / "home"

    @property
    def first_home(self) -> Path:
        """As it was before the file was applied."""
        return self.directory / "first"

    def begin(self, command: str, *flags: str, settled_s: float = SETTLED_S) -> int:
        """Run a command in a process of its own; its id."""
        pid = os.fork()
        if pid == 0:
            _end_with(lambda: self._command(command, flags, settled_s))
        return pid

    def ended(self, command: str, *flags: str, settled_s: float = SETTLED_S) -> int:
        """Run a command to its end; its exit status."""
        _, status = os.waitpid(self.begin(command, *flags, settled_s=settled_s), 0)
        return os.waitstatus_to_exitcode(status)

    def _command(self, command: str, flags: tuple[str, ...], settled_s: float) -> int:
        from cognitui.workspace import pending, plans

        pending.SETTLED_S, plans.FIRST_LOOK_S = settled_s, min(1.0, settled_s / 4)
        info = self.tenant.info
        os.environ.update(SECRETS)
        os.environ.update(
            {
                "COGNITUI_HOME": str(self.home),
                "COGNITUI_BASE_URL": info["base_url"],
                "COGNITUI_API_KEY": info["api_key"],
                "COGNITUI_API_SECRET": info["api_secret"],
                "COGNITUI_BOT_ID": info["bot_id"],
            }
        )
        output = os.open(self.directory / "output", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(output, 1)
        os.dup2(output, 2)
        return cognitui(["webhooks", command, str(self.file), "--prune", *flags])

    def reset(self) -> None:
        """All as it was before the file was applied."""
        self.tenant.tell("reset")
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.copytree(self.first_home, self.home)
        (self.directory / "output").unlink(missing_ok=True)

    def said(self) -> str:
        return (self.directory / "output").read_text(encoding="utf-8", errors="replace")


def before(hooks: str, skills: list[str]) -> list[dict[str, Any]]:
    """A bot that is nearly full."""
    return [
        {
            "name": f"w{number}",
            "skill_id": skills[number % 5],
            "endpoint_url": f"{hooks}/w{number}",
            "secret": {"env": f"SECRET_{number % 3}"},
            "triggers": [{"event": "ON_MESSAGE"}],
        }
        for number in range(USED)
    ]


def after(hooks: str, skills: list[str], chance: random.Random) -> list[dict[str, Any]]:
    """Changes of every kind, and more new ones than there is room for before something goes."""
    kept = before(hooks, skills)[4:]
    kept[0]["timeout_ms"] = 4000
    kept[1]["triggers"] = [{"event": "ON_FALLBACK", "payload_template": {"a": 1}}]
    kept[2]["secret"] = {"env": "SECRET_3"}
    kept[3]["enabled"] = False
    new = [
        {**kept[9], "name": "same place", "triggers": [{"event": "ON_SKILL_END"}]},
        {**kept[9], "name": "the same again", "triggers": [{"event": "ON_SKILL_START"}]},
        {**kept[10], "name": "new and off", "endpoint_url": f"{hooks}/off", "enabled": False},
    ]
    whole = [*kept, *new]
    chance.shuffle(whole)
    # First, while there is room for a second one like it, if anybody made that mistake.
    return [{**kept[11], "name": "new", "endpoint_url": f"{hooks}/late"}, *whole]


def text_of(entries: list[dict[str, Any]]) -> str:
    lines: list[str] = []
    for one in entries:
        lines += ["[[webhook]]", *(f"{key} = {toml_value(value)}" for key, value in one.items())]
    return "\n".join(lines)


@contextmanager
def world(chance: random.Random) -> Iterator[World]:
    """A tenant with its first webhooks, and a file that changes them."""
    tenant = Tenant()
    try:
        with tempfile.TemporaryDirectory() as name:
            made = World(tenant, Path(name))
            skills = tenant.info["skills"]
            hooks = tenant.info["webhook_url"].replace("receiver", "hooks")
            made.file.write_text(text_of(before(hooks, skills)), encoding="utf-8")
            status = made.ended("apply", "--yes", "--skip-preflight")
            assert status == 0, made.said()
            tenant.tell("keep")
            shutil.copytree(made.home, made.first_home)
            made.file.write_text(text_of(after(hooks, skills, chance)), encoding="utf-8")
            yield made
    finally:
        tenant.close()


@dataclass
class Tally:
    """What came of all kills."""

    kills: Counter[str] = field(default_factory=Counter)
    too_late: int = 0
    in_between: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Moment:
    """When to kill.

    Attributes:
        kind: Its name in the tally.
        fault: What stops the run where it is to be killed; empty kills after `seconds` alone.
        seconds: After the fault struck, or after the beginning.
        settled_s: How long the second run waits for what may still arrive.
    """

    kind: str
    fault: str = ""
    seconds: float = 0.0
    settled_s: float = SETTLED_S


def moments(
    requests: list[tuple[str, str]], took_s: float, chance: random.Random, count: int
) -> Iterator[Moment]:
    """Every border of every request, one registration that takes its time, and random moments."""
    seen: Counter[str] = Counter()
    borders: list[Moment] = []
    for method, path in requests:
        if "/bots/" not in path:
            continue
        which = f"method={method},path=bots/*,after={seen[method]},times=1,seconds={SLOW_S}"
        seen[method] += 1
        borders.append(Moment("not acted", f"hang:{which}"))
        borders.append(Moment("not answered", f"slow:{which}"))
    chance.shuffle(borders)
    # The tenant tests an endpoint that takes its time, and registers it after the kill.
    late = Moment("still at work", "slow:path=endpoints/hooks/late,method=HEAD,times=1,seconds=1",
                  0.05, 20.0)  # fmt: skip
    planned = [late, *borders]
    for number in range(count):
        # Half and half, so that a short run has some of each.
        if planned and number % 2 == 0:
            yield planned.pop(0)
        else:
            yield Moment("at random", seconds=chance.uniform(took_s / 4, took_s))


def until(truth: Callable[[], bool], complaint: str) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + PATIENCE_S
    while not truth():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.002)


def kill_once(made: World, moment: Moment, wanted: list[str], tally: Tally) -> None:
    """One run that is killed, and one that is not."""
    made.reset()
    first = made.tenant.tell("state")
    if moment.fault:
        made.tenant.tell("fault", moment.fault)
    pid = made.begin("apply", "--yes", "--skip-preflight")
    if moment.fault:
        until(lambda: bool(made.tenant.tell("struck")), f"{moment} never came")
    time.sleep(moment.seconds)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    tally.too_late += not os.WIFSIGNALED(status)
    tally.kills[moment.kind] += 1
    tally.in_between += made.tenant.tell("state") not in (first, wanted)
    if "endpoints/" not in moment.fault:
        made.tenant.tell("mend")
    status = made.ended("apply", "--yes", "--skip-preflight", settled_s=moment.settled_s)
    # What the first run began may end now; whatever comes of it counts.
    until(lambda: not made.tenant.tell("busy"), f"{moment} never ended")
    state = made.tenant.tell("state")
    made.tenant.tell("mend")
    if status or state != wanted:
        surplus = list((Counter(state) - Counter(wanted)).elements())
        missing = list((Counter(wanted) - Counter(state)).elements())
        tally.faults.append(f"{moment}: {status}, too many {surplus}, missing {missing}")
    elif status := made.ended("plan"):
        tally.faults.append(f"{moment}: a plan after it says {status}")


def run(count: int, seed: int) -> Tally:
    """Kill as often as is asked for."""
    tally, chance = Tally(), random.Random(seed)
    with world(chance) as made:
        made.reset()
        began = time.monotonic()
        assert made.ended("apply", "--yes", "--skip-preflight") == 0, made.said()
        took_s = time.monotonic() - began
        wanted, requests = made.tenant.tell("state"), made.tenant.tell("requests")
        assert len(wanted) == USED, made.said()
        assert made.ended("plan") == 0, made.said()
        for moment in moments(requests, took_s, chance, count):
            kill_once(made, moment, wanted, tally)
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    began = time.perf_counter()
    tally = run(args.count, args.seed)
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(tally.kills.items()))
    print(
        f"{tally.kills.total()} kills ({kinds}; {tally.too_late} came too late), "
        f"{tally.in_between} in the midst of it, {len(tally.faults)} faults, in {time.perf_counter() - began:.0f} s"
    )
    print("\n".join(tally.faults[:20]))
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
