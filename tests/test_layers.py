"""What is imported when: a quick start is a feature, and the core knows nothing of the console.

Each check runs in a process of its own, where nothing has been imported yet.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cognitui.cli.main import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = {"httpx", "pydantic", "textual", "structlog", "starlette", "uvicorn"}
CORE = ("cognigy", "callbacks", "audit", "webhooks", "workspace", "tenants", "sandbox")
EVERY_MODULE = f"""
import importlib, pkgutil
for name in {CORE!r}:
    package = importlib.import_module(f"cognitui.{{name}}")
    for module in pkgutil.iter_modules(package.__path__, f"{{package.__name__}}."):
        importlib.import_module(module.name)
"""
EVERY_HELP = f"""
import contextlib, sys
from cognitui.cli.main import run
for name in {list(COMMANDS)!r}:
    with contextlib.suppress(SystemExit):
        run([*name.split(), "--help"])
    if "textual" in sys.modules:
        raise RuntimeError(name)
"""
TELL = """
import json, sys
sys.stderr.write("\\n" + json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def loaded(program: str, home: Path | None = None) -> set[str]:
    """The top-level names of the modules that a program has loaded when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", program + TELL],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
        env={**os.environ, "COGNITUI_HOME": str(home or "/nowhere")},
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def command(*arguments: str) -> str:
    """A program that runs a command line as the script does."""
    return f"""
import contextlib, sys
from cognitui.__main__ import main
sys.argv = ["cognitui", *{arguments!r}]
with contextlib.suppress(SystemExit):
    main()
"""


def test_the_core_loads_nothing_of_the_console() -> None:
    modules = loaded(EVERY_MODULE)
    assert modules >= {"cognitui", "httpx", "starlette", "uvicorn"}
    assert "textual" not in modules


@pytest.mark.parametrize("name", CORE)
def test_nor_does_any_of_its_packages_alone(name: str) -> None:
    assert "textual" not in loaded(f"import cognitui.{name}")


def test_the_library_costs_nothing_until_it_is_used() -> None:
    assert not loaded("import cognitui") & HEAVY


@pytest.mark.parametrize(
    "arguments", [("--version",), ("--help",), ("webhooks", "--help"), ("frobnicate",)]
)
def test_what_needs_no_command_loads_none(arguments: tuple[str, ...]) -> None:
    assert not loaded(command(*arguments)) & HEAVY


@pytest.mark.parametrize(
    "arguments", [("keys",), ("config", "show"), ("config", "check"), ("config", "path")]
)
def test_the_settings_load_neither_console_nor_core(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text('theme = "light"\n[keys]\napp.quit = "Q"\n')
    assert not loaded(command(*arguments), tmp_path) & HEAVY


def test_a_secret_is_what_loads_pydantic() -> None:
    load = "from cognitui.settings import Settings; Settings.load({VARIABLES})"
    assert "pydantic" not in loaded(load.replace("VARIABLES", ""))
    assert "tomllib" not in loaded(load.replace("VARIABLES", ""))
    assert "pydantic" in loaded(load.replace("VARIABLES", "'COGNITUI_API_KEY': 'x'"))


def test_no_commands_help_loads_the_console() -> None:
    assert "textual" not in loaded(EVERY_HELP)


def test_a_report_loads_nothing_that_speaks_http(tmp_path: Path) -> None:
    modules = loaded(command("audit", "report"), tmp_path)
    assert "sqlite3" in modules
    assert not modules & {"textual", "httpx", "starlette", "uvicorn", "h11", "cryptography"}


def test_charts_cost_nothing_until_one_is_drawn() -> None:
    place = "from cognitui.tui.screens.audit import AuditPlace"
    assert "plotext" not in loaded(place)
    draw = "from cognitui.tui.plot import Plot; Plot(40, 8, x=(0, 1), y=(0, 1)).build()"
    assert "plotext" in loaded(draw)


def test_nothing_of_opentelemetry_is_loaded_before_something_is_to_be_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "opentelemetry" not in loaded(command("audit", "report"), tmp_path)
    monkeypatch.setenv("COGNITUI_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    program = (
        command("audit", "report")
        + """
sdk = [name for name in sys.modules if name.startswith(("opentelemetry.sdk.", "google.protobuf"))]
if sdk:
    raise RuntimeError(sdk)
"""
    )
    loaded(program, tmp_path)
