"""What cognitui signs verifies with the libraries of other languages, and theirs verifies here."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from cognitui.callbacks.schemes.judging import judge
from cognitui.callbacks.schemes.ready import COGNIGY, JAMBONZ, STANDARD
from cognitui.callbacks.schemes.scheme import Scheme, SignedHeaders
from cognitui.callbacks.schemes.signing import Stamp, sign_with, signed_content
from tests.support.toolchains import node_project, tool

from .support import SECRET

pytestmark = pytest.mark.timeout(300)  # the libraries are installed once

PEERS = Path(__file__).with_name("peers")
WHSEC = f"whsec_{base64.b64encode(b'0123456789abcdef01234567').decode()}"
# Each is changed by a JSON parser that reads and writes it again.
TEXTS = [
    '{"skillId":"skill_1","n":1}',
    '{"skillId": "skill_1", "n": 1.0}',
    '{"text":"Grüß dich \U0001f600","escaped":"\\u00e9\\/"}',
    '{"big":12345678901234567890,"2":1,"1":2,"twice":1,"twice":2}',
    '{"text":"a\\nb"}\n',
    '"' + "x" * 100_000 + '"',
]
BYTES = [*(text.encode() for text in TEXTS), b"", b"\xff\xfe\x00", bytes(range(256))]
ID = "msg_2b0f"


def _lines(command: list[str], folder: Path, lines: list[str]) -> list[str]:
    done = subprocess.run(
        command, cwd=folder, input="\n".join(lines), capture_output=True, text=True,
        timeout=60, check=False, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = done.stdout.splitlines()
    assert len(answers) == len(lines)
    return answers


@pytest.fixture
def node(request: pytest.FixtureRequest) -> Any:
    folder = node_project(request.config)
    shutil.copy(PEERS / "peer.mjs", folder)

    def ask(deed: str, questions: list[dict[str, Any]]) -> list[Any]:
        lines = [json.dumps({"deed": deed, **question}) for question in questions]
        return [json.loads(line) for line in _lines([tool("node"), "peer.mjs"], folder, lines)]

    return ask


def accepts(
    scheme: Scheme, body: bytes, headers: Any, *, secret: str = SECRET, now_ms: int = 0
) -> bool:
    now_ms = now_ms or time.time_ns() // 1_000_000
    return judge(scheme, body, headers, secrets=[secret], now_ms=now_ms).accepted


def cognigy_signature(text: str) -> str:
    return dict(sign_with(COGNIGY, text.encode(), SECRET, Stamp(1)))["X-Cognigy-Signature"]


def test_octokit_verifies_ours(node: Any) -> None:
    questions: list[dict[str, Any]] = [
        {"secret": SECRET, "body": text, "signature": cognigy_signature(text)} for text in TEXTS
    ]
    assert node("octokit verify", questions) == [True] * len(TEXTS)
    changed = [{**question, "body": question["body"] + " "} for question in questions]
    assert node("octokit verify", changed) == [False] * len(TEXTS)


def test_octokits_verify_here(node: Any) -> None:
    signatures = node("octokit sign", [{"secret": SECRET, "body": text} for text in TEXTS])
    for text, signature in zip(TEXTS, signatures, strict=True):
        at = str(time.time_ns() // 1_000_000)
        headers = [("X-Cognigy-Signature", signature), ("X-Cognigy-Timestamp", at)]
        assert accepts(COGNIGY, text.encode(), headers)
        assert not accepts(COGNIGY, text.encode() + b" ", headers)


def test_standardwebhooks_verifies_ours(node: Any) -> None:
    stamp = Stamp(time.time_ns() // 1_000_000, ID)
    questions: list[dict[str, Any]] = [
        {
            "secret": WHSEC,
            "body": text,
            "headers": dict(sign_with(STANDARD, text.encode(), WHSEC, stamp)),
        }
        for text in TEXTS
    ]
    assert node("standardwebhooks verify", questions) == [True] * len(TEXTS)
    changed = [{**question, "body": question["body"] + " "} for question in questions]
    assert node("standardwebhooks verify", changed) == [False] * len(TEXTS)


def test_standardwebhooks_verify_here(node: Any) -> None:
    seconds = int(time.time())
    questions = [{"secret": WHSEC, "body": text, "id": ID, "seconds": seconds} for text in TEXTS]
    for text, signature in zip(TEXTS, node("standardwebhooks sign", questions), strict=True):
        headers = [
            ("webhook-id", ID), ("webhook-timestamp", str(seconds)), ("webhook-signature", signature),
        ]  # fmt: skip
        assert accepts(STANDARD, text.encode(), headers, secret=WHSEC)
        assert not accepts(STANDARD, text.encode() + b" ", headers, secret=WHSEC)


@pytest.mark.parametrize("scheme", [COGNIGY, STANDARD, JAMBONZ], ids=lambda scheme: scheme.id)
def test_the_jdk_computes_the_same(scheme: Scheme) -> None:
    """Both ways at once: what the JDK computes is what is sent, and it verifies."""
    (part,) = scheme.parts
    assert isinstance(part, SignedHeaders)
    secret = WHSEC if scheme is STANDARD else SECRET
    key = base64.b64decode(secret.removeprefix("whsec_")) if scheme is STANDARD else secret.encode()
    now_ms = time.time_ns() // 1_000_000
    at = str(now_ms // part.unit.in_ms)
    lines = [
        f"{key.hex()} {signed_content(part, body, at.encode(), ID.encode()).hex()}"
        for body in BYTES
    ]
    digests = _lines([tool("java"), "Peer.java"], PEERS, lines)
    for body, line in zip(BYTES, digests, strict=True):
        digest = line.split()[1 if scheme is STANDARD else 0]
        value = part.value.replace("{timestamp}", at).replace("{signature}", digest)
        sent = sign_with(scheme, body, secret, Stamp(now_ms, ID))
        assert dict(sent)[part.header] == value
        theirs = [(name, value if name == part.header else said) for name, said in sent]
        assert accepts(scheme, body, theirs, secret=secret, now_ms=now_ms)
        assert not accepts(scheme, body + b" ", theirs, secret=secret, now_ms=now_ms)
