"""Deliveries that were changed at random: nothing is raised, and nothing changed is accepted.

The tests try as many as take a few seconds. More of them, and others::

    python -m tests.callbacks.fuzz_verify --deliveries 100000 --seed 7
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cognitui.callbacks.replay import ReplayCache
from cognitui.callbacks.schemes.judging import judge
from cognitui.callbacks.schemes.ready import READY
from cognitui.callbacks.schemes.scheme import (
    Encoding,
    Scheme,
    SignedHeaders,
    StaticHeader,
    headers_of,
)
from cognitui.callbacks.schemes.signing import Stamp, sign_with
from cognitui.callbacks.verify import DEFAULT_TOLERANCE_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognitui.callbacks.verdict import Verdict

SEED = 20_260_517
NOW = 1_795_467_214_085
SECRETS = tuple(f"whsec_{base64.b64encode(bytes([n]) * 24).decode()}" for n in (1, 2))
SHARE_OF_REPLAYED = 0.1
MAX_CHANGES = 3
ODD_BYTES = (
    b"\0",
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b"\xff",
    b"\xc3\xa9",
    b"\xd9\xa0",
    b".",
    b",",
    b"=",
    b"+",
)

Headers = list[tuple[bytes, bytes]]


@dataclass
class Sent:
    """A delivery on its way."""

    headers: Headers
    body: bytes
    now_ms: int = NOW


@dataclass
class Tried:
    """What was tried, and what came of it.

    Attributes:
        accepted: How many were changed only in what does not matter.
        refused: How many were refused.
        by_change: How often each change was made.
        verdicts: Every kind of verdict that there was.
    """

    accepted: int = 0
    refused: int = 0
    by_change: Counter[str] = field(default_factory=Counter)
    verdicts: set[tuple[str, str]] = field(default_factory=set)


def fuzz(deliveries: int, seed: int) -> Tried:
    """Try so many, the schemes in turn."""
    chance = random.Random(seed)
    tried = Tried()
    schemes = list(READY.values())
    for number in range(deliveries):
        scheme = schemes[number % len(schemes)]
        honest = _honest(scheme, chance)
        assert _judged(scheme, honest, chance).accepted, f"{scheme.id}: {honest}"
        sent = replace(honest, headers=list(honest.headers))
        names = []
        for _ in range(chance.randint(1, MAX_CHANGES)):
            change = chance.choice(CHANGES)
            change(sent, chance)
            names.append(change.__name__)
        tried.by_change.update(names)
        story = f"delivery {number} of seed {seed}, {scheme.id}, {names}: {sent}"
        try:
            verdict = _judged(scheme, sent, chance)
            reason = verdict.reason
        except Exception as error:
            raise AssertionError(f"raised: {story}") from error
        assert reason
        tried.verdicts.add((str(verdict.signature), str(verdict.freshness)))
        if verdict.accepted:
            assert _is_as_good(scheme, sent, honest), f"accepted: {story}"
            tried.accepted += 1
        else:
            tried.refused += 1
    return tried


def _honest(scheme: Scheme, chance: random.Random) -> Sent:
    at_ms = NOW + chance.randint(-DEFAULT_TOLERANCE_MS + 1000, DEFAULT_TOLERANCE_MS - 1000)
    body = json.dumps(
        {"timestamp": at_ms, "n": chance.random(), "text": "é" * chance.randint(0, 9)}
    )
    stamp = Stamp(at_ms, f"msg_{chance.getrandbits(64):x}")
    headers = sign_with(scheme, body.encode(), SECRETS[0], stamp)
    return Sent([(name.encode(), value.encode()) for name, value in headers], body.encode())


def _judged(scheme: Scheme, sent: Sent, chance: random.Random) -> Verdict:
    replay = ReplayCache() if chance.random() < SHARE_OF_REPLAYED else None
    secrets = SECRETS[:1]
    return judge(
        scheme, sent.body, sent.headers, secrets=secrets, now_ms=sent.now_ms, replay=replay
    )


# Whether it may be accepted, found out without the code under test


def _is_as_good(scheme: Scheme, sent: Sent, honest: Sent) -> bool:
    """Whether all that the scheme proves is as it was signed."""
    there, before = _by_name(sent), _by_name(honest)
    for part in scheme.parts:
        names = [name.lower().encode() for name in headers_of(part)]
        if not any(name in there for name in names):
            continue
        if isinstance(part, StaticHeader):
            return there.get(names[0]) == before[names[0]]
        others = all(there.get(name) == before[name] for name in names[:-1])
        signature = _same_signature(part, there.get(names[-1], []), before[names[-1]])
        return others and signature and sent.body == honest.body and _is_fresh(sent, honest)
    return False


def _by_name(sent: Sent) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for name, value in sent.headers:
        found.setdefault(name.lower(), []).append(value)
    return found


def _same_signature(part: SignedHeaders, there: list[bytes], before: list[bytes]) -> bool:
    if len(there) != 1:
        return False
    (value,), (signed,) = there, before
    if part.separator:
        return signed in value.split(part.separator.encode())
    if part.encoding is Encoding.HEX:
        return value[:-64] + value[-64:].lower() == signed
    return value == signed


def _is_fresh(sent: Sent, honest: Sent) -> bool:
    at_ms = json.loads(honest.body)["timestamp"]
    slack = 1000  # a timestamp in seconds is the moment's beginning
    return abs(sent.now_ms - int(at_ms)) <= DEFAULT_TOLERANCE_MS + slack


# What can happen to a delivery


def body_flip(sent: Sent, chance: random.Random) -> None:
    sent.body = _mutated(sent.body, chance)


def body_rewritten(sent: Sent, chance: random.Random) -> None:
    try:
        sent.body = json.dumps(json.loads(sent.body), indent=chance.choice([None, 1])).encode()
    except ValueError:
        sent.body = b""


def body_line_end(sent: Sent, chance: random.Random) -> None:
    sent.body += chance.choice([b"\n", b"\r\n", b" ", b"\0"])


def body_of_another(sent: Sent, chance: random.Random) -> None:
    sent.body = json.dumps({"timestamp": NOW, "n": chance.random()}).encode()


def value_flip(sent: Sent, chance: random.Random) -> None:
    _change_value(sent, chance, lambda value: _mutated(value, chance))


def value_case(sent: Sent, chance: random.Random) -> None:
    _change_value(sent, chance, chance.choice([bytes.upper, bytes.lower, bytes.swapcase]))


def value_padded(sent: Sent, chance: random.Random) -> None:
    odd = chance.choice(ODD_BYTES)
    _change_value(sent, chance, lambda value: chance.choice([odd + value, value + odd]))


def value_number(sent: Sent, chance: random.Random) -> None:
    def moved(value: bytes) -> bytes:
        if not (value.isascii() and value.isdigit()) or len(value) > 20:
            return value
        return b"%d" % (int(value) + chance.choice([-1, 1, 1000, -1000, 300_001, 10**6]))

    _change_value(sent, chance, moved)


def value_of_another(sent: Sent, chance: random.Random) -> None:
    other = _honest(chance.choice(list(READY.values())), chance)
    _change_value(sent, chance, lambda _: chance.choice(other.headers)[1])


def value_doubled(sent: Sent, chance: random.Random) -> None:
    between = chance.choice([b",", b", ", b" ", b";", b""])
    _change_value(sent, chance, lambda value: (value + between) * chance.randint(2, 40))


def value_random(sent: Sent, chance: random.Random) -> None:
    _change_value(sent, chance, lambda _: chance.randbytes(chance.choice([0, 1, 13, 64, 4000])))


def header_dropped(sent: Sent, chance: random.Random) -> None:
    if sent.headers:
        sent.headers.pop(chance.randrange(len(sent.headers)))


def header_twice(sent: Sent, chance: random.Random) -> None:
    if sent.headers:
        at = chance.randrange(len(sent.headers) + 1)
        sent.headers.insert(at, chance.choice(sent.headers))


def header_renamed(sent: Sent, chance: random.Random) -> None:
    if sent.headers:
        at = chance.randrange(len(sent.headers))
        name, value = sent.headers[at]
        new = chance.choice([name.upper(), name.lower(), _mutated(name, chance), name + b" "])
        sent.headers[at] = (new, value)


def header_swapped(sent: Sent, chance: random.Random) -> None:
    names, values = [name for name, _ in sent.headers], [value for _, value in sent.headers]
    chance.shuffle(values)
    sent.headers = list(zip(names, values, strict=True))


def headers_shuffled(sent: Sent, chance: random.Random) -> None:
    chance.shuffle(sent.headers)


def header_added(sent: Sent, chance: random.Random) -> None:
    other = _honest(chance.choice(list(READY.values())), chance)
    sent.headers.append(chance.choice(other.headers))


def signed_by_another(sent: Sent, chance: random.Random) -> None:
    scheme = chance.choice(list(READY.values()))
    headers = sign_with(scheme, sent.body, SECRETS[1], Stamp(NOW))
    sent.headers = [(name.encode(), value.encode()) for name, value in headers]


def clock_moved(sent: Sent, chance: random.Random) -> None:
    sent.now_ms += chance.choice([-1, 1]) * chance.choice([1, 1000, 700_000, 10**9, 10**15])


CHANGES: tuple[Callable[[Sent, random.Random], None], ...] = (
    body_flip, body_rewritten, body_line_end, body_of_another, value_flip, value_case, value_padded,
    value_number, value_of_another, value_doubled, value_random, header_dropped, header_twice,
    header_renamed, header_swapped, headers_shuffled, header_added, signed_by_another, clock_moved,
)  # fmt: skip


def _change_value(sent: Sent, chance: random.Random, change: Callable[[bytes], bytes]) -> None:
    if sent.headers:
        at = chance.randrange(len(sent.headers))
        name, value = sent.headers[at]
        sent.headers[at] = (name, change(value))


def _mutated(data: bytes, chance: random.Random) -> bytes:
    """A bit turned, a byte put in, or some taken out."""
    at = chance.randrange(len(data) + 1)
    kind = chance.randrange(4)
    if kind == 0 and at < len(data):
        return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]
    if kind == 1:
        return data[:at] + chance.choice([*ODD_BYTES, chance.randbytes(1)]) + data[at:]
    if kind == 2:
        return data[:at]
    return data[:at] + data[at + chance.randint(1, 3) :]


def main() -> None:
    """Try as many as asked for, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=SEED)
    args = parser.parse_args()
    tried = fuzz(args.deliveries, args.seed)
    told = f"{tried.refused} refused, {tried.accepted} accepted that were as good as before"
    rows = [f"{count:8} {name}" for name, count in tried.by_change.most_common()]
    sys.stdout.write("\n".join([told, *rows, ""]))


if __name__ == "__main__":
    main()
