"""What an explanation says, what it keeps to itself, and how long it may take."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import json
import shutil
import subprocess
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cognitui.callbacks.explain.budget import Limits
from cognitui.callbacks.explain.explain import explain, explain_aside
from cognitui.callbacks.explain.json_document import JsonDocument
from cognitui.callbacks.explain.json_styles import JAVASCRIPT, javascript_number
from cognitui.callbacks.explain.keys import NamedSecret, Role, keys_of
from cognitui.callbacks.explain.packing import unpacked
from cognitui.callbacks.explain.paste import request_of
from cognitui.callbacks.receive import Receiver
from cognitui.callbacks.schemes.ready import COGNIGY, READY, STANDARD
from cognitui.callbacks.schemes.scheme import KeyForm
from cognitui.callbacks.schemes.signing import Stamp, sign_with
from cognitui.callbacks.verdict import Replay
from tests.callbacks.support import SECRET

from .support import (
    COMPACT,
    NOW_MS,
    STAMP,
    TEST_SECRET,
    WHSEC,
    cognigy,
    explained,
    mac,
    told,
)

if TYPE_CHECKING:
    from cognitui.callbacks.schemes.scheme import Scheme

OWN = [NamedSecret("the webhook's secret", SECRET)]
NODE = shutil.which("node")


@pytest.mark.parametrize("scheme", READY.values(), ids=lambda scheme: scheme.id)
def test_what_is_accepted_says_so_and_repeats_the_warning(scheme: Scheme) -> None:
    secret = WHSEC
    headers = sign_with(scheme, COMPACT, secret, Stamp(NOW_MS))
    explanation = explained(list(headers), scheme=scheme, secret=secret)
    assert explanation.accepted
    assert explanation.findings == ()
    assert explanation.sentence.startswith("It verifies: valid")
    assert explanation.warning == scheme.warning
    assert (explanation.tried, explanation.is_complete) == (0, True)
    assert explanation.as_dict()["accepted"] is True
    assert secret not in told(explanation)


def test_both_secrets_of_an_exchange_are_right() -> None:
    both = [NamedSecret("new", "another secret of the webhook"), *OWN]
    request = request_of("POST", "/", cognigy(COMPACT), COMPACT)
    assert explain(request, COGNIGY, both, now_ms=NOW_MS).accepted


def test_without_a_secret_there_is_nothing_to_search_with() -> None:
    request = request_of("POST", "/", cognigy(COMPACT), COMPACT)
    for secrets in ([], [NamedSecret("empty", "")]):
        explanation = explain(request, COGNIGY, secrets, now_ms=NOW_MS)
        assert explanation.findings[0].code == "no_secret"


def test_a_candidate_alone_is_found() -> None:
    request = request_of("POST", "/", cognigy(COMPACT), COMPACT)
    named = NamedSecret("acme \x1b[31m", SECRET, Role.OTHER)
    explanation = explain(request, COGNIGY, [named], now_ms=NOW_MS)
    assert explanation.findings[0].code == "key_other"
    assert "acme \\x1b[31m" in explanation.sentence


def test_everything_that_is_wrong_is_listed() -> None:
    headers = [("X-Cognigy-Signature", mac(COMPACT).hex()), ("X-Cognigy-Timestamp", "177")]
    explanation = explained(headers)
    assert [each.code for each in explanation.findings] == ["prefix_missing", "timestamp_malformed"]
    assert [each.is_proven for each in explanation.findings] == [True, False]


def test_a_strangers_names_cannot_steer_the_terminal() -> None:
    body = b'{"ok": 1, "\\u001b[2J\\u202e": 2}'
    explanation = explained(cognigy(b'{"ok":1}'), body)
    assert explanation.findings[0].code == "body_field_added"
    assert not {"\x1b", "\u202e"} & set(explanation.sentence)
    name = "x-signature-\u202e"
    moved = explained([(name, f"sha256={mac(COMPACT).hex()}")])
    assert moved.findings[0].code == "header_other"
    assert "\u202e" not in "".join(told(moved))


def test_the_digest_of_a_body_in_another_header_is_no_signature() -> None:
    headers = [
        ("X-Content-SHA256", hashlib.sha256(COMPACT).hexdigest()),
        ("Digest", "SHA-256=" + base64.b64encode(hashlib.sha256(COMPACT).digest()).decode()),
        ("X-Cognigy-Timestamp", STAMP),
    ]
    assert explained(headers).findings[0].code == "signature_missing"


def test_a_replay_that_the_receiver_saw() -> None:
    with_replay = Receiver([SECRET])
    with_replay.start()
    try:
        for _ in range(2):
            now = int(time.time() * 1000)
            body = b'{"a": 1}'
            headers = dict(cognigy(body, stamp=str(now)))
            httpx.post(with_replay.url, content=body, headers=headers, trust_env=False)
        seen = with_replay.received[-1]
    finally:
        with_replay.stop()
    request = request_of(seen.method, seen.path, seen.headers, seen.body)
    explanation = explain(request, COGNIGY, OWN, now_ms=now, seen=seen.verdict)
    assert explanation.verdict.replay is Replay.SEEN
    assert [each.code for each in explanation.findings] == ["replayed"]
    full = replace(seen.verdict, replay=Replay.FULL)
    again = explain(request, COGNIGY, OWN, now_ms=now, seen=full)
    assert [each.code for each in again.findings] == ["replay_full"]


def test_a_key_beside_a_signature_is_no_reason() -> None:
    """The static header may be right; what is wrong with the signature is asked."""
    headers = [("X-API-Key", SECRET), *cognigy(COMPACT + b"\n")]
    assert explained(headers).findings[0].code == "body_newline_removed"
    assert explained([("X-API-Key", SECRET)]).findings[0].code == "scheme_other"


def test_the_time_of_a_missing_header_is_not_told_beside_another_scheme() -> None:
    headers = [("X-Hub-Signature-256", f"sha256={mac(COMPACT).hex()}")]
    assert [each.code for each in explained(headers).findings] == ["header_other"]


def test_many_odd_headers_do_not_crowd_the_signature_out() -> None:
    odd = [(f"X-Trace-{n}", f"{n:032x}") for n in range(60)]
    headers = [*odd, ("X-Hub-Signature-256", f"sha256={mac(COMPACT).hex()}")]
    assert explained(headers).findings[0].code == "header_other"


def test_only_a_whole_stream_counts_as_compressed() -> None:
    whole = gzip.compress(COMPACT)
    assert list(unpacked(whole)) == [("gzip", COMPACT)]
    assert list(unpacked(whole[:-1])) == []
    assert list(unpacked(COMPACT)) == []


# Nothing gets out


def test_no_oracle() -> None:
    """An explanation of a forgery holds nothing that a better forgery could be made of."""
    bodies = [COMPACT, b"", b"{}", b'{"a": 1.0}', COMPACT + b"\n"]
    for scheme in (COGNIGY, STANDARD):
        secret = WHSEC if scheme is STANDARD else SECRET
        for body in bodies:
            right = sign_with(scheme, body, secret, Stamp(NOW_MS, "msg_1"))
            forged = [
                (n, v if "signature" not in n.lower() else v[:-8] + "0" * 8) for n, v in right
            ]
            explanation = explained(forged, body, scheme=scheme)
            assert not explanation.accepted
            everything = told(explanation)
            for part in (dict(right)[scheme.parts[0].header].removeprefix("sha256=")[:20], secret):
                assert part not in everything


def test_secrets_do_not_show() -> None:
    named = NamedSecret("profile", SECRET)
    assert SECRET not in repr(named)
    keys = keys_of([named], KeyForm.LITERAL)
    assert len(keys) > 40
    assert SECRET not in repr(keys)
    assert len({key.value for key in keys}) == len(keys)


# Bounds

HUGE = [
    b"x" * 1_000_000,
    json.dumps({"a": [1.5] * 200_000}).encode(),
    json.dumps({f"k{i}": i for i in range(80_000)}).encode(),
    b"[" * 500_000,
    b'{"a":' * 100_000,
    b"\xff" * 1_000_000,
    b"&a=" * 300_000,
    b"\\u00e9" * 150_000,
    b"&#x41;" * 150_000,
    ("e\u0301" * 300_000).encode(),
    gzip.compress(b"\0" * 50_000_000),
    b"9" * 1_000_000,
    b"\r\n" * 500_000,
]


@pytest.mark.parametrize("body", HUGE, ids=range(len(HUGE)))
def test_a_hostile_body_cannot_keep_it_busy(body: bytes) -> None:
    candidates = [NamedSecret(f"other {i}", f"secret number {i}", Role.OTHER) for i in range(40)]
    headers = cognigy(b"something else")
    request = request_of("POST", "/", headers, body)
    begin = time.process_time()
    explanation = explain(request, COGNIGY, OWN + candidates, now_ms=NOW_MS)
    assert time.process_time() - begin < 12
    assert explanation.findings[-1].code == "unexplained"
    if not explanation.is_complete:
        assert "ended at its bound" in explanation.findings[-1].sentence


def test_a_body_of_a_megabyte_is_still_explained() -> None:
    text = "x" * 1_000_000
    compact = json.dumps({"a": text}, separators=(",", ":")).encode()
    spaced = json.dumps({"a": text}).encode()
    assert explained(cognigy(compact), spaced).findings[0].code == "json_compact"
    assert explained(cognigy(compact, TEST_SECRET), compact).findings[0].code == "key_other"


def test_the_bound_is_told() -> None:
    request = request_of("POST", "/", cognigy(b"other"), COMPACT)
    for limits in (Limits(tries=20), Limits(work_bytes=2000), Limits(kept_bytes=500),
                   Limits(written_bytes=100)):  # fmt: skip
        explanation = explain(request, COGNIGY, OWN, now_ms=NOW_MS, limits=limits)
        assert not explanation.is_complete
        assert explanation.as_dict()["complete"] is False
        assert "ended at its bound" in explanation.findings[-1].sentence
    assert explain(request, COGNIGY, OWN, now_ms=NOW_MS).is_complete


def test_it_ends_when_told_to() -> None:
    asked = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 5

    request = request_of("POST", "/", cognigy(b"other"), COMPACT)
    explanation = explain(request, COGNIGY, OWN, now_ms=NOW_MS, stop=stop)
    assert len(asked) == 6
    assert not explanation.is_complete


async def test_it_runs_aside_and_can_be_cancelled() -> None:
    request = request_of("POST", "/", cognigy(COMPACT + b"\n"), COMPACT)
    explanation = await explain_aside(request, COGNIGY, OWN, now_ms=NOW_MS)
    assert explanation.findings[0].code == "body_newline_removed"
    long = request_of("POST", "/", cognigy(b"other"), b"\xff" * 200_000)
    endless = Limits(tries=10**9, work_bytes=10**13, kept_bytes=10**9)
    task = asyncio.create_task(explain_aside(long, COGNIGY, OWN, now_ms=NOW_MS, limits=endless))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    begin = time.monotonic()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert time.monotonic() - begin < 1


# Total over whatever arrives

NAMES = st.sampled_from([
    "X-Cognigy-Signature", "X-Cognigy-Timestamp", "webhook-id", "webhook-timestamp",
    "webhook-signature", "Jambonz-Signature", "Authorization", "X-API-Key", "Content-Length",
    "Content-Encoding", "Host", "X-Request-Id",
])  # fmt: skip
VALUES = st.one_of(
    st.text(max_size=80),
    st.from_regex(r"\A(sha256=|v1,|t=[0-9]{10},v1=|Basic )?[0-9a-fA-F+/=_-]{0,90}\Z"),
    st.sampled_from([STAMP, "1" * 400, "t=,v1=", ",".join(["sha256=" + "ab" * 32] * 40)]),
)
BODIES = st.one_of(
    st.binary(max_size=60),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode()),
)
SMALL = Limits(tries=1500)


@given(
    st.lists(st.tuples(NAMES, VALUES), max_size=6), BODIES, st.sampled_from(sorted(READY)),
    st.lists(st.one_of(st.binary(max_size=40), st.text(max_size=40)), max_size=3),
)  # fmt: skip
@example([("X-Cognigy-Signature", "sha256=" + "ab" * 32)], b'"\\ud800"', "cognigy", ["\ud800"])
@example([("X-API-Key", "\ud800")], b"", "key", ["\ud800x"])
@example([("Host", "[::1")], b"", "standard", [b"\xff"])
@example([("X-Cognigy-Signature", "")], b'{"timestamp": 1e400, "a": NaN}', "cognigy", ["s"])
@example([("X-Cognigy-Timestamp", "٣" * 13)], b"{}", "cognigy", ["s"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_it_never_raises_and_never_accepts_what_is_not_signed(
    headers: list[tuple[str, str]], body: bytes, scheme: str, secrets: list[str | bytes]
) -> None:
    known = [NamedSecret(f"s{i}", secret) for i, secret in enumerate(secrets)]
    request = request_of("POST", "/\ud800", headers, body)
    explanation = explain(request, READY[scheme], known, now_ms=NOW_MS, limits=SMALL)
    assert explanation.accepted == (not explanation.findings)
    for finding in explanation.findings:
        assert finding.code
        assert finding.sentence.endswith(".")
    json.dumps(explanation.as_dict())


# As other programs write JSON


@pytest.mark.skipif(NODE is None, reason="needs Node.js")
def test_javascript_is_met_byte_for_byte() -> None:
    """Against Node itself, for what it changes: numbers, order, escapes, duplicates."""
    texts = [
        '{"b": 1.0, "a": [1e21, 1e-7, 0.000001, 123456789012345678901, -0.0, 1.50, 5e-324]}',
        '{"10": 1, "2": 2, "a": 3, "01": 4, "4294967295": 5, "4294967294": 6}',
        '{"a": "\\u00fc\\/\\u0007\\ud800 \\u2028 <>&"}',
        '{"a": 1, "a": 2, "nested": {"z": {}, "1": []}}',
        "[1e400, 100000000000000000000, 1e16, 12345678.9e3, 0.1e-6, 123e-20]",
        '"text"',
        "12.0",
    ]
    program = (
        "for (const t of JSON.parse(process.argv[1])) console.log(JSON.stringify(JSON.parse(t)))"
    )
    assert NODE is not None
    done = subprocess.run(
        [NODE, "-e", program, json.dumps(texts)], capture_output=True, timeout=20, check=True
    )
    for text, line in zip(texts, done.stdout.splitlines(), strict=True):
        document = JsonDocument.read(text.encode())
        assert document is not None
        assert document.written(JAVASCRIPT) == line


@pytest.mark.skipif(NODE is None, reason="needs Node.js")
def test_a_proxy_in_node_that_parses_and_writes() -> None:
    """The body as express.json() and a forwarding proxy leave it."""
    sent = json.dumps({"text": "Grüße/\u2028", "score": 2.5, "n": [1, 2]}).encode()
    assert NODE is not None
    program = "process.stdout.write(JSON.stringify(JSON.parse(require('fs').readFileSync(0))))"
    done = subprocess.run([NODE, "-e", program], input=sent, capture_output=True, timeout=20,
                          check=True)  # fmt: skip
    assert done.stdout != sent
    first = explained(cognigy(sent), done.stdout).findings[0]
    assert first.code == "json_python"
    assert "re-serialised by a JSON parser" in first.sentence


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_javascript_number_is_the_same_number(value: float) -> None:
    assert float(javascript_number(repr(value))) == value


def test_a_mark_in_the_body_is_not_taken_for_a_number() -> None:
    document = JsonDocument.read(b'{"a": 1, "b": "0123456789abcdef1"}')
    assert document is not None
    assert document.written(JAVASCRIPT) == b'{"a":1,"b":"0123456789abcdef1"}'
