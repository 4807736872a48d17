"""Real programs that get it wrong: their bytes come over a socket or from their own process."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from cognitui.callbacks.explain.explain import explain
from cognitui.callbacks.explain.keys import NamedSecret
from cognitui.callbacks.explain.paste import request_of
from cognitui.callbacks.schemes.ready import COGNIGY
from tests.callbacks.support import SECRET

from .support import COMPACT, FIELDS, NOW_MS, TEST_SECRET, cognigy, explained

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cognitui.callbacks.receive import Receiver
    from cognitui.callbacks.received import Received

OWN = [NamedSecret("the webhook's secret", SECRET)]
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")


def first_code(received: Received) -> str:
    request = request_of(received.method, received.path, received.headers, received.body)
    explanation = explain(request, COGNIGY, OWN, now_ms=NOW_MS, seen=received.verdict)
    return explanation.findings[0].code


def caught(send: Callable[[str], object], receiver: Receiver) -> Received:
    send(receiver.url)
    return receiver.received[-1]


def test_a_client_that_signs_one_text_and_sends_another(receiver: Receiver) -> None:
    """``json=`` writes the body anew; what was signed is what ``json.dumps`` made."""
    headers = dict(cognigy(json.dumps(FIELDS).encode()))
    received = caught(
        lambda url: httpx.post(url, json=FIELDS, headers=headers, trust_env=False), receiver
    )
    assert received.status == 401
    assert first_code(received) == "json_python"


def test_a_form_in_place_of_json(receiver: Receiver) -> None:
    headers = dict(cognigy(COMPACT))
    data = {"payload": COMPACT.decode()}
    received = caught(
        lambda url: httpx.post(url, data=data, headers=headers, trust_env=False), receiver
    )
    assert first_code(received) == "body_form_encoded"


async def test_a_framework_that_decompresses() -> None:
    """aiohttp hands over the decompressed body; the compressed one was signed, its time in it."""
    seen: list[tuple[list[tuple[str, str]], bytes]] = []

    async def hook(request: web.Request) -> web.Response:
        seen.append((list(request.headers.items()), await request.read()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        packed = gzip.compress(COMPACT)
        headers = dict(cognigy(packed)) | {"Content-Encoding": "gzip"}
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.post(f"http://127.0.0.1:{port}/", content=packed, headers=headers)
    finally:
        await runner.cleanup()
    ((arrived, body),) = seen
    assert body == COMPACT
    codes = [finding.code for finding in explained(arrived, body).findings]
    assert codes[-1] == "unexplained"
    assert "body_decompressed" in codes


@needs_openssl
@pytest.mark.parametrize(
    ("pipe", "code"),
    [("echo '{body}'", "body_newline_removed"), ("printf '%s' '{body}'", "")],
)
def test_a_shell_script_with_openssl(pipe: str, code: str) -> None:
    body = '{"a": "b"}'
    script = f"{pipe.format(body=body)} | openssl dgst -sha256 -hmac '{SECRET}' -r"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    headers = [("X-Cognigy-Signature", f"sha256={done.stdout.split()[0]}"), *cognigy(b"")[1:]]
    explanation = explained(headers, body.encode())
    assert explanation.accepted == (not code)
    assert [finding.code for finding in explanation.findings] == ([code] if code else [])


@needs_node
@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("mac(fs.readFileSync(secretFile), body)", "key_newline"),
        ("mac(process.env.NO_SUCH_SECRET + '', body)", "key_unset"),
        ("mac(secret, String(JSON.parse(body)))", "body_object_text"),
        ("mac(secret, JSON.stringify(JSON.parse(body)))", "json_compact"),
        ("mac(secret, JSON.stringify(JSON.parse(body), null, 2))", "json_indented"),
        ("mac(secret, Buffer.from(body, 'utf8').toString('base64'))", "body_base64"),
        ("mac(secret, Buffer.from(body, 'utf8').toString('latin1'))", "body_charset"),
        ("mac(Buffer.from(secret, 'base64'), body)", "key_decoded"),
        ("mac(secret, encodeURIComponent(body))", "body_form_encoded"),
        ("'sha256=' + crypto.createHash('sha256').update(body).digest('hex')", "no_key"),
        ("'sha256=' + crypto.createHmac('sha256', secret).update(body).digest('base64')",
         "coding_base64"),
        ("'sha1=' + crypto.createHmac('sha1', secret).update(body).digest('hex')",
         "prefix_other"),
        ("mac(body, secret)", "key_body_swapped"),
    ],
)  # fmt: skip
def test_senders_in_node(tmp_path: Path, expression: str, code: str) -> None:
    secret = "c2VjcmV0IG9mIG1vcmUgdGhhbiAzMiBieXRlcyBmb3Igbm9kZQ=="
    file = tmp_path / "secret"
    file.write_text(f"{secret}\n")
    program = (
        "const fs = require('fs'), crypto = require('crypto');"
        "const [secret, secretFile] = process.argv.slice(1), body = fs.readFileSync(0, 'utf8');"
        "const mac = (k, d) => "
        "'sha256=' + crypto.createHmac('sha256', k).update(d).digest('hex');"
        f"process.stdout.write({expression});"
    )
    body = json.dumps({"text": "Grüße / alle", "n": [1, 2.5]}, ensure_ascii=False).encode()
    done = subprocess.run(
        ["node", "-e", program, secret, str(file)],
        input=body, capture_output=True, check=True, timeout=20,
    )  # fmt: skip
    headers = [("X-Cognigy-Signature", done.stdout.decode()), *cognigy(b"")[1:]]
    assert explained(headers, body, secret=secret).findings[0].code == code


# Any data, not only ours

NUMBERS = st.integers(-(10**6), 10**6) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
FIELDS_OF_ANY = st.dictionaries(
    TEXTS,
    NUMBERS | TEXTS | st.booleans() | st.lists(NUMBERS | TEXTS, max_size=3),
    min_size=1,
    max_size=5,
)
WRITERS: list[Callable[[object], str]] = [
    json.dumps,
    lambda value: json.dumps(value, separators=(",", ":")),
    lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False),
    lambda value: json.dumps(value, ensure_ascii=False),
    lambda value: json.dumps(value, indent=2),
    lambda value: json.dumps(value, indent=4, ensure_ascii=False),
    lambda value: json.dumps(value, indent="\t"),
    lambda value: json.dumps(value, sort_keys=True),
    lambda value: json.dumps(value, sort_keys=True, separators=(",", ":")),
    lambda value: json.dumps(value, separators=(",", ":")).replace("/", "\\/"),
    lambda value: json.dumps(value) + "\n",
]


@given(
    FIELDS_OF_ANY,
    st.sampled_from(range(len(WRITERS))),
    st.sampled_from([0, 1, 2, 3, 4, 5, 6, 9]),
    st.sampled_from([SECRET, TEST_SECRET, f"{SECRET}\n"]),
)
@settings(max_examples=150, deadline=None)
def test_whatever_was_written_anew_is_found(
    fields: dict[str, object], signs: int, sends: int, key: str
) -> None:
    """Any data, signed by one writer and sent by another, with the right secret or a wrong one."""
    signed, sent = WRITERS[signs](fields).encode(), WRITERS[sends](fields).encode()
    explanation = explained(cognigy(signed, key), sent)
    if key == SECRET and signed == sent:
        assert explanation.accepted
        return
    finding = explanation.findings[0]
    assert finding.is_proven
    codes = {finding.code, *finding.also}
    assert ("key_other" in codes, "key_newline" in codes) == (
        key == TEST_SECRET,
        key.endswith("\n"),
    )
    changed = {code for code in codes if code.startswith(("json_", "body_"))}
    assert bool(changed) == (signed != sent)


@given(st.lists(st.floats(-1000, 1000).map(lambda n: round(n * 2) / 2), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_fractions_that_javascript_drops_are_found(numbers: list[float]) -> None:
    signed = json.dumps({"n": numbers, "at": NOW_MS, "text": "1 and 2"}, separators=(",", ":"))
    sent = signed.replace(".0,", ",").replace(".0]", "]")
    explanation = explained(cognigy(signed.encode()), sent.encode())
    assert explanation.accepted == (signed == sent)
    if signed != sent:
        assert explanation.findings[0].code == "json_numbers"


def test_the_receiver_does_not_even_load_it() -> None:
    """Never on the network's path: whoever answers a stranger has no explanation at hand."""
    program = (
        "import sys, cognitui.callbacks.receiver_app, cognitui.callbacks.receiver_server;"
        "print([name for name in sys.modules if name.startswith('cognitui.callbacks.explain')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
