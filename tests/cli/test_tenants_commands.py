"""Adding, listing, removing and moving tenants, and what opens their vault."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any

import keyring
import pytest
from keyring.backends import fail
from pydantic import SecretStr

from cognitui.audit.records import Action
from cognitui.tenants.profiles import Profile, ProfileStore
from cognitui.tenants.vault_file import Argon2idParameters
from tests.tenants.keyrings import Locked, usable, use
from tests.tenants.support import cheap, vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cognitui.tenants.vault import Vault

    from .support import Cli

pytestmark = pytest.mark.filterwarnings("ignore:PBKDF2:DeprecationWarning")

URL = "https://acme.cognigy.ai/api/v1"
PASSPHRASE, NEW = "correct horse battery staple", "a new passphrase altogether"
KEY, SECRET = "the-api-key-itself", "the-api-secret-itself"
ADD = ("tenants", "add", "acme", "--base-url", URL)


@pytest.fixture(autouse=True)
def _cheap_and_without_a_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("cognitui.tenants.vault.Argon2idParameters", cheap)
    before = keyring.get_keyring()
    use(fail.Keyring)
    yield
    keyring.set_keyring(before)


@pytest.fixture
def unattended(empty: Cli) -> Cli:
    """Commands that find the passphrase and a key in the environment."""
    empty.environment |= {
        "COGNITUI_VAULT_PASSPHRASE": PASSPHRASE,
        "COGNITUI_API_KEY": KEY,
        "COGNITUI_API_SECRET": SECRET,
    }
    return empty


@pytest.fixture
def added(unattended: Cli) -> Cli:
    """With acme in the vault, and no key in the environment any more."""
    assert unattended.run(*ADD).status == 0
    unattended.forget("API_KEY", "API_SECRET")
    return unattended


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Lets somebody type these, one after the other; returns the prompts that they saw."""

    def type_(*words: str) -> list[str]:
        prompts: list[str] = []
        left = list(words)

        def getpass(prompt: str, stream: Any) -> str:
            prompts.append(prompt)
            return left.pop(0)

        monkeypatch.setattr("getpass.getpass", getpass)
        return prompts

    return type_


def opened(cli: Cli, passphrase: str = PASSPHRASE) -> Vault:
    found = vault(cli.home / "data" / "vault.json")
    found.unlock(SecretStr(passphrase))
    return found


def profiles(cli: Cli) -> ProfileStore:
    return ProfileStore(cli.home / "config" / "profiles.json")


def secret_in(home: Path, name: str, content: str, mode: int = 0o600) -> str:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    path.chmod(mode)
    return str(path)


def test_a_tenant_is_added_with_all_that_can_be_said_of_it(unattended: Cli) -> None:
    result = unattended.run(
        *ADD, "--bot", "bot_1", "--colour", "red", "--production", "--webhook-limit", "7",
        "--requests-per-minute", "9", "--monitor-url", "https://monitor.example", "--json",
    )  # fmt: skip
    assert result.status == 0
    profile = profiles(unattended).get("acme")
    assert result.json == {
        "name": "acme",
        "key_fingerprint": profile.key_fingerprint,
        "replaced": False,
    }
    assert profile.model_dump(mode="json") == {
        "name": "acme", "base_url": URL, "bot_id": "bot_1", "colour": "red", "is_production": True,
        "webhook_limit": 7, "requests_per_minute": 9, "monitor_url": "https://monitor.example",
        "key_fingerprint": profile.key_fingerprint, "last_used": None,
    }  # fmt: skip
    credentials = opened(unattended).get("acme")
    assert credentials.api_key.get_secret_value() == KEY
    assert credentials.api_secret.get_secret_value() == SECRET
    (record,) = unattended.records()
    assert (record.action, record.tenant) == (Action.TENANT_ADD, "acme")
    assert not [s for s in (KEY, SECRET, PASSPHRASE) if s in result.out + result.err + repr(record)]


def test_keys_come_from_files_before_the_environment(unattended: Cli) -> None:
    files = [secret_in(unattended.home, name, f"{name}-in-a-file\n") for name in ("key", "secret")]
    flags = ("--key-file", files[0], "--secret-file", files[1])
    assert unattended.run(*ADD, *flags).status == 0
    credentials = opened(unattended).get("acme")
    assert credentials.api_key.get_secret_value() == "key-in-a-file"
    assert credentials.api_secret.get_secret_value() == "secret-in-a-file"


def test_a_person_types_all_and_is_told_before_what_forgetting_means(
    empty: Cli, typing: Callable[..., list[str]]
) -> None:
    prompts = typing(KEY, SECRET, PASSPHRASE, PASSPHRASE)
    result = empty.run(*ADD, terminal=True)
    assert result.status == 0
    assert prompts == ["API key: ", "API secret: ", "New vault passphrase: ", "Once more: "]
    assert "If you forget it, nobody can open the vault" in result.err
    assert opened(empty).names() == ["acme"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((PASSPHRASE, NEW) * 3, "The two were not the same. Nothing was changed."),
        (("short",) * 3, "The passphrase needs 8 characters or more."),
        (("",), "New vault passphrase is needed."),
    ],
)
def test_a_passphrase_that_will_not_do(
    empty: Cli, typing: Callable[..., list[str]], words: tuple[str, ...], sentence: str
) -> None:
    typing(KEY, SECRET, *words)
    result = empty.run(*ADD, "--json", terminal=True)
    assert (result.status, result.json["error"]["message"]) == (2, sentence)
    assert not (empty.home / "data" / "vault.json").exists()
    assert profiles(empty).list() == []


def test_one_that_is_too_short_is_asked_for_again(
    empty: Cli, typing: Callable[..., list[str]]
) -> None:
    typing(KEY, SECRET, "short", PASSPHRASE, PASSPHRASE)
    result = empty.run(*ADD, terminal=True)
    assert result.status == 0
    assert "The passphrase needs 8 characters or more." in result.err
    assert opened(empty).names() == ["acme"]


def test_two_that_differ_are_asked_for_again(empty: Cli, typing: Callable[..., list[str]]) -> None:
    typing(KEY, SECRET, PASSPHRASE, NEW, PASSPHRASE, PASSPHRASE)
    result = empty.run(*ADD, terminal=True)
    assert result.status == 0
    assert "The two were not the same.\n" in result.err
    assert opened(empty).names() == ["acme"]


def test_without_a_person_it_says_what_is_missing(empty: Cli) -> None:
    result = empty.run(*ADD)
    assert (result.status, result.sentence) == (
        2, "API key is needed, and there is no terminal to ask.",
    )  # fmt: skip
    assert "Set COGNITUI_API_KEY, or give --key-file." in result.err
    empty.environment |= {"COGNITUI_API_KEY": KEY, "COGNITUI_API_SECRET": SECRET}
    result = empty.run(*ADD)
    assert result.status == 2
    assert "--vault-passphrase-file" in result.err


def test_a_file_opens_the_vault_if_it_is_ones_own_alone(unattended: Cli) -> None:
    unattended.forget("VAULT_PASSPHRASE")
    good = secret_in(unattended.home, "passphrase", PASSPHRASE + "\n")
    assert unattended.run(*ADD, "--vault-passphrase-file", good).status == 0
    bad = secret_in(unattended.home, "open", PASSPHRASE, 0o644)
    unattended.environment["COGNITUI_VAULT_PASSPHRASE_FILE"] = bad
    result = unattended.run(*ADD, "--replace")
    assert result.status == 2
    assert "can be read by others" in result.sentence
    assert f"chmod 600 {bad}" in result.err
    unattended.environment["COGNITUI_VAULT_PASSPHRASE_FILE"] = good
    assert unattended.run(*ADD, "--replace").status == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--colour", "rde"), "The colour is one of none, red, orange, yellow, green, blue and violet. Did you mean 'red'?"),
        (("--base-url", "http://acme.example"), "The base URL must begin with https: over http the key would travel in clear."),
        (("--webhook-limit", "0"), "The webhook limit is a whole number from 1 to 10000."),
    ],
)  # fmt: skip
def test_a_field_that_is_wrong(unattended: Cli, arguments: tuple[str, ...], sentence: str) -> None:
    result = unattended.run(*ADD, *arguments)
    assert (result.status, result.sentence) == (2, sentence)
    assert profiles(unattended).list() == []


def test_without_a_base_url(unattended: Cli) -> None:
    result = unattended.run("tenants", "add", "acme")
    assert result.status == 2
    assert "--base-url" in result.err


def test_another_of_the_same_name_needs_replace_and_keeps_what_is_not_given(added: Cli) -> None:
    result = added.run(*ADD, "--json")
    assert (result.status, result.json["error"]["field"]) == (2, "name")
    added.environment |= {"COGNITUI_API_KEY": "another", "COGNITUI_API_SECRET": SECRET}
    again = ("tenants", "add", "acme", "--replace")
    assert added.run(*again, "--production", "--colour", "blue").status == 0
    assert added.run(*again, "--colour", "green", "--json").json["replaced"]
    profile = profiles(added).get("acme")
    assert (profile.base_url, profile.is_production, profile.colour) == (URL, True, "green")
    assert opened(added).get("acme").api_key.get_secret_value() == "another"
    assert added.run(*again, "--no-production").status == 0
    assert not profiles(added).get("acme").is_production


def test_the_list(added: Cli) -> None:
    profiles(added).save(
        Profile(name="beta", base_url=URL, monitor_url="https://m.example?token=t0ken")
    )
    added.forget("VAULT_PASSPHRASE")
    result = added.run("tenants", "list", "--json")
    assert result.status == 0
    found = {one["name"]: one["key"] for one in result.json["tenants"]}
    assert found == {"acme": "in the vault", "beta": "none"}
    table = added.run("tenants", "list")
    assert table.out.splitlines()[0].split() == [
        "NAME", "BASE", "URL", "MARK", "COLOUR", "KEY", "LAST", "USED",
    ]  # fmt: skip
    assert "t0ken" not in result.out + table.out


def test_an_empty_list_says_how_to_begin(empty: Cli) -> None:
    result = empty.run("tenants", "list")
    assert (result.status, result.out) == (0, "")
    assert "cognitui tenants add" in result.err
    assert empty.run("tenants", "list", "--json").json == {"tenants": []}


def test_removing(added: Cli) -> None:
    assert added.run("tenants", "remove", "acme").status == 2
    result = added.run("tenants", "remove", "acme", terminal=True, stdin="acne\n")
    assert (result.status, result.out) == (1, "")
    assert "Nothing was removed." in result.err
    assert added.run("tenants", "remove", "acme", "--yes", "--json").json == {
        "removed": "acme",
        "had_key": True,
    }
    assert (profiles(added).list(), opened(added).names()) == ([], [])
    assert added.records()[-1].action is Action.TENANT_REMOVE
    result = added.run("tenants", "remove", "acme", "--yes", "--json")
    assert (result.status, result.json["error"]["code"]) == (2, "profile_not_found")


def test_removing_asks_for_its_name(added: Cli) -> None:
    assert added.run("tenants", "remove", "acme", terminal=True, stdin="acme\n").status == 0
    assert profiles(added).list() == []


def test_a_key_that_was_left_alone_can_be_removed(added: Cli) -> None:
    profiles(added).remove("acme")
    result = added.run("tenants", "remove", "acme", "--yes", "--json")
    assert (result.status, result.json["had_key"]) == (0, True)
    assert opened(added).names() == []


def test_changing_the_passphrase(added: Cli) -> None:
    new = secret_in(added.home, "new", NEW)
    result = added.run("tenants", "passphrase", "--new-passphrase-file", new, "--json")
    assert (result.status, result.json) == (0, {"changed": True, "keyring": False})
    assert opened(added, NEW).names() == ["acme"]
    result = added.run("tenants", "passphrase", "--new-passphrase-file", new, "--json")
    assert (result.status, result.json["error"]["code"]) == (2, "wrong_passphrase")


def test_changing_the_passphrase_by_hand(added: Cli, typing: Callable[..., list[str]]) -> None:
    added.forget("VAULT_PASSPHRASE")
    prompts = typing(PASSPHRASE, NEW, NEW)
    result = added.run("tenants", "passphrase", terminal=True)
    assert result.status == 0
    assert prompts == ["Current passphrase: ", "New passphrase: ", "Once more: "]
    assert "If you forget it" in result.err
    assert opened(added, NEW).names() == ["acme"]
    prompts = typing("not this one")
    assert added.run("tenants", "passphrase", terminal=True).status == 2
    assert prompts == ["Current passphrase: "]  # nobody chooses a new one for nothing


def test_there_is_no_passphrase_without_a_vault(unattended: Cli) -> None:
    for command in (("passphrase",), ("keyring", "on")):
        result = unattended.run("tenants", *command, "--json")
        assert (result.status, result.json["error"]["code"]) == (2, "vault_missing")
    assert not (unattended.home / "data" / "vault.json").exists()


def test_the_keyring_opens_the_vault(added: Cli, tmp_path: Path) -> None:
    result = added.run("tenants", "keyring", "on", "--json")
    assert (result.status, result.json["error"]["code"]) == (2, "no_keyring")
    usable(tmp_path)
    assert added.run("tenants", "keyring", "on", "--json").json["on"]
    added.forget("VAULT_PASSPHRASE")
    added.environment |= {"COGNITUI_API_KEY": "another", "COGNITUI_API_SECRET": SECRET}
    assert added.run(*ADD, "--replace").status == 0
    assert added.run("tenants", "keyring").out == "The keyring opens the vault.\n"
    assert added.run("tenants", "keyring", "off", "--json").json == {"on": False, "keyring": None}
    assert added.run(*ADD, "--replace").status == 2


def test_a_new_passphrase_is_told_to_the_keyring(added: Cli, tmp_path: Path) -> None:
    usable(tmp_path)
    assert added.run("tenants", "keyring", "on").status == 0
    new = secret_in(added.home, "new", NEW)
    result = added.run("tenants", "passphrase", "--new-passphrase-file", new, "--json")
    assert result.json["keyring"]
    added.forget("VAULT_PASSPHRASE")
    assert added.run("tenants", "remove", "acme", "--yes").status == 0


def test_a_keyring_that_does_not_open_it_is_told_of(
    added: Cli, tmp_path: Path, typing: Callable[..., list[str]]
) -> None:
    usable(tmp_path)
    assert added.run("tenants", "keyring", "on").status == 0
    use(Locked)
    added.forget("VAULT_PASSPHRASE")
    prompts = typing(PASSPHRASE)
    result = added.run("tenants", "remove", "acme", "--yes", terminal=True)
    assert (result.status, result.sentence) == (0, "The keyring is locked.")
    assert prompts == ["Vault passphrase: "]


def test_the_vault_that_a_command_makes_costs_what_it_should(
    unattended: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cognitui.tenants.vault.Argon2idParameters", Argon2idParameters)
    assert unattended.run(*ADD).status == 0
    path = unattended.home / "data" / "vault.json"
    assert json.loads(path.read_bytes())["kdf"]["memory_kib"] == 64 * 1024
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
