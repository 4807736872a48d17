"""What people paste as a base URL, and what was meant."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cognitui.tenants.doctor.address import read_address

GOOD = "https://acme.cognigy.ai/api/v1"


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        (GOOD, GOOD),
        (f"{GOOD}/", GOOD),
        ("https://acme.cognigy.ai", "https://acme.cognigy.ai"),
        ("http://127.0.0.1:8080/api/v1", "http://127.0.0.1:8080/api/v1"),
        ("http://localhost:8080/api/v1/", "http://localhost:8080/api/v1"),
        ("https://acme.example/gateway/cognigy", "https://acme.example/gateway/cognigy"),
        ("https://acme.example/gateway/api/v1", "https://acme.example/gateway/api/v1"),
    ],
)
def test_what_is_right_stays(pasted: str, meant: str) -> None:
    found = read_address(pasted)
    assert (found.base_url, found.remarks, found.is_same_origin) == (meant, (), True)


@pytest.mark.parametrize(
    ("pasted", "meant", "remark", "is_same"),
    [
        (f"  {GOOD}\n", GOOD, "spaces", True),
        (f'"{GOOD}"', GOOD, "quotes", True),
        (f"<{GOOD}>,", GOOD, "signs", True),
        (f"\u201c{GOOD}\u201d", GOOD, "quotes", True),
        (f"export COGNITUI_BASE_URL={GOOD}", GOOD, "spaces", True),
        (f"{GOOD}/bots/bot_12345/webhooks", GOOD, "/bots", True),
        (f"{GOOD}/auth/token", GOOD, "/auth", True),
        (f"{GOOD}?x=1", GOOD, "query", True),
        (f"{GOOD}#top", GOOD, "query", True),
        ("https://acme.cognigy.ai/openapi", GOOD, "/openapi", True),
        ("https://acme.cognigy.ai/new", GOOD, "/new", True),
        ("https://acme.cognigy.ai/new/v2.0", GOOD, "/new", True),
        ("https://acme.cognigy.ai/v2.0/users/me", GOOD, "/v2.0", True),
        ("https://acme.cognigy.ai/agent/64b0/flow", GOOD, "/agent", True),
        ("https://acme.cognigy.ai/login", GOOD, "/login", True),
        ("acme.cognigy.ai/api/v1", GOOD, "scheme", False),
        ("//acme.cognigy.ai/api/v1", GOOD, "scheme", False),
        ("HTTPS:/acme.cognigy.ai/api/v1", GOOD, "after the scheme", False),
        ("localhost:8080/api/v1", "http://localhost:8080/api/v1", "scheme", False),
        ("http://acme.cognigy.ai/api/v1", GOOD, "in clear", False),
        ("https://acme.cognigy.ai./api/v1", GOOD, "dot", True),
        ("https://me:hush@acme.cognigy.ai/api/v1", GOOD, "user name", False),
        ("https://endpoint-acme.cognigy.ai/5f5f", GOOD, "endpoint service", False),
        ("https://webchat-acme.cognigy.ai", GOOD, "webchat service", False),
        (
            "https://cognigy-endpoint-na1.nicecxone.com/5f5f",
            "https://cognigy-api-na1.nicecxone.com/api/v1",
            "endpoint service",
            False,
        ),
    ],
)
def test_what_is_put_right(pasted: str, meant: str, remark: str, is_same: bool) -> None:
    found = read_address(pasted)
    assert found.base_url == meant
    assert remark in " ".join(found.remarks)
    assert "hush" not in " ".join(found.remarks)
    assert found.is_same_origin is is_same


def test_a_host_of_somebody_else_is_not_renamed() -> None:
    found = read_address("https://endpoint-acme.example/api/v1")
    assert (found.base_url, found.remarks) == ("https://endpoint-acme.example/api/v1", ())


@example("0/;/")
@given(st.text(max_size=60) | st.text(alphabet="htps:/.@[]?#%acme1:v\\ \"'=", max_size=40))
def test_whatever_is_pasted(text: str) -> None:
    try:
        found = read_address(text)
    except ValueError:
        return
    again = read_address(found.base_url)
    assert again.base_url == found.base_url
    assert found.origin.scheme == "https" or found.origin.is_loopback


@pytest.mark.parametrize(
    "pasted", ["https://me:hu[sh@a.example", "https://me:hu\u2100sh@a.example"]
)
def test_what_urllib_says_is_not_repeated(pasted: str) -> None:
    with pytest.raises(ValueError, match="the host is not valid") as caught:
        read_address(pasted)
    assert "hu" not in str(caught.value)
