"""What tables leave out of their types."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.widgets import DataTable
    from textual.widgets.data_table import RowKey


def key_of(event: DataTable.RowHighlighted) -> str:
    """The key of the row under the cursor; empty when the row is gone by the time it is told."""
    key: RowKey | None = event.row_key
    return "" if key is None else str(key.value)
