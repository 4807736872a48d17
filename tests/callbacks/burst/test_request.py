"""What a burst sends: the same signatures as a single callback, and a body of its own each time."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import SecretStr

from cognitui.callbacks.body import MAX_BODY_BYTES
from cognitui.callbacks.burst.plan import Target
from cognitui.callbacks.burst.request import BurstContent, RequestMaker
from cognitui.callbacks.burst.signer import Signer
from cognitui.callbacks.errors import TemplateError
from cognitui.callbacks.schemes.ready import BASIC, COGNIGY, KEY, READY
from cognitui.callbacks.schemes.scheme import Algorithm, Encoding, Scheme, SignedHeaders
from cognitui.callbacks.schemes.signing import Stamp, sign_with
from cognitui.cognigy.models import TriggerEvent
from cognitui.errors import UsageError

TARGET = Target.of("https://hooks.acme.example:8443/a%20b?x=1")
WHSEC = "whsec_" + "QUJD" * 11
AT = 1_700_000_000_123
ODD = Scheme(
    "odd",
    "odd",
    (
        SignedHeaders(
            "X-Sig", "v={signature};at={timestamp}", signs="{id}/{body}/{timestamp}",
            algorithm=Algorithm.SHA512, encoding=Encoding.BASE64, id_header="X-Id",
            timestamp_header="X-At",
        ),
    ),
)  # fmt: skip


def maker(secret: Any = WHSEC, scheme: Scheme = COGNIGY, **changes: Any) -> RequestMaker:
    fields = {"event": TriggerEvent.ON_MESSAGE, "skill_id": "skill_1", **changes}
    return RequestMaker(TARGET, BurstContent(**fields), scheme=scheme, secret=secret)


def parts(request: bytes) -> tuple[list[str], bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    return head.decode("ascii").split("\r\n"), body


@pytest.mark.parametrize("scheme", [*READY.values(), ODD], ids=[*READY, "odd"])
@pytest.mark.parametrize("body", [b"", b'{"a":1}', b"\xff{id}{timestamp}{body}"])
def test_it_signs_what_a_single_callback_would_be_signed_with(scheme: Scheme, body: bytes) -> None:
    expected = sign_with(scheme, body, WHSEC, Stamp(AT, "msg_1"))
    lines = Signer(scheme, SecretStr(WHSEC)).lines(body, AT, "msg_1")
    assert lines == "".join(f"{name}: {value}\r\n" for name, value in expected)


def test_a_request_is_what_it_says() -> None:
    lines, body = parts(maker().request(7, AT))
    assert lines[:2] == ["POST /a%20b?x=1 HTTP/1.1", "Host: hooks.acme.example:8443"]
    assert f"Content-Length: {len(body)}" in lines
    assert f"X-Cognigy-Timestamp: {AT}" in lines
    fields = json.loads(body)
    assert list(fields) == [
        "skillId", "trigger", "timestamp", "sessionId", "message", "deliveryId", "sentAt",
    ]  # fmt: skip
    assert (fields["timestamp"], fields["sentAt"]) == (AT, "2023-11-14T22:13:20.123Z")
    assert fields["message"] == {"text": "Hello, this is a test callback.", "type": "text"}


def test_no_two_are_alike_within_a_burst_or_between_two() -> None:
    one, other = maker(), maker()
    bodies = [parts(each.request(number, AT))[1] for each in (one, other) for number in range(500)]
    fields = [json.loads(body) for body in bodies]
    assert len({each["deliveryId"] for each in fields}) == 1000
    assert len({each["sessionId"] for each in fields}) == 1000


def test_a_template_is_filled_for_each() -> None:
    template = {
        "at": "{{timestamp}}",
        "who": "<{{sessionId}}> {{message.text}}",
        "list": [{"sessionId": "{{sessionId}}"}, "{{timestamp}}!"],
        "trigger": "replaced",
    }
    made = maker(template=template, text='Grüße "du" \\ {{sessionId}}')
    for number in (1, 2):
        fields = json.loads(parts(made.request(number, AT + number))[1])
        session = fields["sessionId"]
        assert fields["at"] == fields["timestamp"] == AT + number
        assert fields["who"] == f'<{session}> Grüße "du" \\ {{{{sessionId}}}}'
        assert fields["list"] == [{"sessionId": session}, f"{AT + number}!"]
        assert fields["trigger"] == "replaced"


@pytest.mark.parametrize("template", [{"a": "{{nothing}}"}, {"a": float("nan")}])
def test_templates_that_cannot_be_filled(template: dict[str, Any]) -> None:
    with pytest.raises(TemplateError):
        maker(template=template)


@pytest.mark.parametrize("text", ["x" * MAX_BODY_BYTES, "\ud800"])
def test_bodies_that_cannot_be(text: str) -> None:
    with pytest.raises(UsageError):
        maker(text=text)


@pytest.mark.parametrize(
    ("secret", "scheme"),
    [("", COGNIGY), ("not base64!", READY["standard"]), ("a\r\nX-Evil: 1", KEY), ("ü", KEY)],
)
def test_secrets_that_cannot_be(secret: str, scheme: Scheme) -> None:
    with pytest.raises(UsageError) as caught:
        maker(secret, scheme)
    assert caught.value.field == "secret"
    assert secret not in str(caught.value) or not secret


def test_any_secret_can_stand_in_basic() -> None:
    assert "Authorization: Basic YQ0KYg==" in parts(maker("a\r\nb", BASIC).request(0, AT))[0]


def test_no_secret_is_shown() -> None:
    made = maker()
    assert WHSEC not in repr(made) + repr(vars(made)) + repr(vars(made._signer))
