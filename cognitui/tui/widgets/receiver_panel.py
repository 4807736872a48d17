"""What arrived at the receiver: a list that follows what comes, and one of them in detail."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from cognitui.callbacks.search import Order, in_order, out_of_order, search
from cognitui.tui.callback_text import RECEIVED_COLUMNS, received_detail, received_row
from cognitui.tui.soon import Paced, Soon
from cognitui.tui.widgets.entry import Entry
from cognitui.tui.widgets.row_list import RowList
from cognitui.tui.widgets.row_text import FlatRows, Header, Row
from cognitui.tui.widgets.show import show

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from cognitui.callbacks.received import Received

MOST = 1000
DRAWN_EVERY_S = 0.1
PLACEHOLDER = "words, verdict:invalid, event:ON_MESSAGE, -status:200"
HEADER = Header()


class ReceiverPanel(Vertical):
    """The list of what arrived.

    The cursor follows what arrives for as long as it is on the last one; whoever moves it away
    reads in peace, and ``end`` follows again.

    Attributes:
        order: In which order they are listed.
    """

    class Moved(Message):
        """The cursor is on another callback, or on none."""

    def __init__(self) -> None:
        super().__init__(id="receiver-box")
        self.order = Order.ARRIVAL
        self._items: deque[Received] = deque(maxlen=MOST)
        self._by_key: dict[str, Received] = {}
        self._paced = Paced(self, self._draw, DRAWN_EVERY_S)
        self._soon_detail = Soon(self, self._show_detail)
        self._soon_search = Soon(self, self._draw)
        self._title: Content = Content("")
        self._detail_of: Callable[[Received], Content] = received_detail

    def compose(self) -> ComposeResult:
        """Title, search, list, detail; a sentence where there is nothing."""
        yield Static("", classes="panel-title", id="receiver-title")
        yield Static("", id="receiver-empty")
        yield Entry(placeholder=PLACEHOLDER, id="received-search")
        yield RowList(RECEIVED_COLUMNS, id="received")
        with VerticalScroll(id="received-detail-box", can_focus=False):
            yield Static("", id="received-detail")

    @property
    def rows(self) -> RowList:
        """The list."""
        return self.query_one(RowList)

    @property
    def selected(self) -> Received | None:
        """What the cursor is on."""
        return self._by_key.get(self.rows.cursor_key or "")

    @property
    def query_text(self) -> str:
        """What is searched for."""
        return self.query_one("#received-search", Input).value.strip()

    def take(self, received: Sequence[Received]) -> None:
        """List these too; they are drawn in a moment, together with what comes until then."""
        self._items.extend(received)
        self._paced.ask()

    def change(self, received: Received) -> None:
        """One that is listed has changed."""
        for index, item in enumerate(self._items):
            if item.number == received.number:
                self._items[index] = received
                self._paced.ask()
                return

    def turn_order(self) -> None:
        """List them in the order in which they were sent, or arrived again."""
        self.order = Order.SENT if self.order is Order.ARRIVAL else Order.ARRIVAL
        self._draw()

    def forget(self) -> None:
        """List nothing any more."""
        self._items.clear()
        self._draw()

    def show_state(self, title: Content, empty: str) -> None:
        """Say how the receiver stands.

        Args:
            title: Above the list.
            empty: In its place, where nothing has arrived.
        """
        self._title = title
        show(self.query_one("#receiver-empty", Static), empty)
        self._draw()

    def show_detail_with(self, detail_of: Callable[[Received], Content]) -> None:
        """Tell of the one under the cursor in another way."""
        self._detail_of = detail_of
        self._show_detail()

    def start_search(self) -> None:
        """To the field, which is there only while there is something in it."""
        field = self.query_one("#received-search")
        field.display = True
        field.focus()

    @property
    def has_any(self) -> bool:
        """Whether anything is listed, if the search finds it or not."""
        return bool(self._items)

    def on_descendant_blur(self) -> None:
        """An empty field is not left standing."""
        self.call_after_refresh(self._show_search)

    def _show_search(self) -> None:
        field = self.query_one("#received-search")
        field.display = self.has_any and (bool(self.query_text) or field.has_focus)

    # Drawing

    def _draw(self) -> None:
        if self.app.screen is not self.screen:
            # Behind a dialog it would have the whole screen drawn; the place draws it when it is
            # back. To Textual a screen behind a dialog is current too.
            return
        rows, query = self.rows, self.query_text
        was_last = rows.cursor >= len(rows.source) - 1
        found = in_order(search(tuple(self._items), query), self.order)
        self._by_key = {str(item.number): item for item in found}
        rows.show_rows(FlatRows(tuple(self._by_key), self._row), header=HEADER)
        if was_last and found:
            rows.move_cursor(len(found) - 1)
        has_any = self.has_any
        rows.display = has_any
        self._show_search()
        self.query_one("#received-detail-box").display = has_any
        self.query_one("#receiver-empty").display = not has_any
        self._show_title(len(found), is_following=was_last)
        self._show_detail()

    def _show_title(self, found: int, *, is_following: bool) -> None:
        count = len(self._items)
        text = ""
        if self.query_text:
            text = f"   {found} of {count}"
        elif count:
            text = f"   {count}" + ("" if is_following else "  (end follows)")
        if self.order is Order.SENT:
            late = len(out_of_order(tuple(self._items)))
            text += f"  as they were sent, {late} arrived late" if late else "  as they were sent"
        counted = Content.styled(text, "$foreground-muted")
        show(self.query_one("#receiver-title", Static), Content.assemble(self._title, counted))

    def _row(self, key: str) -> Row:
        return received_row(self._by_key[key])

    def _show_detail(self) -> None:
        received = self.selected
        text = self._detail_of(received) if received is not None else Content("")
        show(self.query_one("#received-detail", Static), text)
        self.post_message(self.Moved())

    @on(RowList.Highlighted)
    def _moved(self, event: RowList.Highlighted) -> None:
        event.stop()
        self._soon_detail.ask()

    @on(Input.Changed, "#received-search")
    def _searched(self, event: Input.Changed) -> None:
        event.stop()
        self._soon_search.ask()

    @on(Input.Submitted, "#received-search")
    def _to_the_list(self, event: Input.Submitted) -> None:
        event.stop()
        self.rows.focus()
