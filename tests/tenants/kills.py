"""Kill vaults at every moment, and see whether they open afterwards.

Every operation is killed before and after each of its system calls, one after the other, until so
many have been killed. Afterwards the old or the new vault has to open, whole; nothing readable may
lie about; and what lies about may be in nobody's way. From the second time on, an operation begins
with what a crash before it left behind.

    python -m tests.tenants.kills --count 1000
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import stat
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cognitui.tenants.errors import WrongPassphrase
from tests.tenants import stepping
from tests.tenants.support import CREDENTIALS, KEY, OTHER, PASSPHRASE, SECRET, vault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cognitui.cognigy.credentials import Credentials
    from cognitui.tenants.vault import Vault

    Content = Mapping[str, Credentials]

NEW = SecretStr("a new passphrase altogether")
HELD: Content = {"acme": CREDENTIALS, "beta": OTHER}
SECRETS = (KEY, SECRET, "other-key", "other-secret", PASSPHRASE.get_secret_value(),
           NEW.get_secret_value())  # fmt: skip
MADE_FROM = Path(__file__).parent / "data" / "vault_version_1.json"


@dataclass(frozen=True)
class Operation:
    """Something that is done to a vault.

    Attributes:
        prepare: Makes the vault that is there before; it returns it as the operation finds it.
        work: What is killed.
        after: What the vault holds when it has come to its end.
        opens_with: The passphrase then.
        exists: Whether there is a vault before.
    """

    name: str
    prepare: Callable[[Path], Vault]
    work: Callable[[Vault], object]
    after: Content
    opens_with: SecretStr = PASSPHRASE
    exists: bool = True


@dataclass(slots=True)
class Tally:
    """What came of the kills."""

    kills: int = 0
    found: Counter[str] = field(default_factory=Counter)
    left_behind: int = 0
    stops: dict[str, int] = field(default_factory=dict)


def _opened(path: Path) -> Vault:
    made = vault(path)
    made.create(PASSPHRASE)
    for name, credentials in HELD.items():
        made.put(name, credentials)
    return made


def _first(path: Path) -> Vault:
    path.parent.mkdir(mode=0o700)
    shutil.copy(MADE_FROM, path)
    path.chmod(0o600)
    return vault(path)


OPERATIONS = (
    Operation("put", _opened, lambda one: one.put("gamma", OTHER), {**HELD, "gamma": OTHER}),
    Operation("replace", _opened, lambda one: one.put("acme", OTHER), {**HELD, "acme": OTHER}),
    Operation("forget", _opened, lambda one: one.forget("beta"), {"acme": CREDENTIALS}),
    Operation("passphrase", _opened, lambda one: one.change_passphrase(PASSPHRASE, NEW), HELD, NEW),
    Operation("version 1", _first, lambda one: one.change_passphrase(PASSPHRASE, NEW), HELD, NEW),
    Operation("create", vault, lambda one: one.create(PASSPHRASE), {}, exists=False),
)


def kill_many(count: int, home: Path) -> Tally:
    """Kill so many operations, and check each.

    Raises:
        AssertionError: A vault was lost, or something was left to read.
    """
    tally = Tally()
    remains: bytes | None = None
    for number in itertools.count():
        for operation in OPERATIONS:
            at = 0
            while tally.kills < count:
                at += 1
                directory = home / f"{number}-{operation.name}-{at}"
                path = directory / "vault.json"
                subject = operation.prepare(path)
                planted = remains if number else None
                if planted is not None:
                    _leave(path, planted)
                ending = stepping.run(lambda: operation.work(subject), kill_at=at)  # noqa: B023
                if not ending.is_killed:
                    tally.stops[operation.name] = ending.stops
                    break
                tally.kills += 1
                remains = _checked(operation, path, tally, planted) or remains
                shutil.rmtree(directory, ignore_errors=True)
        if tally.kills >= count:
            return tally
    raise AssertionError("never reached")


def complete_all(home: Path) -> None:
    """See that each operation does what it says when nobody kills it.

    Raises:
        AssertionError: One does not.
    """
    for operation in OPERATIONS:
        subject = operation.prepare(home / operation.name / "vault.json")
        ending = stepping.run(lambda: operation.work(subject))  # noqa: B023
        assert not ending.is_killed
        subject.unlock(operation.opens_with)
        assert {name: subject.get(name) for name in subject.names()} == operation.after


def _leave(path: Path, remains: bytes) -> None:
    """What a crash left, and readable at that, as if a careless program had copied it."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    left = path.with_name(".vault.json.new")
    left.write_bytes(remains)
    left.chmod(0o644)


def _checked(operation: Operation, path: Path, tally: Tally, planted: bytes | None) -> bytes | None:
    """Assert that all is well after a kill, and return what it left behind."""
    left = path.with_name(".vault.json.new")
    remains = left.read_bytes() if left.exists() else None
    tally.left_behind += remains is not None
    if remains is not None and remains != planted:
        assert stat.S_IMODE(left.stat().st_mode) == 0o600
    if path.parent.exists():
        _nothing_to_read(path.parent)
    if not path.exists():
        assert not operation.exists, f"{operation.name}: the vault is gone"
        tally.found["none, as before"] += 1
        vault(path).create(PASSPHRASE)
        return remains
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    passphrase, content = _opens(operation, path)
    is_new = content == operation.after and passphrase == operation.opens_with
    is_old = operation.exists and content == HELD and passphrase == PASSPHRASE
    assert is_new or is_old, f"{operation.name}: neither the old nor the new vault"
    tally.found["new" if is_new else "old"] += 1
    again = vault(path)
    again.unlock(passphrase)
    again.put("later", OTHER)  # neither a lock nor a file that was left is in its way
    assert not left.exists()
    assert (again.get("later"), len(again.names())) == (OTHER, len(content) + 1)
    return remains


def _opens(operation: Operation, path: Path) -> tuple[SecretStr, Content]:
    for passphrase in (PASSPHRASE, NEW):
        found = vault(path)
        try:
            found.unlock(passphrase)
        except WrongPassphrase:
            continue
        return passphrase, {name: found.get(name) for name in found.names()}
    raise AssertionError(f"{operation.name}: no passphrase opens the vault")


def _nothing_to_read(directory: Path) -> None:
    for file in directory.iterdir():
        content = file.read_bytes()
        assert not [secret for secret in SECRETS if secret.encode() in content], file.name


def main() -> int:
    """Kill, and print what came of it as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=1000, help="how many to kill")
    count = parser.parse_args().count
    if reason := stepping.can_step():
        sys.stderr.write(f"{reason}\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="kills-") as home:
        complete_all(Path(home, "complete"))
        tally = kill_many(count, Path(home))
    told = {"kills": tally.kills, "found": dict(tally.found), "left_behind": tally.left_behind}
    sys.stdout.write(json.dumps({**told, "stops": tally.stops}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
