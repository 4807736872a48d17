"""A headless Chromium, driven through its own debugging protocol: nothing to install but itself."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import tempfile
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    # A page that counts as one that nobody looks at is slowed down.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
KEYS = {"Enter": (13, "\r"), "Escape": (27, ""), "Tab": (9, "\t")}
PATIENCE_S = 30.0
POLL_S = 0.05
GONE = ("context with specified id", "context was destroyed", "navigated or closed")
"""How Chromium says that the page went away while it was asked something."""
# xterm.js keeps its terminal to itself, so it is looked for among all objects of the page.
SCREEN = """function () {
  const isTerminal = (it) => {
    try {
      return typeof it.paste === "function" && typeof it.buffer.active.getLine === "function";
    } catch {
      return false;
    }
  };
  const [it] = this.filter(isTerminal);
  const line = (_, y) => it.buffer.active.getLine(y)?.translateToString(true) ?? "";
  return it ? Array.from({ length: it.rows }, line).join("\\n") : "";
}"""
INK = """[...document.querySelectorAll("canvas")]
  .map((it) => it.getContext("2d")?.getImageData(0, 0, it.width, it.height).data ?? [])
  .reduce((sum, data) => sum + data.filter((value, at) => at % 4 < 3 && value > 160).length, 0)"""


class PageGone(Exception):
    """The page went away while it was asked something, and another one came."""


def chromium() -> str | None:
    """Where this machine's Chromium is."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Page:
    """One tab.

    Attributes:
        urls: All that it asked for, WebSockets too.
        complaints: What its console says of errors, such as a policy that forbids something.
    """

    socket: aiohttp.ClientWebSocketResponse
    urls: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _last: int = 0
    _answers: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)

    async def listen(self) -> None:
        """Take what the browser says until it ends."""
        async for message in self.socket:
            said = message.json()
            if "id" in said:
                self._answers.pop(said["id"]).set_result(said)
            else:
                self._note(said["method"], said["params"])

    def _note(self, method: str, params: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.urls.append(params["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.urls.append(params["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(params["entry"]["text"])

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol.

        Raises:
            PageGone: What it was asked of is not there any more.
        """
        self._last += 1
        answer = self._answers[self._last] = asyncio.get_running_loop().create_future()
        await self.socket.send_json({"id": self._last, "method": method, "params": params})
        said = await asyncio.wait_for(answer, PATIENCE_S)
        if "error" in said and any(words in said["error"]["message"] for words in GONE):
            raise PageGone(said["error"]["message"])
        assert "error" not in said, said
        result: dict[str, Any] = said["result"]
        return result

    async def open(self, url: str) -> None:
        """Open an address and wait until the page has loaded."""
        await self.call("Page.navigate", url=url)
        await self.until("document.readyState === 'complete'")

    async def show(self, html: str) -> None:
        """Show a document that has no address, on nothing where it draws nothing."""
        tree = await self.call("Page.getFrameTree")
        await self.call(
            "Page.setDocumentContent", frameId=tree["frameTree"]["frame"]["id"], html=html
        )
        clear = {"r": 0, "g": 0, "b": 0, "a": 0}
        await self.call("Emulation.setDefaultBackgroundColorOverride", color=clear)

    async def value(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        said = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in said, said
        return said["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until a JavaScript expression is true."""
        await self.happens(lambda: self.value(expression), expression)

    async def happens(self, ask: Callable[[], Awaitable[Any]], what: str) -> Any:
        """Wait until an answer is true, and give it; a page that comes meanwhile is asked again."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE_S
        while True:
            with suppress(PageGone):
                if answer := await ask():
                    return answer
            assert loop.time() < deadline, f"it did not happen in time: {what}"
            await asyncio.sleep(POLL_S)

    async def press(self, key: str) -> None:
        """Press a key, named as browsers do; a letter or digit is its own name."""
        code, text = KEYS.get(key) or (ord(key.upper()), key)
        options: dict[str, Any] = {"key": key, "windowsVirtualKeyCode": code}
        await self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **options)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **options)

    async def resize(self, width: int, height: int) -> None:
        """Make the page this large, in pixels."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await self.call("Emulation.setDeviceMetricsOverride", **size)

    async def screen(self) -> str:
        """The lines of the terminal that the page draws."""
        root = await self.call("Runtime.evaluate", expression="Object.prototype")
        prototype = root["result"]["objectId"]
        found = await self.call("Runtime.queryObjects", prototypeObjectId=prototype)
        objects = found["objects"]["objectId"]
        said = await self.call(
            "Runtime.callFunctionOn",
            objectId=objects,
            functionDeclaration=SCREEN,
            returnByValue=True,
        )
        await self.call("Runtime.releaseObject", objectId=objects)
        return str(said["result"]["value"])

    async def shows(self, text: str) -> None:
        """Wait until the terminal that the page draws has this text."""
        await self.until_screen(lambda screen: text in screen, f"{text!r} on the screen")

    async def until_screen(self, is_so: Callable[[str], bool], what: str = "") -> None:
        """Wait until something is so of the terminal that the page draws."""
        seen = ""

        async def ask() -> bool:
            nonlocal seen
            seen = await self.screen()
            return is_so(seen)

        try:
            await self.happens(ask, what)
        except AssertionError as error:
            size = await self.value("[innerWidth, innerHeight].join('×')")
            raise AssertionError(f"{error}\nthe page of {size} shows:\n{seen}") from None

    async def ink(self) -> int:
        """How much of the page's canvases is bright, as text is."""
        return int(await self.value(INK))

    async def until_ink(self, is_so: Callable[[int], bool]) -> None:
        """Wait until something is so of what is drawn."""

        async def ask() -> bool:
            return is_so(await self.ink())

        await self.happens(ask, "a change of what is drawn")

    async def screenshot(self, **options: Any) -> bytes:
        """The page as a PNG."""
        said = await self.call("Page.captureScreenshot", format="png", **options)
        return base64.b64decode(said["data"])


@asynccontextmanager
async def browser() -> AsyncIterator[Page]:
    """A browser with one empty tab, gone with its profile at the end."""
    path = chromium()
    assert path is not None
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            path, *FLAGS, f"--user-data-dir={profile}", "about:blank",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            async with aiohttp.ClientSession() as http:
                port = await _port(Path(profile) / "DevToolsActivePort")
                async with http.get(f"http://127.0.0.1:{port}/json/list") as answer:
                    tabs = await answer.json()
                url = next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
                async with http.ws_connect(url, max_msg_size=0) as socket:
                    page = Page(socket)
                    listening = asyncio.ensure_future(page.listen())
                    for domain in ("Page", "Network", "Runtime", "Log"):
                        await page.call(f"{domain}.enable")
                    try:
                        yield page
                    finally:
                        listening.cancel()
        finally:
            os.killpg(process.pid, 9)
            await process.wait()


async def _port(path: Path) -> int:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_S
    while "\n" not in (text := _content(path)):
        assert loop.time() < deadline, "Chromium did not start"
        await asyncio.sleep(POLL_S)
    return int(text.splitlines()[0])


def _content(path: Path) -> str:
    return path.read_text() if path.exists() else ""
