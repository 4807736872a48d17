"""What a process lets out of itself when something breaks: real processes, and what they print."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cognitui.process import child_environment

if TYPE_CHECKING:
    from pathlib import Path

HUSH = "hush-hush-5d1a"
START = """
import asyncio, gc, logging, os, sys, threading
from pathlib import Path
from cognitui import logs
from cognitui.process import keep_to_itself
keep_to_itself()
logs.configure(Path(sys.argv[1]))
secret = "hush-hush-" + "5d1a"
"""
WAYS = {
    "at the end": "raise ValueError(secret)",
    "at the end, in a group": "raise ExceptionGroup(secret, [ValueError(secret)])",
    "at the end, with notes": "e = ValueError(secret); e.add_note(secret); raise e",
    "in a thread": """
def fail(secret): raise ValueError(secret)
thread = threading.Thread(target=fail, args=(secret,), name=secret); thread.start(); thread.join()
""",
    "while it is collected": """
class Bad:
    def __repr__(self): return secret
    def __del__(self): raise ValueError(secret)
Bad(); gc.collect()
""",
    "in a task that nobody waits for": """
async def fail(secret): raise ValueError(secret)
async def main():
    task = asyncio.ensure_future(fail(secret)); await asyncio.sleep(0); del task; gc.collect()
asyncio.run(main())
""",
    "in a callback of the loop": """
async def main():
    def fail(secret): raise ValueError(secret)
    asyncio.get_running_loop().call_soon(fail, secret); await asyncio.sleep(0)
asyncio.run(main())
""",
    "in what another library logs": "logging.getLogger('httpx').error('sent %s', secret)",
    "in a warning that is logged": "logging.getLogger('any.thing').warning(secret)",
    "in a record that cannot be written": "logging.getLogger('x').warning('%d', secret)",
}
ENDS_BADLY = {name for name in WAYS if name.startswith("at the end")}


def run_it(program: str, tmp_path: Path) -> tuple[subprocess.CompletedProcess[str], str]:
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    log = tmp_path / "cognitui.log"
    return done, log.read_text() if log.exists() else ""


@pytest.mark.parametrize("way", WAYS)
def test_no_value_is_printed_or_logged(way: str, tmp_path: Path) -> None:
    done, log = run_it(START + WAYS[way], tmp_path)
    assert HUSH not in done.stdout + done.stderr + log
    assert log.count("\n") == 1
    if way in ENDS_BADLY:
        assert done.returncode == 1
        assert done.stderr.startswith("cognitui stopped because of a mistake of its own (")
        assert '"frames": "<string>:' in log
    else:
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("way", WAYS)
def test_python_itself_would_print_it(way: str, tmp_path: Path) -> None:
    """The test above is not blind."""
    careless = START.replace("keep_to_itself()\n", "").replace("logs.configure", "str")
    done, _ = run_it(careless + WAYS[way], tmp_path)
    assert HUSH in done.stderr


def test_nothing_is_left_of_a_process_that_dies(tmp_path: Path) -> None:
    program = (
        f"{START}\nimport resource\nprint(resource.getrlimit(resource.RLIMIT_CORE))\nos.abort()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert child.stdout is not None
    limits = child.stdout.read()
    _, status = os.waitpid(child.pid, 0)
    child.returncode = status
    child.stdout.close()
    assert os.WIFSIGNALED(status)
    assert not os.WCOREDUMP(status)
    assert limits in {"(1, 1)\n", "(0, 0)\n", ""}
    assert not list(tmp_path.glob("core*"))


def test_the_program_begins_with_it() -> None:
    program = (
        "import resource, sys\n"
        "from cognitui.__main__ import main\n"
        "sys.argv = ['cognitui', 'config', 'path']\n"
        "main()\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE)[0] <= 1, sys.excepthook.__module__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.stdout.splitlines()[-1] == "True cognitui.process"


def test_a_child_is_told_no_secret() -> None:
    environ = {"PATH": "/bin", "COGNITUI_API_KEY": HUSH, "PGPASSWORD": HUSH, "LANG": "C"}
    assert child_environment(environ) == {"PATH": "/bin", "LANG": "C"}
