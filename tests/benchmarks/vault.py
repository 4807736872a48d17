"""What the vault costs beyond the key derivation that nobody can save.

The floor is Argon2id alone, with the vault's own parameters, measured in turn with each subject:
what is told is a multiple of it, so that it means the same on every machine.

    python -m tests.benchmarks.vault --rounds 20
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cognitui.cognigy.credentials import Credentials
from cognitui.tenants.vault import Vault
from cognitui.tenants.vault_file import Argon2idParameters
from tests.benchmarks.table import late, middle

if TYPE_CHECKING:
    from collections.abc import Callable

PASSPHRASE, OTHER = SecretStr("correct horse battery"), SecretStr("another passphrase altogether")
CREDENTIALS = Credentials(SecretStr("k" * 40), SecretStr("s" * 64))
WARM_UP = 2


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that it takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def subjects(path: Path, tenants: int) -> dict[str, Callable[[], object]]:
    """What is measured, on a vault with the keys of so many tenants."""
    vault = Vault(path)
    vault.create(PASSPHRASE)
    for number in range(tenants):
        vault.put(f"tenant-{number}", CREDENTIALS)
    passphrases = [PASSPHRASE, OTHER]

    def change() -> None:
        vault.change_passphrase(*passphrases)
        passphrases.reverse()

    def unlock() -> None:
        Vault(path).unlock(passphrases[0])

    return {
        "unlock": unlock,
        "change the passphrase": change,
        "put": lambda: vault.put("tenant-0", CREDENTIALS),
        "get": lambda: vault.get("tenant-0"),
    }


def measured(rounds: int, tenants: int) -> dict[str, list[float]]:
    """The milliseconds of the floor and of each subject, one of each in every round."""
    floor = Argon2idParameters()
    with tempfile.TemporaryDirectory(prefix="vault-") as home:
        works = {
            "floor": lambda: floor.derive(PASSPHRASE),
            **subjects(Path(home, "vault.json"), tenants),
        }
        found: dict[str, list[float]] = {name: [] for name in works}
        for number in range(WARM_UP + rounds):
            for name, work in works.items():
                took = timed(work)
                if number >= WARM_UP:
                    found[name].append(took)
    return found


def main() -> int:
    """Measure, and print a table, or one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=20, help="how often each is measured")
    parser.add_argument("--tenants", type=int, default=20, help="whose keys are in the vault")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")
    args = parser.parse_args()
    found = measured(args.rounds, args.tenants)
    floor = middle(found["floor"])
    rows = {
        name: {
            "p50_ms": round(middle(times), 3),
            "p95_ms": round(late(times), 3),
            "p50_ratio": round(middle(times) / floor, 4),
            "p95_ratio": round(late(times) / late(found["floor"]), 4),
        }
        for name, times in found.items()
    }
    if args.json:
        sys.stdout.write(json.dumps(rows) + "\n")
        return 0
    sys.stdout.write(f"{'':<24}{'p50 ms':>10}{'p95 ms':>10}{'p50 ×':>9}{'p95 ×':>9}\n")
    for name, row in rows.items():
        cells = f"{row['p50_ms']:>10.2f}{row['p95_ms']:>10.2f}"
        cells += f"{row['p50_ratio']:>9.3f}{row['p95_ratio']:>9.3f}"
        sys.stdout.write(f"{name:<24}{cells}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
