"""Pages, files and consoles over real sockets."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import pytest
from yarl import URL

from cognitui.errors import UsageError
from cognitui.serve.gate import new_token
from cognitui.serve.server import serving
from tests.cli.support import taken_port

from .support import Tab

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from cognitui.serve.server import Address

TOKEN = new_token()
FILES = ["/static/js/textual.js", "/static/css/xterm.css", "/page/page.js", "/page/page.css"]
OTHERS = ["/", "/ws", "/download/key", "/nothing", *FILES]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COGNITUI_HOME", str(tmp_path))


class Visitor:
    """A browser without a page: requests, cookies and WebSockets."""

    def __init__(self, http: aiohttp.ClientSession, address: Address) -> None:
        self.http = http
        self.address = address
        self.origin = str(URL(address.url).origin())

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        async with self.http.get(f"{self.origin}{path}", headers=headers) as answer:
            return answer.status, await answer.text()

    async def enter(self) -> None:
        """Open the address, and keep the cookie."""
        async with self.http.get(self.address.url) as answer:
            assert answer.status == 200

    @asynccontextmanager
    async def tab(self, query: str = "", **headers: str) -> AsyncIterator[Tab]:
        headers = {"Origin": self.origin, **headers}
        async with self.http.ws_connect(f"{self.origin}/ws{query}", headers=headers) as socket:
            yield Tab(socket)

    async def refused(self, query: str = "", **headers: str) -> int:
        """The status with which a WebSocket is refused."""
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            async with self.tab(query, **headers):
                pass
        return refusal.value.status


@asynccontextmanager
async def visiting(token: str | None = TOKEN, host: str = "127.0.0.1") -> AsyncIterator[Visitor]:
    # Cookies of an address are not kept by default, as they could be anybody's.
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        serving(["demo"], host=host, port=0, token=token) as address,
        aiohttp.ClientSession(cookie_jar=jar) as http,
    ):
        yield Visitor(http, address)


async def test_nothing_is_to_be_had_without_the_token() -> None:
    async with visiting() as visitor:
        for path in OTHERS:
            status, text = await visitor.get(path, {"Origin": visitor.origin})
            assert status == 403, path
            assert text == (
                "cognitui\n\nOpen the address that `cognitui serve` printed, with its token.\n"
            )
        assert await visitor.refused() == 403
        assert not visitor.http.cookie_jar


async def test_nor_with_another_one() -> None:
    async with visiting() as visitor:
        for query in ("?token=", f"?token={TOKEN[:-1]}", f"?token={new_token()}", "?token=%ff"):
            assert (await visitor.get(f"/{query}"))[0] == 403
            assert await visitor.refused(query) == 403
        cookie = f"cognitui-{visitor.address.port}=\xfc{TOKEN}"
        assert (await visitor.get("/", {"Cookie": cookie}))[0] == 403
        assert not visitor.http.cookie_jar


async def test_the_address_opens_the_page_and_its_cookie_the_rest() -> None:
    async with visiting() as visitor:
        async with visitor.http.get(visitor.address.url) as answer:
            page = await answer.text()
            cookie = answer.cookies[f"cognitui-{visitor.address.port}"]
        assert cookie.value == TOKEN
        assert cookie["httponly"]
        assert cookie["samesite"] == "Strict"
        assert TOKEN not in page
        for path in ("/", *FILES):
            assert (await visitor.get(path))[0] == 200, path
        assert (await visitor.get("/nothing"))[0] == 404
        assert (await visitor.get("/page/../server.py"))[0] == 404
        assert (await visitor.get("/static/"))[0] in {403, 404}


async def test_every_answer_keeps_to_its_own_origin() -> None:
    async with visiting() as visitor:
        for url in (visitor.origin, visitor.address.url, f"{visitor.origin}{FILES[0]}"):
            async with visitor.http.get(url) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert policy.startswith("default-src 'none';")
                assert "http" not in policy
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert answer.headers["Cache-Control"] == "no-store"
                assert "aiohttp" not in answer.headers["Server"]


async def test_not_under_a_name_that_somebody_else_points_here() -> None:
    async with visiting() as visitor:
        await visitor.enter()
        rebound = {"Host": f"evil.example:{visitor.address.port}"}
        for path in OTHERS:
            status, text = await visitor.get(path, rebound)
            assert status == 403, path
            assert "does not go by that name" in text
        origin = f"http://evil.example:{visitor.address.port}"
        assert await visitor.refused(**rebound, Origin=origin) == 403


@pytest.mark.parametrize("token", [TOKEN, None], ids=["token", "none"])
async def test_not_for_a_page_of_another_origin(token: str | None) -> None:
    async with visiting(token) as visitor:
        await visitor.enter()
        for origin in ("http://evil.example", "http://127.0.0.1:1", "null"):
            assert await visitor.refused(Origin=origin) == 403
            assert (await visitor.get("/", {"Origin": origin}))[0] == 403


async def test_a_console_is_drawn_takes_keys_and_ends_with_q() -> None:
    async with visiting() as visitor:
        await visitor.enter()
        async with visitor.tab("?width=100&height=30") as tab:
            await tab.shows("connected")
            await tab.type("2")
            await tab.shows("Webhooks (")
            await tab.type("q")
            await tab.ends()
            assert tab.socket.close_code == 1000


async def test_what_a_page_says_wrongly_is_let_pass() -> None:
    async with visiting() as visitor:
        await visitor.enter()
        async with visitor.tab("?width=many&height=-3") as tab:
            for text in ("", "{", "[" * 9_000, "null", "{}", "[]", '["stdin"]', '["stdin", 3]'):
                await tab.socket.send_str(text)
            for size in ({}, {"width": "x", "height": None}, {"width": 1e999, "height": 10**9}):
                await tab.socket.send_json(["resize", size])
            await tab.socket.send_bytes(b"\x00")
            await tab.socket.send_json(["stdin", "\ud800"])
            await tab.socket.send_json(["resize", {"width": 100, "height": 30}])
            await tab.socket.send_json(["ping", "1"])
            await tab.shows("connected")
            await tab.type("q")
            await tab.ends()


async def test_without_a_token_the_page_is_open() -> None:
    async with visiting(token=None) as visitor:
        assert "token" not in visitor.address.url
        assert (await visitor.get("/"))[0] == 200
        assert not visitor.http.cookie_jar


async def test_it_listens_where_it_was_told_and_nowhere_else() -> None:
    async with visiting(host="127.0.0.1") as visitor:
        with pytest.raises(aiohttp.ClientConnectorError):
            await visitor.http.get(f"http://127.0.0.2:{visitor.address.port}/")
    async with visiting(host="127.0.0.2") as visitor:
        assert visitor.address.url.startswith("http://127.0.0.2:")
        await visitor.enter()
    async with visiting(host="localhost") as visitor:
        assert visitor.address.url.startswith("http://localhost:")
        await visitor.enter()


@pytest.mark.parametrize(
    ("host", "port", "sentence"),
    [
        ("127.0.0.1", 65_536, "There is no port 65536."),
        ("127.0.0.1", -1, "There is no port -1."),
        ("no such host", 0, "There is no host 'no such host'."),
        ("a" * 64, 0, f"There is no host {'a' * 64!r}."),
        ("192.0.2.1", 0, "192.0.2.1 is not an address of this machine."),
    ],
)
async def test_where_nothing_can_listen(host: str, port: int, sentence: str) -> None:
    with pytest.raises(UsageError) as error:
        async with serving([], host=host, port=port, token=None):
            pass
    assert error.value.message == sentence
    assert error.value.hint


async def test_a_port_that_is_taken() -> None:
    with taken_port() as port, pytest.raises(UsageError) as error:
        async with serving([], host="127.0.0.1", port=port, token=None):
            pass
    assert error.value.message == f"127.0.0.1:{port} is taken by another program."
