"""Other languages' tools and libraries, installed once into pytest's cache directory.

What a machine lacks is skipped, and the skip says so.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

INSTALL_S = 240
NODE_PACKAGES = (
    "express@5.3.0",
    "fastify@5.12.8",
    "standardwebhooks@1.1.1",
    "@octokit/webhooks-methods@6.0.0",
)
PYTHON_PACKAGES = (
    "fastapi==0.165.0",
    "flask==3.1.3",
    "django==5.2.19",
    "uvicorn==0.54.0",
    "gunicorn==27.0.1",
)
DONE = "installed.txt"


def tool(name: str) -> str:
    """Where a program is; the test is skipped where it is missing."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def node_project(config: pytest.Config) -> Path:
    """A directory whose scripts can import `NODE_PACKAGES`."""
    npm = tool("npm")
    tool("node")
    folder = _folder(config, "node")
    if not _is_there(folder, NODE_PACKAGES):
        (folder / "package.json").write_text('{"private": true, "type": "module"}')
        _install([npm, "install", "--no-audit", "--no-fund", *NODE_PACKAGES], folder)
        _note(folder, NODE_PACKAGES)
    return folder


def python_with_frameworks(config: pytest.Config) -> str:
    """A Python that can import `PYTHON_PACKAGES`."""
    folder = _folder(config, "frameworks")
    python = folder / "venv" / "bin" / "python"
    if not _is_there(folder, PYTHON_PACKAGES):
        venv.create(folder / "venv", with_pip=True, clear=True)
        _install([str(python), "-m", "pip", "install", "-q", *PYTHON_PACKAGES], folder)
        _note(folder, PYTHON_PACKAGES)
    return str(python)


def _folder(config: pytest.Config, name: str) -> Path:
    if config.cache is None:
        pytest.skip("they are kept in pytest's cache, which is switched off")
    return config.cache.mkdir(name)


def _wanted(packages: Sequence[str]) -> str:
    return "\n".join([sys.version, *packages])


def _is_there(folder: Path, packages: Sequence[str]) -> bool:
    note = folder / DONE
    return note.is_file() and note.read_text(encoding="utf-8") == _wanted(packages)


def _note(folder: Path, packages: Sequence[str]) -> None:
    (folder / DONE).write_text(_wanted(packages), encoding="utf-8")


def _install(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"cannot be installed here: {done.stderr.strip()[-300:]}")
