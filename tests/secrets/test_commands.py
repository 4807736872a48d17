"""No secret is left behind by a command, whatever goes wrong with it."""

from __future__ import annotations

import base64
import json
import signal
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from cognitui.cli import main
from cognitui.cognigy.answer import Timeouts
from cognitui.cognigy.credentials import Credentials
from cognitui.tenants.profiles import Profile, ProfileStore
from tests.cli.support import closed_port
from tests.tenants.support import vault

from .echo import SHAPES, STATUSES, Echo, echoing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.support import Cli, Result

    from .finder import Finder

PATIENCE_S = 20.0


class Everything:
    """Commands that know every secret, and a look at all that they leave behind."""

    def __init__(self, cli: Cli, finder: Finder, home: Path, errors: list[BaseException]) -> None:
        self.cli = cli
        self.finder = finder
        self.home = home
        self.errors = errors
        self.planted: set[Path] = set()

    def know(self, echo: Echo) -> None:
        """Everything comes from the environment, and all of it leads to the echo."""
        secrets = self.finder.secrets
        echo.token = secrets["token"]
        pair = f"{secrets['api_key']}:{secrets['api_secret']}"
        self.finder.plant(pair=base64.b64encode(pair.encode()).decode())
        self.cli.environment |= {
            "COGNITUI_BASE_URL": echo.base_url,
            "COGNITUI_API_KEY": secrets["api_key"],
            "COGNITUI_API_SECRET": secrets["api_secret"],
            "COGNITUI_BOT_ID": "bot_1",
            "COGNITUI_WEBHOOK_SECRET": secrets["webhook_secret"],
            "COGNITUI_VAULT_PASSPHRASE": secrets["passphrase"],
            "COGNITUI_MONITOR_URL": f"{echo.origin}/monitor?token={secrets['monitor_token']}",
            "COGNITUI_OTLP_HEADERS": f"authorization={secrets['otlp_header']}",
        }

    def plant(self, name: str, text: str) -> str:
        """A file of the person's own, which may hold secrets."""
        path = self.home / name
        path.write_text(text)
        path.chmod(0o600)
        self.planted.add(path)
        return str(path)

    def run(self, *arguments: str, **options: Any) -> Result:
        """Run a command here, and look at what it said and raised."""
        result = self.cli.run(*arguments, **options)
        self.heard(" ".join(arguments[:2]), result)
        return result

    def run_with_a_secret_in_an_argument(self, *arguments: str) -> None:
        """The same; what the person typed is in memory, and must not get out of there."""
        result = self.cli.run(*arguments)
        for error in self.errors:
            self.finder.look_at(f"{arguments[:2]}: words", f"{error} {error!r} {vars(error)}")
        self.errors.clear()
        self.heard(" ".join(arguments[:2]), result)

    def heard(self, where: str, result: Result) -> None:
        assert "Traceback" not in result.err
        self.finder.look_at(f"{where}: stdout", result.out)
        self.finder.look_at(f"{where}: stderr", result.err)
        while self.errors:
            self.finder.look_into(where, self.errors.pop())

    def is_clean(self) -> None:
        """Look at all files, and say what was found where."""
        self.finder.look_below(self.home, apart_from=frozenset(self.planted))
        found = sorted({f"{one.secret} in {one.where}" for one in self.finder.findings})
        assert not found, "\n".join(found)


@pytest.fixture
def everything(
    empty: Cli,
    finder: Finder,
    temporary: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Everything:
    errors: list[BaseException] = []
    report = main._report

    def noted(error: Any, *, as_json: bool) -> int:
        errors.append(error)
        return report(error, as_json=as_json)

    monkeypatch.setattr(main, "_report", noted)
    quick = partial(Timeouts, connect=1.0, read=0.3, total=0.5)
    monkeypatch.setattr("cognitui.cognigy.pipeline.Timeouts", quick)
    monkeypatch.chdir(temporary)
    return Everything(empty, finder, tmp_path, errors)


@pytest.fixture
def echo() -> Iterator[Echo]:
    with echoing() as state:
        yield state


def webhook_file(everything: Everything, echo: Echo) -> str:
    return everything.plant(
        "webhook.json",
        json.dumps(
            {
                "skill_id": "s",
                "endpoint_url": f"{echo.origin}/hook",
                "triggers": [{"event": "ON_MESSAGE"}],
                "secret_key": everything.finder.secrets["webhook_secret"],
            }
        ),
    )


@pytest.mark.parametrize("mode", [*STATUSES, *SHAPES], ids=str)
def test_a_tenant_that_says_everything_back(
    mode: int | str, everything: Everything, echo: Echo
) -> None:
    everything.know(echo)
    described = webhook_file(everything, echo)
    for at_token in (False, True):
        echo.mode, echo.at_token = mode, at_token
        everything.run("webhooks", "list")
        everything.run("webhooks", "list", "--json")
        everything.run("webhooks", "register", described, "--json")
        everything.run("webhooks", "delete", "wh_1", "--yes", "--json")
        everything.run("webhooks", "export", "--json")
        everything.run("tenants", "test", "--json")
    everything.run("audit", "sync", "--json")
    everything.run("audit", "list", "--json")
    assert len(echo.heard) > 5
    assert (everything.cli.home / "state" / "logs" / "cognitui.log").stat().st_size
    everything.is_clean()


PLAN = """
[[webhook]]
name = "new"
skill_id = "s"
endpoint_url = "{hook}"
secret = {secret}
triggers = [{{ event = "ON_MESSAGE" }}]
"""
PLANNING = (("plan",), ("plan", "--json"), ("apply", "--yes", "--json"), ("apply", "--yes"))


@pytest.mark.parametrize("mode", [*STATUSES, *SHAPES], ids=str)
def test_a_plan_at_a_tenant_that_says_everything_back(
    mode: int | str, everything: Everything, echo: Echo
) -> None:
    everything.know(echo)
    everything.cli.environment["NEW_SECRET"] = everything.finder.secrets["webhook_secret"]
    text = PLAN.format(hook=f"{echo.origin}/hook", secret='{ env = "NEW_SECRET" }')
    file = everything.plant("webhooks.toml", text)
    for at_token in (False, True):
        echo.mode, echo.at_token = mode, at_token
        for command, *more in PLANNING:
            everything.run("webhooks", command, file, "--prune", *more)
    everything.run("audit", "list", "--json")
    assert len(echo.heard) > 3
    everything.is_clean()


def test_a_plan_with_secrets_where_none_belong(everything: Everything, echo: Echo) -> None:
    everything.know(echo)
    secrets = everything.finder.secrets
    everything.cli.environment["NEW_SECRET"] = secrets["webhook_secret"]
    hook, named = f"{echo.origin}/hook", '{ env = "NEW_SECRET" }'
    clear = f'"{secrets["webhook_secret"]}"'
    host = hook.removeprefix("http://")
    for url, secret in (
        (f"{hook}?token={secrets['monitor_token']}", named),
        (f"http://me:{secrets['userinfo']}@{host}", named),
        (hook, clear),
        (hook, f"{{ env = {clear} }}"),
        (hook, f"{{ file = {clear} }}"),
        (hook, f"{{ value = {clear} }}"),
        (hook, f"{clear[:-1]}"),  # no TOML
    ):
        file = everything.plant("webhooks.toml", PLAN.format(hook=url, secret=secret))
        for command, *more in PLANNING:
            everything.run_with_a_secret_in_an_argument("webhooks", command, file, *more)
    everything.is_clean()


@pytest.mark.parametrize(
    "mode", [200, 302, 401, 500, "not json", "hang up", "huge", "garbage"], ids=str
)
@pytest.mark.parametrize("scheme", ["cognigy", "jambonz", "key", "basic"])
def test_an_endpoint_that_says_everything_back(
    mode: int | str, scheme: str, everything: Everything, echo: Echo
) -> None:
    """What a static scheme sends, the endpoint knows; what it says is cut out where it is shown."""
    everything.know(echo)
    everything.cli.environment["COGNITUI_WEBHOOK_SECRET"] = everything.finder.secrets[
        "static_header"
    ]
    echo.mode = mode
    hook = f"{echo.origin}/hook"
    everything.run("callback", "send", hook, "--scheme", scheme)
    everything.run("callback", "send", hook, "--scheme", scheme, "--retries", "1", "--json")
    everything.run("callback", "burst", hook, "--scheme", scheme, "--count", "3", "--json")
    if scheme in {"cognigy", "jambonz"}:
        everything.run("callback", "probe", hook, "--scheme", scheme, "--slow", "1", "--json")
    assert echo.heard
    everything.is_clean()


def test_addresses_that_cannot_be_used(everything: Everything, echo: Echo) -> None:
    everything.know(echo)
    password = everything.finder.secrets["userinfo"]
    described = webhook_file(everything, echo)
    with closed_port() as port:
        wrong = [
            f"http://me:{password}@127.0.0.1:{port}/x",
            f"http://{password}@127.0.0.1/",
            f"htp://me:{password}@127.0.0.1/",
            f"https://127.0.0.1:{port}/x",
            f"https://{echo.origin.removeprefix('http://')}/x",
            f"http://169.254.169.254/{password[:2]}",
            f"http://me:{password}@[::1/",
            f"http://127.0.0.1:{password}/",
            f"//me:{password}@127.0.0.1",
        ]
        run = everything.run_with_a_secret_in_an_argument
        for url in wrong:
            with pytest.MonkeyPatch.context() as patch:
                for name in ("BASE_URL", "MONITOR_URL", "OTLP_ENDPOINT"):
                    patch.setitem(everything.cli.environment, f"COGNITUI_{name}", url)
                run("webhooks", "list", "--json")
                run("config", "check")
            run("callback", "send", url, "--json")
            run("callback", "burst", url, "--count", "1", "--json")
            run("callback", "probe", url, "--json")
            run("audit", "sync", "--monitor-url", url)
            run("callback", "listen", "--forward", url, "--count", "0")
        bad = json.loads(Path(described).read_text()) | {"endpoint_url": wrong[0]}
        run("webhooks", "register", everything.plant("bad.json", json.dumps(bad)))
    everything.is_clean()


def test_a_database_that_cannot_be_reached(everything: Everything, echo: Echo) -> None:
    everything.know(echo)
    password = everything.finder.secrets["database_password"]
    with closed_port() as port:
        for url in (
            f"postgresql://me:{password}@127.0.0.1:{port}/audit",
            f"postgresql://me:{password}@127.0.0.1:{port}/",
            f"postgresql://127.0.0.1:{port}/audit?password={password}",
            f"postgres://me:{password}@[::1/audit",
            f"mysql://me:{password}@127.0.0.1/audit",
        ):
            everything.cli.environment["COGNITUI_AUDIT_URL"] = url
            for command in ("audit list --json", "audit verify", "config show", "config check"):
                everything.run(*command.split())
            everything.run("webhooks", "list")
    everything.is_clean()


def test_a_vault_and_what_goes_wrong_with_it(everything: Everything, echo: Echo) -> None:
    everything.know(echo)
    secrets = everything.finder.secrets
    home = everything.cli.home
    fields = {"name": "acme", "base_url": echo.base_url, "bot_id": "bot_1"}
    ProfileStore(home / "config" / "profiles.json").save(Profile.model_validate(fields))
    safe = vault(home / "data" / "vault.json")
    safe.create(SecretStr(secrets["passphrase"]))
    safe.put("acme", Credentials(SecretStr(secrets["api_key"]), SecretStr(secrets["api_secret"])))
    list_them = ("webhooks", "list", "--tenant", "acme", "--json")
    for name in ("BASE_URL", "API_KEY", "API_SECRET"):
        everything.cli.forget(name)
    assert everything.run(*list_them).status == 0
    everything.run("tenants", "list", "--json")
    everything.run("tenants", "test", "acme", "--json")
    exported = str(everything.home / "tenants.json")
    assert everything.run("tenants", "export", exported).status == 0
    everything.run("tenants", "import", exported, "--dry-run", "--json")
    key = everything.plant("key", secrets["api_key"])
    secret = everything.plant("secret", secrets["api_secret"])
    files = ("--key-file", key, "--secret-file", secret)
    added = everything.run("tenants", "add", "beta", "--base-url", echo.base_url, *files, "--json")
    assert added.status == 0, added
    everything.run("tenants", "add", "gamma", "--base-url", f"{echo.origin}/ui", *files, "--json")
    everything.run("tenants", "passphrase", "--json")
    everything.run("tenants", "remove", "beta", "--json")
    everything.cli.environment["COGNITUI_VAULT_PASSPHRASE"] = f"{secrets['passphrase']}!"
    assert everything.run(*list_them).status == 2
    whole = (home / "data" / "vault.json").read_bytes()
    for broken in (whole[:-20], whole.replace(b"a", b"b"), b"", b"{}", b"\xff"):
        (home / "data" / "vault.json").write_bytes(broken)
        assert everything.run(*list_them).status != 0
    everything.is_clean()


def test_what_is_written_on_wish(everything: Everything, echo: Echo) -> None:
    """Reports, captures and exports are for others to read."""
    everything.know(echo)
    everything.run("webhooks", "register", webhook_file(everything, echo))
    everything.run("callback", "send", f"{echo.origin}/hook", "--json")
    for form in ("jsonl", "csv", "html"):
        assert everything.run("audit", "export", "--format", form).status == 0
        to = str(everything.home / f"export.{form}")
        assert everything.run("audit", "export", "--format", form, "--to", to).status == 0
    everything.run("audit", "report")
    everything.run("audit", "verify", "--json")
    everything.run(
        "audit",
        "archive",
        "--before",
        "2100-01-01",
        "--to",
        str(everything.home / "a.zip"),
        "--yes",
    )
    for scheme in ("cognigy", "key", "basic"):
        saved, har = everything.home / f"kept-{scheme}", everything.home / f"{scheme}.har"
        options = ["--scheme", scheme, "--save", str(saved), "--export-har", str(har)]
        with (
            everything.finder.watching_processes(),
            everything.cli.process(
                "callback", "listen", *options, "--count", "2", "--json"
            ) as process,
        ):
            url = json.loads(process.line())["url"]
            everything.run("callback", "send", url, "--scheme", scheme, "--json")
            other = everything.cli.environment.copy()
            everything.cli.environment["COGNITUI_WEBHOOK_SECRET"] = everything.finder.secrets[
                "static_header"
            ]
            everything.run("callback", "send", url, "--scheme", scheme, "--json")
            everything.cli.environment = other
            everything.heard("listen", process.wait())
        captures = sorted(saved.glob("*"))
        assert captures
        for capture in captures:
            for form in ("curl", "http", "har", "pytest"):
                exported = everything.run("callback", "export", str(capture), "--as", form)
                assert exported.status == 0, exported
            everything.run("callback", "explain", str(capture), "--json")
    for stack in ("express", "fastapi"):
        everything.run("callback", "code", stack)
    everything.is_clean()


CRASHES = (
    "cognitui.cognigy.engine.Engine.send",
    "cognitui.cognigy.engine._request",
    "cognitui.cognigy.pipeline.Pipeline.run",
    "cognitui.cognigy.answers.parse",
    "cognitui.audit.store.AuditLog.append",
    "cognitui.tenants.profiles.ProfileStore.load",
    "cognitui.cli.webhooks_list.emit",
    "cognitui.settings.Environment.read",
)


@pytest.mark.parametrize("seam", CRASHES)
def test_a_mistake_of_ours_at(
    seam: str, everything: Everything, echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything.know(echo)
    secret = everything.finder.secrets["api_secret"]

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"unexpected: {secret}")

    monkeypatch.setattr(seam, fail)
    everything.run("webhooks", "list", "--json")
    everything.run("webhooks", "register", webhook_file(everything, echo))
    everything.is_clean()


@pytest.mark.parametrize("how", ["a file where a directory should be", "no space"])
def test_a_disk_that_takes_nothing(how: str, everything: Everything, echo: Echo) -> None:
    everything.know(echo)
    described = webhook_file(everything, echo)
    if how == "no space":
        (everything.cli.home / "state").mkdir(parents=True)
        (everything.cli.home / "state" / "logs").symlink_to("/dev/full")
        (everything.cli.home / "data").symlink_to("/dev/full")
    else:
        everything.cli.home.write_text("")
    everything.run("webhooks", "list")
    everything.run("webhooks", "register", described, "--json")
    everything.run("audit", "sync")
    everything.run("callback", "send", f"{echo.origin}/hook")
    everything.is_clean()


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda n: n.name
)
def test_a_process_that_is_told_to_end(
    number: signal.Signals, everything: Everything, echo: Echo
) -> None:
    everything.know(echo)
    described = webhook_file(everything, echo)
    echo.mode = 503
    echo.retry_after_s = 30
    with (
        everything.finder.watching_processes() as watch,
        everything.cli.process("webhooks", "register", described, "--json") as process,
    ):
        deadline = time.monotonic() + PATIENCE_S
        while len(echo.heard) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        watch.wait_for_another()
        process.signal(number)
        everything.heard(number.name, process.wait())
    everything.is_clean()
