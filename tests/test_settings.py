"""Where things lie on this machine, and what the environment says."""

from __future__ import annotations

from pathlib import Path

import pytest

from cognitui.errors import ErrorKind, UsageError
from cognitui.settings import Environment, Paths, Settings, read_secret_file

SECRETS = {
    "COGNITUI_API_KEY": "ck-value",
    "COGNITUI_API_SECRET": "cs-value",
    "COGNITUI_WEBHOOK_SECRET": " a secret may begin with a blank",
    "COGNITUI_VAULT_PASSPHRASE": "vp-value",
}
PLAIN = {
    "COGNITUI_BASE_URL": "https://acme.cognigy.ai/api/v1",
    "COGNITUI_TENANT": "acme",
    "COGNITUI_BOT_ID": " bot_12345 ",
    "COGNITUI_MONITOR_URL": "https://monitor.example",
}


def test_the_environment() -> None:
    environment = Environment.read({**SECRETS, **PLAIN, "OTHER": "x"})
    assert environment.base_url == "https://acme.cognigy.ai/api/v1"
    assert environment.bot_id == "bot_12345"
    assert environment.monitor_url == "https://monitor.example"
    for name, value in SECRETS.items():
        field = getattr(environment, name.removeprefix("COGNITUI_").lower())
        assert field.get_secret_value() == value


def test_its_secrets_are_not_shown() -> None:
    settings = Settings.load({**SECRETS, **PLAIN, "COGNITUI_HOME": "/somewhere"})
    assert not [value for value in SECRETS.values() if value in f"{settings!r} {settings}"]


@pytest.mark.parametrize("environ", [{}, dict.fromkeys([*SECRETS, *PLAIN], "")])
def test_empty_counts_as_absent(environ: dict[str, str]) -> None:
    assert Environment.read(environ) == Environment()


def test_everything_under_one_home(tmp_path: Path) -> None:
    paths = Paths.default({"COGNITUI_HOME": str(tmp_path)})
    assert paths == Paths(tmp_path / "config", tmp_path / "data", tmp_path / "state")
    assert paths.under("demo").data == tmp_path / "data" / "demo"
    assert list(tmp_path.iterdir()) == []  # nothing is created before it is needed


def test_a_home_may_be_written_with_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert Paths.default({"COGNITUI_HOME": "~/c"}).config == Path("/home/somebody/c/config")


def test_the_platforms_own_directories() -> None:
    paths = Paths.default({})
    for path in (paths.config, paths.data, paths.state):
        assert path.is_absolute()
        assert path.name == "cognitui"


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (b"secret", "secret"),
        (b"secret\n", "secret"),
        (b"secret\r\n", "secret"),
        (b"secret\n\n", "secret\n"),
        (b" secret \n", " secret "),
        ("gehéim\n".encode(), "gehéim"),
    ],
)
def test_a_secret_file(content: bytes, secret: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    found = read_secret_file(path)
    assert found.get_secret_value() == secret
    assert secret not in repr(found)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"\n", "is empty"), (b"\r\n", "is empty"), (b"\xff\xfe", "is not UTF-8")],
)
def test_a_secret_file_that_cannot_be_used(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=words) as caught:
        read_secret_file(path)
    assert caught.value.kind is ErrorKind.USAGE


def test_a_secret_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_secret_file(tmp_path / "none")
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read_secret_file(tmp_path)
