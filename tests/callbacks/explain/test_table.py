"""The ways to get it wrong, each made as it is made out there; each must be named for what it is."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import urllib.parse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from cognitui.callbacks.schemes.ready import BASIC, COGNIGY, JAMBONZ, KEY, STANDARD, TRANSITIONAL
from tests.callbacks.support import SECRET

from .support import (
    COMPACT,
    DELIVERY,
    FIELDS,
    NOW_MS,
    PREVIOUS,
    SECONDS,
    STAMP,
    TEST_SECRET,
    WHSEC,
    WHSEC_KEY,
    Headers,
    cognigy,
    explained,
    mac,
    says,
    standard,
    told,
)

if TYPE_CHECKING:
    from cognitui.callbacks.schemes.scheme import Scheme

INDENTED = json.dumps(FIELDS, ensure_ascii=False, indent=2).encode()
PYTHON = json.dumps(FIELDS).encode()
SPACED = json.dumps(FIELDS, ensure_ascii=False).encode()
PHP = json.dumps(FIELDS, separators=(",", ":")).replace("/", "\\/").encode()
GO = COMPACT.replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026")
WHOLE = json.dumps({**FIELDS, "score": 1.0}, separators=(",", ":"), ensure_ascii=False).encode()
HEX = mac(COMPACT).hex()
ODD = '{ "a" :"Grüße"  }'


@dataclass(frozen=True)
class Case:
    """A way to get it wrong: what arrives, and the code that must come first."""

    code: str
    headers: Headers = field(repr=False)
    body: bytes = field(default=COMPACT, repr=False)
    scheme: Scheme = field(default=COGNIGY, repr=False)
    secret: str = field(default="", repr=False)
    also: tuple[str, ...] = ()
    about: str = ""
    now_ms: int = NOW_MS
    target: str = "/hook"


KEYS = [
    Case("key_other", cognigy(COMPACT, TEST_SECRET), about="profile acme-test"),
    Case("key_previous", cognigy(COMPACT, PREVIOUS), about="rotated last week"),
    Case("key_newline", cognigy(COMPACT, SECRET + "\n"), about="a line end"),
    Case("key_newline", cognigy(COMPACT, SECRET + "\r\n"), about="Windows"),
    Case("key_whitespace", cognigy(COMPACT), secret=f" {SECRET}\n"),
    Case("key_quotes", cognigy(COMPACT), secret=f'"{SECRET}"', about="removed"),
    Case("key_quotes", cognigy(COMPACT, f"'{SECRET}'"), about="single"),
    Case("key_decoded", cognigy(COMPACT, WHSEC_KEY), secret=WHSEC, about="base64"),
    Case("key_decoded", cognigy(COMPACT, bytes(range(16, 48))), about="hex",
         secret=bytes(range(16, 48)).hex()),
    Case("key_encoded", cognigy(COMPACT, base64.b64encode(SECRET.encode())), about="base64"),
    Case("key_prefix", cognigy(COMPACT, f"whsec_{SECRET}"), about="whsec_"),
    Case("key_prefix", cognigy(COMPACT, WHSEC.removeprefix("whsec_")), secret=WHSEC),
    Case("key_prefix", cognigy(COMPACT), secret=f"WEBHOOK_SECRET={SECRET}", about="variable"),
    Case("key_hashed", cognigy(COMPACT, hashlib.sha256(SECRET.encode()).hexdigest())),
    Case("key_cut", cognigy(COMPACT, SECRET[:32]), about="32"),
    Case("key_unset", cognigy(COMPACT, "undefined"), about="undefined"),
    Case("key_unset", cognigy(COMPACT, ""), about="nothing"),
    Case("key_case", cognigy(COMPACT, SECRET.upper()), about="upper"),
    Case("key_text_coding", cognigy(COMPACT, "schlüssel mit umlaut und mehr".encode("latin-1")),
         secret="schlüssel mit umlaut und mehr", about="latin-1"),
    Case("key_literal", standard(COMPACT, WHSEC.encode()), scheme=STANDARD),
    Case("key_prefix", standard(COMPACT), scheme=STANDARD, secret=f"v1,{WHSEC}", about="v1,"),
]  # fmt: skip
BODIES = [
    Case("body_newline_removed", cognigy(COMPACT + b"\n"), about="a line end"),
    Case("body_newline_added", cognigy(COMPACT), body=COMPACT + b"\n"),
    Case("body_newline_added", cognigy(COMPACT), body=COMPACT + b"\r\n", about="Windows"),
    Case("body_line_ends", cognigy(INDENTED), body=INDENTED.replace(b"\n", b"\r\n"), about="LF"),
    Case("body_line_ends", cognigy(INDENTED.replace(b"\n", b"\r\n")), body=INDENTED, about="CRLF"),
    Case("body_bom", cognigy(COMPACT), body=b"\xef\xbb\xbf" + COMPACT, about="removed"),
    Case("body_bom", cognigy(b"\xef\xbb\xbf" + COMPACT), about="kept"),
    Case("body_empty", cognigy(b"")),
    Case("body_whitespace", cognigy(COMPACT), body=b"  " + COMPACT + b" \n"),
    Case("json_compact", cognigy(COMPACT), body=INDENTED, about="re-serialised by a JSON parser"),
    Case("json_python", cognigy(PYTHON), about="Python's json.dumps"),
    Case("json_spaced", cognigy(SPACED)),
    Case("json_ascii", cognigy(json.dumps(FIELDS, separators=(",", ":")).encode()), body=PYTHON),
    Case("json_indented", cognigy(INDENTED), about="2 spaces"),
    Case("json_indented", cognigy(json.dumps(FIELDS, indent=4).encode()), about="4 spaces"),
    Case("json_sorted", cognigy(json.dumps(FIELDS, sort_keys=True).encode()), about="sorted"),
    Case("json_slashes", cognigy(PHP), about="PHP"),
    Case("json_html", cognigy(GO), about="Go"),
    Case("json_javascript", cognigy(WHOLE.replace(b"1.0", b"1")), body=WHOLE, about="1.0 as 1"),
    Case("json_numbers", cognigy(WHOLE), body=WHOLE.replace(b"1.0", b"1"), about="1.0"),
    Case("json_compact", cognigy(COMPACT + b"\n"), body=SPACED, also=("body_newline_removed",)),
    Case("json_escapes", cognigy(ODD.encode()), about="not escaped",
         body=ODD.encode("ascii", "backslashreplace").replace(b"\\x", b"\\u00")),
    Case("json_escapes", cognigy(ODD.encode("ascii", "backslashreplace").replace(b"\\x", b"\\u00")),
         body=ODD.encode(), about="were \\u escapes"),
    Case("body_field_added", cognigy(COMPACT), about="sentAt",
         body=json.dumps({**FIELDS, "sentAt": "now"}, ensure_ascii=False).encode()),
    Case("body_member", cognigy(b"only this text"), body=b'{"id": 1, "message": "only this text"}',
         about="message"),
    Case("body_compressed", cognigy(COMPACT), body=gzip.compress(COMPACT), about="gzip"),
    Case("body_decompressed", cognigy(gzip.compress(COMPACT, 9, mtime=0))),
    Case("body_charset", cognigy("Grüße".encode("latin-1")), body="Grüße".encode(),
         about="latin-1"),
    Case("body_charset", cognigy("Grüße".encode()), body="Grüße".encode("latin-1"),
         about="UTF-8"),
    Case("body_charset", cognigy(COMPACT.decode().encode("utf-16-le")), about="UTF-16"),
    Case("body_unicode_form", cognigy("Gru\u0308ße".encode()), body="Grüße".encode(), about="NFD"),
    Case("body_html_escaped", cognigy(COMPACT), body=html.escape(COMPACT.decode()).encode()),
    Case("body_form_encoded", cognigy(COMPACT), about="payload",
         body=urllib.parse.urlencode({"payload": COMPACT.decode()}).encode()),
    Case("body_form_encoded", cognigy(b"a b&c"), body=b"a+b%26c", about="percent-decoded"),
    Case("body_base64", cognigy(COMPACT), body=base64.b64encode(COMPACT), about="decoded"),
    Case("body_encoded_twice", cognigy(COMPACT), about="decoded as a JSON text",
         body=json.dumps(COMPACT.decode(), ensure_ascii=False).encode()),
    Case("body_object_text", cognigy(b"[object Object]"), about="[object Object]"),
    Case("body_object_text", cognigy(str(FIELDS).encode()), about="Python"),
    Case("body_object_text", cognigy(repr(COMPACT).encode()), about="b'"),
]  # fmt: skip
CONTENTS = [
    Case("content_other", cognigy(STAMP.encode() + b"." + COMPACT), about="timestamp.body"),
    Case("content_other", says(f"sha256={mac(STAMP.encode() + b',' + COMPACT).hex()}"),
         about="timestamp,body"),
    Case("content_other", says(f"sha256={mac(f'v0:{STAMP}:'.encode() + COMPACT).hex()}"),
         about="v0:timestamp:body"),
    Case("content_other", says(f"sha256={mac(SECONDS.encode() + b'.' + COMPACT).hex()}"),
         also=("content_timestamp_unit",), about="seconds"),
    Case("content_body_only", standard(COMPACT, signed=COMPACT), scheme=STANDARD),
    Case("content_other", standard(COMPACT, signed=SECONDS.encode() + b"." + COMPACT),
         scheme=STANDARD, about="timestamp.body"),
    Case("content_timestamp_unit", scheme=STANDARD, about="milliseconds",
         headers=standard(COMPACT, signed=f"{DELIVERY}.{SECONDS}000.".encode() + COMPACT)),
    Case("content_url", [("Host", "hooks.acme.example"),
         *cognigy(b"https://hooks.acme.example/hook?a=1" + COMPACT)], target="/hook?a=1",
         about="the URL and the body"),
    Case("content_url", cognigy(b"POST\n/hook\n" + COMPACT), about="method"),
    Case("content_digest", cognigy(hashlib.sha256(COMPACT).hexdigest().encode()), about="hex"),
]  # fmt: skip
CODINGS = [
    Case("coding_base64", says(f"sha256={base64.b64encode(mac(COMPACT)).decode()}")),
    Case("coding_base64url", says("sha256="
         + base64.urlsafe_b64encode(mac(COMPACT)).decode().rstrip("="))),
    Case("coding_twice", says(f"sha256={base64.b64encode(HEX.encode()).decode()}")),
    Case("coding_hex", [*standard(COMPACT)[:2],
         ("webhook-signature",
          f"v1,{mac(f'{DELIVERY}.{SECONDS}.'.encode() + COMPACT, WHSEC_KEY).hex()}")],
         scheme=STANDARD),
    Case("prefix_missing", says(HEX), about="sha256="),
    Case("prefix_other", says(f"sha1={HEX}")),
    Case("prefix_other", says(f"SHA256={HEX}")),
    Case("prefix_missing", says(base64.b64encode(mac(COMPACT)).decode()),
         also=("coding_base64",)),
    Case("algorithm_other", says(f"sha256={mac(COMPACT, SECRET, 'sha512').hex()}"),
         about="HMAC-SHA-512"),
    Case("prefix_other", says(f"sha1={mac(COMPACT, SECRET, 'sha1').hex()}"),
         also=("algorithm_other",), about="HMAC-SHA-1"),
    Case("no_key", says(f"sha256={hashlib.sha256(COMPACT).hexdigest()}"), about="SHA-256"),
    Case("hash_concatenated",
         says(f"sha256={hashlib.sha256(SECRET.encode() + COMPACT).hexdigest()}")),
    Case("key_body_swapped", says(f"sha256={mac(SECRET.encode(), COMPACT).hex()}")),
]  # fmt: skip
HEADERS = [
    Case("signature_missing", [("X-Cognigy-Timestamp", STAMP)]),
    Case("signature_empty", says("")),
    Case("signature_duplicate", [*cognigy(COMPACT), *cognigy(COMPACT, "another")[:1]]),
    Case("signature_whitespace", says(f"sha256={HEX}\n")),
    Case("signature_whitespace", says(f'"sha256={HEX}"')),
    Case("signature_truncated", says(f"sha256={HEX[:40]}")),
    Case("signature_length", says(f"sha256={HEX}00")),
    Case("signature_length", says("sha256=" + "ab" * 5)),
    Case("signature_alphabet", says("sha256=" + "zü" * 32)),
    Case("prefix_missing", says("not a signature at all")),
    Case("signature_several",
         says(f"sha256={mac(COMPACT, 'another').hex()},sha256={HEX}")),
    Case("header_other", [("X-Hub-Signature-256", f"sha256={HEX}"), *cognigy(COMPACT)[1:]],
         about="x-hub-signature-256"),
    Case("header_other", standard(COMPACT, name="svix"), scheme=STANDARD, about="svix-signature"),
    Case("id_malformed", [("webhook-id", "a.b"), *standard(COMPACT)[1:]], scheme=STANDARD),
    Case("id_missing", standard(COMPACT)[1:], scheme=STANDARD),
    Case("scheme_other", standard(COMPACT), secret=WHSEC, about="standard"),
    Case("scheme_other", cognigy(COMPACT), scheme=STANDARD, secret=SECRET, about="cognigy"),
    Case("scheme_other", [*standard(COMPACT, b"x" * 32), *cognigy(COMPACT)],
         scheme=TRANSITIONAL, secret=SECRET, about="cognigy"),
    Case("scheme_other", [("Jambonz-Signature",
         f"t={SECONDS},v1={mac(SECONDS.encode() + b'.' + COMPACT).hex()}")], about="jambonz"),
]  # fmt: skip
TIMES = [
    Case("timestamp_seconds", cognigy(COMPACT, stamp=SECONDS)),
    Case("timestamp_microseconds", cognigy(COMPACT, stamp=f"{STAMP}000")),
    Case("timestamp_milliseconds", standard(COMPACT, stamp=STAMP), scheme=STANDARD),
    Case("timestamp_missing", cognigy(COMPACT)[:1]),
    Case("timestamp_empty", cognigy(COMPACT, stamp="")),
    Case("timestamp_duplicate", [*cognigy(COMPACT), ("X-Cognigy-Timestamp", STAMP)]),
    Case("timestamp_whitespace", cognigy(COMPACT, stamp=f"{STAMP}\n")),
    Case("timestamp_date", cognigy(COMPACT, stamp="2026-05-17T12:00:00Z")),
    Case("timestamp_fraction", cognigy(COMPACT, stamp=f"{SECONDS}.25")),
    Case("timestamp_malformed", cognigy(COMPACT, stamp="yesterday")),
    Case("timestamp_stale", cognigy(COMPACT), now_ms=NOW_MS + 400_000, about="6 minutes behind"),
    Case("timestamp_stale", cognigy(COMPACT), now_ms=NOW_MS + 365 * 86_400_000, about="365 days"),
    Case("timestamp_future", cognigy(COMPACT), now_ms=NOW_MS - 1_000_000, about="16 minutes"),
    Case("timestamp_time_zone", cognigy(COMPACT), now_ms=NOW_MS - 7_201_000, about="2 h"),
    Case("timestamp_mismatch", cognigy(COMPACT, stamp=str(NOW_MS + 1000))),
]  # fmt: skip
STATIC = [
    Case("static_form", [("X-API-Key", f"Bearer {SECRET}")], scheme=KEY, about="Bearer"),
    Case("key_newline", [("X-API-Key", f"{SECRET}\n")], scheme=KEY),
    Case("key_other", [("X-API-Key", TEST_SECRET)], scheme=KEY, about="acme-test"),
    Case("header_other", [("Api-Key", SECRET)], scheme=KEY, about="api-key"),
    Case("static_form", [("Authorization", f"Basic {SECRET}")], scheme=BASIC),
    Case("static_user", scheme=BASIC, headers=[("Authorization",
         f"Basic {base64.b64encode(f'user:{SECRET}'.encode()).decode()}")]),
    Case("signature_missing", [("Host", "a")], scheme=BASIC),
    Case("signature_empty", [("X-API-Key", "")], scheme=KEY),
    Case("unexplained", [("X-API-Key", "something else")], scheme=KEY),
]  # fmt: skip
PAIRS = [
    Case("key_other", cognigy(PYTHON, TEST_SECRET), also=("json_python",)),
    Case("key_newline", cognigy(COMPACT + b"\n", SECRET + "\n"), also=("body_newline_removed",)),
    Case("json_compact", cognigy(STAMP.encode() + b"." + COMPACT), body=INDENTED,
         also=("content_other",)),
    Case("prefix_missing", says(mac(COMPACT + b"\n").hex()), also=("body_newline_removed",)),
    Case("json_python", says(f"sha256={hashlib.sha256(PYTHON).hexdigest()}"), also=("no_key",)),
    Case("key_other", cognigy(COMPACT, f"{TEST_SECRET}\n"), also=("key_newline",)),
    Case("json_compact", standard(COMPACT), body=PYTHON, scheme=STANDARD),
    Case("json_python", body=COMPACT, scheme=JAMBONZ, headers=[("Jambonz-Signature",
         f"t={SECONDS},v1={mac(SECONDS.encode() + b'.' + PYTHON).hex()}")]),
]  # fmt: skip
PAIRS += [
    Case("key_other", cognigy(STAMP.encode() + b"." + COMPACT, TEST_SECRET),
         also=("content_other",)),
    Case("key_newline", says(f"sha256={mac(COMPACT, SECRET + chr(10), 'sha512').hex()}"),
         also=("algorithm_other",)),
    Case("content_other", also=("hash_concatenated",), headers=says(
         f"sha256={hashlib.sha256(f'{SECRET}{STAMP}.'.encode() + COMPACT).hexdigest()}")),
]  # fmt: skip
CLUES = [
    Case("unexplained", cognigy(b"something else")),
    Case("body_truncated", [("Content-Length", "900"), *cognigy(b"{")], body=COMPACT),
    Case("body_longer", [("Content-Length", "9"), *cognigy(b"other")]),
    Case("body_decompressed", [("Content-Encoding", "gzip"), *cognigy(b"other")]),
    Case("body_replaced_characters", cognigy(b"gone"), body="Gr\ufffd\ufffde".encode()),
    Case("body_broken", cognigy(b"gone"), body=COMPACT[:-5]),
]
CASES = [
    *KEYS, *BODIES, *CONTENTS, *CODINGS, *HEADERS, *TIMES, *STATIC, *PAIRS, *CLUES,
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}:{case.about}")
def test_the_first_cause_is_the_right_one(case: Case) -> None:
    explanation = explained(
        case.headers, case.body, scheme=case.scheme, secret=case.secret, now_ms=case.now_ms,
        target=case.target,
    )  # fmt: skip
    assert not explanation.accepted
    first = explanation.findings[0]
    assert first.code == case.code, explanation
    assert set(case.also) <= set(first.also), explanation
    assert case.about in first.sentence
    for finding in explanation.findings:
        for text in (finding.sentence, finding.meaning, finding.remedy):
            assert text.endswith(".")
            assert "{}" not in text
    # Neither what is known nor what would be right is said, whatever the cause.
    everything = told(explanation)
    secrets = [SECRET, PREVIOUS, TEST_SECRET, WHSEC, case.secret.strip("\"' \n")]
    for secret in filter(None, secrets):
        assert secret not in everything
    for key in (SECRET.encode(), WHSEC_KEY):
        for signed in (case.body, COMPACT):
            expected = mac(signed, key)
            assert expected.hex() not in everything
            assert base64.b64encode(expected).decode() not in everything


def test_the_table_is_long_enough() -> None:
    assert len(CASES) >= 120
    assert len({case.code for case in CASES}) >= 60
