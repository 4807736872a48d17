"""What a file that somebody doctored can make us do: nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cognitui.tenants.errors import VaultDamaged, WrongPassphrase
from cognitui.tenants.vault_file import Argon2idParameters, ScryptParameters

from .support import CREDENTIALS, PASSPHRASE, vault
from .test_vault_file import with_checksum

if TYPE_CHECKING:
    from cognitui.tenants.vault import Vault

ROOT = Path(__file__).parents[2]
MIB = 1024 * 1024
UNLOCKING = """
import json, resource, sys
from pathlib import Path
from tests.tenants.support import PASSPHRASE, vault
from cognitui.tenants.errors import VaultDamaged

def peak_kib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

found = {}
good, *others = sorted(Path(sys.argv[1]).iterdir())
vault(good).unlock(PASSPHRASE)
for path in others:
    before = peak_kib()
    try:
        vault(path).unlock(PASSPHRASE)
    except VaultDamaged as error:
        found[path.name] = [peak_kib() - before, error.message]
print(json.dumps(found))
"""


def doctored(content: bytes, **header: Any) -> bytes:
    values = json.loads(content)
    values["kdf"].update(header)
    return with_checksum(values)


def test_nothing_is_computed_and_no_memory_taken_for_what_is_refused(
    path: Path, opened: Vault, tmp_path: Path
) -> None:
    content = path.read_bytes()
    salt = json.loads(content)["kdf"]["salt"]
    head = content[: content.index(b'"kdf"')]
    rest = content[content.index(b'"kdf"') :]
    files = {
        "0 good": content,
        "64 GiB": doctored(content, memory_kib=64 * MIB),
        "2^31 iterations": doctored(content, iterations=2**31),
        "a million lanes": doctored(content, lanes=10**6, memory_kib=8 * 10**6),
        "negative": doctored(content, memory_kib=-(2**63)),
        "a float": doctored(content, memory_kib=8.0),
        "a huge number": content.replace(b'"memory_kib":8', b'"memory_kib":8' + b"0" * 900_000),
        "a long salt": content.replace(salt.encode(), b"00" * 400_000),
        "100 MB": content + b" " * 100_000_000,
        "deep": head + b'"extra":' + b"[" * 400_000 + b"]" * 400_000 + b"," + rest,
        "twice": head + b'"version":2,' + rest,
        "many": head + b'"extra":[' + b"0," * 400_000 + b"0]," + rest,
    }
    home = tmp_path / "doctored"
    home.mkdir()
    for name, one in files.items():
        assert name == "0 good" or one != content, name
        (home / name).write_bytes(one)
    command = [sys.executable, "-c", UNLOCKING, str(home)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=50, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert sorted(found) == sorted(set(files) - {"0 good"})
    for name, (kib, message) in found.items():
        assert kib < 48 * 1024, name
        assert "damaged or was changed" in message


NUMBERS = st.one_of(
    st.integers(),
    st.integers(-2, 300),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
    st.text(max_size=5),
)
HEADERS = st.one_of(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["argon2id", "scrypt", "argon2i", ""])},
        optional={
            "memory_kib": NUMBERS,
            "iterations": NUMBERS,
            "lanes": NUMBERS,
            "log2_n": NUMBERS,
            "salt": st.one_of(st.just("00" * 16), st.text("0123456789abcdefg", max_size=40)),
        },
    ),
    st.recursive(NUMBERS, lambda inner: st.lists(inner, max_size=3), max_leaves=5),
)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(header=HEADERS)
def test_whatever_stands_in_the_header_it_is_within_bounds_or_refused(
    path: Path, opened: Vault, header: Any
) -> None:
    """What would be computed is asked for, not done; the vault is the same for all examples."""
    asked: list[Argon2idParameters | ScryptParameters] = []

    def derive(self: Argon2idParameters | ScryptParameters, _: object) -> Any:
        asked.append(self)
        raise MemoryError

    content = path.read_bytes()
    values = json.loads(content)
    values["kdf"] = header
    path.write_bytes(with_checksum(values))
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Argon2idParameters, "derive", derive)
            patch.setattr(ScryptParameters, "derive", derive)
            with pytest.raises(Exception) as caught:
                vault(path).unlock(PASSPHRASE)
    finally:
        path.write_bytes(content)
    for parameters in asked:
        if isinstance(parameters, Argon2idParameters):
            assert 8 <= parameters.memory_kib <= 256 * 1024
            assert 1 <= parameters.iterations <= 10
            assert 1 <= parameters.lanes <= 8
        else:
            assert 1 <= parameters.log2_n <= 18
        assert "lacks" in str(caught.value)
    assert asked or isinstance(caught.value, VaultDamaged)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    memory=st.integers(8, 64),
    iterations=st.integers(1, 3),
    salt=st.binary(min_size=16, max_size=16),
)
def test_another_header_within_bounds_does_not_open_it(
    path: Path, opened: Vault, memory: int, iterations: int, salt: bytes
) -> None:
    content = path.read_bytes()
    changed = doctored(content, memory_kib=memory, iterations=iterations, salt=salt.hex())
    if changed == content:
        return
    path.write_bytes(changed)
    try:
        with pytest.raises(WrongPassphrase):
            vault(path).unlock(PASSPHRASE)
    finally:
        path.write_bytes(content)
    assert opened.get("acme") == CREDENTIALS
