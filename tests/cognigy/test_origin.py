"""A key is sent to its tenant's origin and nowhere else."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitui.cognigy.engine import OriginGuard
from cognitui.cognigy.errors import OriginRefused
from cognitui.cognigy.origin import Origin, parse_base_url, resolve_page_link
from cognitui.errors import UsageError

BASE = "https://acme.cognigy.ai/api/v1"
CURRENT = f"{BASE}/bots/b/webhooks?cursor=1"


@pytest.mark.parametrize(
    ("text", "base_url"),
    [
        (BASE, BASE),
        (f"  {BASE}/  ", BASE),
        (f"{BASE}///", BASE),
        ("HTTPS://ACME.Cognigy.AI/api/v1", BASE),
        ("https://acme.cognigy.ai:443/api/v1", BASE),
        ("https://acme.cognigy.ai:8443/api/v1", "https://acme.cognigy.ai:8443/api/v1"),
        ("https://acme.cognigy.ai", "https://acme.cognigy.ai"),
        ("https://bücher.example/api", "https://xn--bcher-kva.example/api"),
        ("https://my_tenant.example/api", "https://my_tenant.example/api"),
        ("http://127.0.0.1:8080/api/v1", "http://127.0.0.1:8080/api/v1"),
        ("http://127.9.9.9/api", "http://127.9.9.9/api"),
        ("http://localhost:80/api", "http://localhost/api"),
        ("http://[::1]:9/api", "http://[::1]:9/api"),
        ("https://10.0.0.1/api", "https://10.0.0.1/api"),
    ],
)
def test_base_url(text: str, base_url: str) -> None:
    assert parse_base_url(text) == base_url
    assert parse_base_url(base_url) == base_url


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "scheme must be"),
        ("acme.cognigy.ai/api/v1", "scheme must be"),
        ("ftp://acme.cognigy.ai", "scheme must be"),
        ("javascript:alert(1)", "scheme must be"),
        ("file:///etc/passwd", "scheme must be"),
        ("https://", "no host"),
        ("https:///api/v1", "no host"),
        ("https://key:secret@acme.cognigy.ai", "user name"),
        ("https://@acme.cognigy.ai", "user name"),
        (f"{BASE}?key=1", "query or a fragment"),
        (f"{BASE}#top", "query or a fragment"),
        ("http://acme.cognigy.ai/api/v1", "must be https"),
        ("http://10.0.0.1/api", "must be https"),
        ("http://127.0.0.1.example.com/", "must be https"),
        ("http://localhost.example.com/", "must be https"),
        ("http://0.0.0.0/", "must be https"),
        ("https://acme .cognigy.ai", "spaces"),
        ("https://acme.cognigy.ai/a b", "spaces"),
        ("https://acme.cognigy.ai/\x1b[31m", "control characters"),
        ("https://acme.cognigy.ai\\@example.com", "control characters"),
        ("https://acme.cognigy.ai/\ud800", "control characters"),
        ("https://acme.cognigy.ai:99999", "ort"),
        ("https://acme.cognigy.ai:port", "ort"),
        ("https://acme.cognigy.ai:0", "port 0"),
        ("https://[::1", "IPv6"),
        ("https://acme..ai", "host name is not valid"),
        ("https://‥ai", "host name is not valid"),
        ("https://a,b", "host name is not valid"),
        ("https://*.cognigy.ai", "host name is not valid"),
        ("https://%61cme.ai", "host name is not valid"),
        ("https://" + "a" * 64 + ".ai", "host name is not valid"),
    ],
    ids=ascii,
)
def test_no_base_url(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as caught:
        parse_base_url(text)
    assert caught.value.field == "base_url"
    assert caught.value.hint
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    ("link", "url"),
    [
        (f"{BASE}/bots?cursor=2", f"{BASE}/bots?cursor=2"),
        ("https://ACME.cognigy.ai:443/api/v1/bots?cursor=2", f"{BASE}/bots?cursor=2"),
        ("//acme.cognigy.ai/api/v1/bots", f"{BASE}/bots"),
        ("/api/v1/bots?cursor=2", f"{BASE}/bots?cursor=2"),
        ("?cursor=2", f"{BASE}/bots/b/webhooks?cursor=2"),
        ("webhooks?cursor=2", f"{BASE}/bots/b/webhooks?cursor=2"),
        ("../c/webhooks", f"{BASE}/bots/c/webhooks"),
        (f"{BASE}/bots?cursor=2#fragment", f"{BASE}/bots?cursor=2"),
        (f"{BASE}/bots/a%2Fb/webhooks", f"{BASE}/bots/a%2Fb/webhooks"),
        (f"{BASE}/bots?next=https://evil.example/", f"{BASE}/bots?next=https://evil.example/"),
        (f"{BASE}/bots/v1.2...x", f"{BASE}/bots/v1.2...x"),
    ],
)
def test_a_link_that_is_the_tenants_own(link: str, url: str) -> None:
    assert resolve_page_link(link, current=CURRENT, base_url=BASE) == url


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/api/v1/bots",
        "https://acme.cognigy.ai.evil.example/api/v1/bots",
        "https://evil.example/https://acme.cognigy.ai/api/v1/",
        "https://xn--acme-.cognigy.ai/api/v1/bots",
        "https://cognigy.ai/api/v1/bots",
        "https://acme.cognigy.ai./api/v1/bots",
        "https://аcme.cognigy.ai/api/v1/bots",  # noqa: RUF001 - the first letter is Cyrillic
        "https://acme.cognigy.ai:8443/api/v1/bots",
        "https://acme.cognigy.ai:0/api/v1/bots",
        "https://acme.cognigy.ai:/x@evil.example/api/v1/bots",
        "http://acme.cognigy.ai/api/v1/bots",
        "http://acme.cognigy.ai:443/api/v1/bots",
        "ftp://acme.cognigy.ai/api/v1/bots",
        "javascript:alert(1)",
        "data:,x",
        "file:///api/v1/bots",
        "https://user@acme.cognigy.ai/api/v1/bots",
        "https://user:password@acme.cognigy.ai/api/v1/bots",
        "https://acme.cognigy.ai@evil.example/api/v1/bots",
        "https://@acme.cognigy.ai/api/v1/bots",
        "//evil.example/api/v1/bots",
        "///evil.example/api/v1/bots",
        "////evil.example",
        "\\\\evil.example\\api\\v1\\bots",
        "https:\\\\evil.example/api/v1/bots",
        "https://acme.cognigy.ai\\@evil.example/api/v1/bots",
        "https://acme.cognigy.ai/api/v1\\..\\..\\admin",
        "/admin",
        "/api/v1",
        "/api/v10/bots",
        "/API/V1/bots",
        "../../../../admin",
        f"{BASE}/../admin",
        f"{BASE}/bots/../../../admin",
        f"{BASE}/..",
        f"{BASE}/.",
        f"{BASE}/bots/./x",
        f"{BASE}/%2e%2e/admin",
        f"{BASE}/.%2E/admin",
        f"{BASE}/%2e%2e%2fadmin",
        f"{BASE}/..%2fadmin",
        f"{BASE}/..%5cadmin",
        f"{BASE}/%252e%252e/admin",
        f"{BASE}/bots?a b",
        f"{BASE}/bots?a=\x00",
        f"{BASE}/bots\x7f",
        f"{BASE}/\ud800",
        "https://acme.cognigy.ai:99999/api/v1/bots",
        "https://[::1/api/v1/bots",
        "https://[acme.cognigy.ai]/api/v1/bots",
        f"{BASE}/bots?cursor=" + "x" * 5000,
    ],
    ids=lambda link: ascii(link[:60]),
)
def test_a_link_that_leads_elsewhere(link: str) -> None:
    with pytest.raises(OriginRefused) as caught:
        resolve_page_link(link, current=CURRENT, base_url=BASE)
    assert caught.value.message.isprintable()
    assert "password" not in caught.value.message


@given(st.text(alphabet="./\\:@?#%25eacmgniy.http 2fF\t\n\r\x00[]1-é‥", max_size=40))
def test_no_link_ever_leads_out_of_the_api(link: str) -> None:
    for text in (link, f"{BASE}/{link}", f"//{link}", f"https://acme.cognigy.ai{link}"):
        try:
            url = resolve_page_link(text, current=CURRENT, base_url=BASE)
        except OriginRefused:
            continue
        # What counts is where the engine would go, not how the text looks.
        seen = httpx.URL(url)
        assert (seen.scheme, seen.host, seen.port) == ("https", "acme.cognigy.ai", None)
        assert seen.path.startswith("/api/v1/")


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://a.example", "https://a.example"),
        ("https://a.example:443/x", "https://a.example"),
        ("http://a.example:443", "http://a.example:443"),
        ("http://[2001:DB8::1]:8080", "http://[2001:db8::1]:8080"),
    ],
)
def test_origins_are_compared_in_one_form(url: str, text: str) -> None:
    assert str(Origin.of(url)) == text
    assert Origin.of(url) == Origin.of(text)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/api/v1",
        "http://acme.cognigy.ai/api/v1",
        "https://acme.cognigy.ai:444/api/v1",
        "https://user@acme.cognigy.ai/api/v1",
    ],
)
async def test_the_lowest_layer_lets_nothing_else_out(url: str) -> None:
    sent: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    guard = OriginGuard(Origin.of(BASE), httpx.MockTransport(note))
    async with httpx.AsyncClient(transport=guard) as client:
        with pytest.raises((OriginRefused, ValueError)):
            await client.get(url)
        assert not sent
        await client.get(BASE)
    assert len(sent) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://me:hush-hush/api/v1",
        "https://me:hush-hush@‥.ai/x",
        "https://hush-hush‥℀/",
        "https://[hush-hush]/",
        "https://me:hush-hush@[::1/",
        "https://acme.example:99999hush-hush/",
    ],
    ids=ascii,
)
def test_no_part_of_a_url_that_is_wrong_is_quoted(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_base_url(url)
    assert "hush" not in f"{caught.value} {caught.value.hint}"
    with pytest.raises(OriginRefused) as refused:
        resolve_page_link(url, current=CURRENT, base_url=BASE)
    assert "hush" not in f"{refused.value} {refused.value.hint}"
