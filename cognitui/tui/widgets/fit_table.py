"""A table whose columns fit its width; for a few hundred rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import DataTable

from cognitui.tui.columns import Column, fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual import events

Row = tuple[str, "Sequence[Text]"]


class FitTable(DataTable[Text]):
    """Shows rows of texts; the cursor stays on the row of its key, as long as that is there.

    Args:
        columns: From left to right.
    """

    def __init__(self, columns: Sequence[Column], *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, cursor_type="row")
        self._all_columns = columns
        self._fitted: list[tuple[int, int]] = []
        self._rows: dict[str, Sequence[Text]] = {}

    def on_mount(self) -> None:
        """Without a width yet it has all columns."""
        self._fit(0)

    def on_resize(self, event: events.Resize) -> None:
        """Fit the columns anew."""
        self._fit(event.size.width)

    @property
    def cursor_key(self) -> str | None:
        """The key of the row under the cursor."""
        if not self.is_valid_row_index(self.cursor_row):
            return None
        return self.coordinate_to_cell_key(self.cursor_coordinate).row_key.value

    def put(self, rows: Iterable[Row]) -> None:
        """Show these rows and no others."""
        self._rows = dict(rows)
        self._draw()

    def append(self, key: str, cells: Sequence[Text]) -> None:
        """Add a row at the end."""
        self._rows[key] = cells
        self.add_row(*self._shown(cells), key=key)

    def drop(self, key: str) -> None:
        """Take a row away."""
        del self._rows[key]
        self.remove_row(key)

    def move_to(self, key: str) -> None:
        """Put the cursor on the row of this key."""
        if key in self._rows:
            self.move_cursor(row=self.get_row_index(key))

    def _fit(self, width: int) -> None:
        fitted = fit(self._all_columns, width)
        if fitted != self._fitted:
            self._fitted = fitted
            self._draw()

    def _draw(self) -> None:
        kept, row = self.cursor_key, self.cursor_row
        self.clear(columns=True)
        for number, width in self._fitted:
            self.add_column(self._all_columns[number].title, width=width)
        for key, cells in self._rows.items():
            self.add_row(*self._shown(cells), key=key)
        if kept is not None and kept in self._rows:
            self.move_to(kept)
        elif self._rows:
            self.move_cursor(row=min(row, len(self._rows) - 1))

    def _shown(self, cells: Sequence[Text]) -> list[Text]:
        return [cells[number] for number, _ in self._fitted]
