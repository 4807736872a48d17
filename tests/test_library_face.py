"""What `from cognitui import …` offers, and that importing it costs nothing."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import cognitui
from cognitui.errors import CognituiError, ErrorKind, UsageError

HEAVY = ("httpx", "textual", "pydantic", "starlette", "uvicorn", "cryptography", "sqlite3", "h11")


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_it_loads_nothing_heavy() -> None:
    loaded = run(f"import cognitui, sys; print([n for n in {HEAVY!r} if n in sys.modules])")
    assert loaded == "[]"


def test_the_client_and_the_sandbox_need_no_textual() -> None:
    code = (
        "import sys, cognitui, cognitui.sandbox\n"
        "for name in cognitui.__all__: getattr(cognitui, name)\n"
        "import cognitui.webhooks.preflight, cognitui.webhooks.draft\n"
        "print('textual' in sys.modules, 'httpx' in sys.modules)"
    )
    # Nor is httpx needed before the first request.
    assert run(code) == "False False"


def test_the_exported_names() -> None:
    assert cognitui.__all__ == sorted(cognitui.__all__, key=lambda name: (name.islower(), name))
    assert sorted(dir(cognitui)) == sorted(cognitui.__all__)
    assert set(cognitui._HOME_OF) == set(cognitui.__all__) - {"__version__"}
    for name in cognitui.__all__:
        assert getattr(cognitui, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = cognitui.nonsense


def test_every_name_comes_from_its_home() -> None:
    for name, home in cognitui._HOME_OF.items():
        assert getattr(cognitui, name) is getattr(import_module(home), name)


def test_what_is_public_is_documented() -> None:
    for name in set(cognitui.__all__) - {"__version__"}:
        thing = getattr(cognitui, name)
        assert inspect.getdoc(thing), name
        for method, function in inspect.getmembers(thing, inspect.isfunction):
            ours = function.__module__.startswith("cognitui") and not method.startswith("_")
            assert not ours or inspect.getdoc(function), f"{name}.{method}"


def test_every_error_of_the_face_has_one_root_a_code_and_a_kind() -> None:
    errors = [
        thing
        for name in cognitui.__all__
        if isinstance(thing := getattr(cognitui, name), type) and issubclass(thing, CognituiError)
    ]
    assert len(errors) >= 15
    for error in errors:
        assert error.code == error.code.lower()
        assert isinstance(error.kind, ErrorKind)
    assert len({error.code for error in errors}) == len(errors)


def test_an_error_as_json() -> None:
    error = UsageError("It is wrong.", hint="Make it right.", field="name")
    assert error.as_dict() == {
        "code": "usage",
        "message": "It is wrong.",
        "hint": "Make it right.",
        "field": "name",
    }
    assert (str(error), repr(error)) == (
        "It is wrong.",
        "UsageError(code='usage', message='It is wrong.')",
    )
    assert CognituiError("No.").as_dict()["hint"] is None


def test_it_is_typed_and_has_a_version() -> None:
    assert (Path(cognitui.__file__).parent / "py.typed").exists()
    assert cognitui.__version__.count(".") == 2
