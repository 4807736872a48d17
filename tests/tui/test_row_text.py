"""Rows as lines of a given width: pure functions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cognitui.tui.widgets.row_text import (
    Column,
    FlatRows,
    Header,
    Row,
    column_at,
    column_widths,
    fitted,
    header_line,
    row_line,
)

COLUMNS = (
    Column("id", "ID", 10),
    Column("skill", "SKILL", 8, share=1, rank=2, most=12),
    Column("url", "ENDPOINT", 12, share=2, rank=3),
    Column("state", "STATE", 6, rank=1),
)
CELLS = ((("wh_03f2", ""),), (("Order status", ""),), (("https://h.example/x", "muted"),),
         (("off", "muted"),))  # fmt: skip


def text(runs: list[tuple[str, str]]) -> str:
    return "".join(part for part, _ in runs)


@pytest.mark.parametrize(
    ("width", "widths"),
    [
        (5, {"id": 10}),
        (18, {"id": 10, "state": 6}),
        (28, {"id": 10, "skill": 8, "state": 6}),
        (30, {"id": 10, "skill": 10, "state": 6}),
        (42, {"id": 10, "skill": 8, "url": 12, "state": 6}),
        (60, {"id": 10, "skill": 12, "url": 26, "state": 6}),
        (100, {"id": 10, "skill": 12, "url": 66, "state": 6}),
    ],
)
def test_columns_share_the_width_and_the_least_important_go_first(
    width: int, widths: dict[str, int]
) -> None:
    assert column_widths(COLUMNS, width) == widths


def test_a_row_stands_under_its_titles() -> None:
    widths = column_widths(COLUMNS, 42)
    header = header_line(Header("skill", indent=4), COLUMNS, widths, 44)
    line = row_line(Row(CELLS, depth=1), COLUMNS, widths, 44, is_marked=False)
    assert text(header) == "      ID      SKILL ▲   ENDPOINT      STATE "
    assert text(line) == "      wh_03…  Order s…  https://h.e…  off   "


@pytest.mark.parametrize(
    ("row", "is_marked", "shown"),
    [
        (Row(((("Support Bot", ""),),), is_open=True), False, "  ▾ Support Bot                "),
        (
            Row(((("Skills (14)", ""),),), 1, is_open=False),
            False,
            "    ▸ Skills (14)              ",
        ),
        (Row(((("Billing", ""),),), depth=2), True, "●     " + "  Billing                "),
        (
            Row(((("Support Bot", ""),),), is_open=True, tail=(("● healthy", "good"),)),
            False,
            "  ▾ Support Bot       ● healthy",
        ),
        # A tail that has no room goes, and what is left is cut.
        (
            Row(((("An unusually long name of a bot", ""),),), tail=(("x" * 26, ""),)),
            False,
            "    An unusually long name of …",
        ),
    ],
)
def test_a_line_of_one_cell(row: Row, is_marked: bool, shown: str) -> None:
    runs = row_line(row, COLUMNS, column_widths(COLUMNS, 29), 31, is_marked=is_marked)
    assert text(runs) == shown


def test_the_sorted_column_has_a_mark() -> None:
    widths = column_widths(COLUMNS, 60)
    up = text(header_line(Header("id"), COLUMNS, widths, 62))
    down = text(header_line(Header("id", is_descending=True), COLUMNS, widths, 62))
    assert up.startswith("  ID ▲ ")
    assert down.startswith("  ID ▼ ")
    assert "▲" not in text(header_line(Header(), COLUMNS, widths, 62))


@pytest.mark.parametrize(
    ("x", "key"), [(0, "id"), (12, "id"), (14, "skill"), (23, "skill"), (24, "state"), (40, "")]
)
def test_the_column_at_a_place(x: int, key: str) -> None:
    assert column_at(COLUMNS, column_widths(COLUMNS, 28), x) == key


RUNS = st.lists(st.tuples(st.text(alphabet="ab界é ", max_size=8), st.just("")), max_size=4)


@given(RUNS, st.integers(0, 20))
def test_a_fitted_cell_fills_its_width_exactly(runs: list[tuple[str, str]], width: int) -> None:
    shown = text(fitted(tuple(runs), width))
    assert cell_len(shown) == width
    whole = text(runs)
    if cell_len(whole) <= width:
        assert shown == whole.ljust(width - cell_len(whole) + len(whole))
    elif width:
        assert shown.rstrip().endswith("…")


@given(
    st.integers(0, 60),
    st.integers(0, 4),
    st.sampled_from([None, True, False]),
    st.booleans(),
    st.booleans(),
)
def test_every_line_fills_its_width_exactly(
    width: int, depth: int, is_open: bool | None, is_marked: bool, is_whole: bool
) -> None:
    cells = CELLS[:1] if is_whole else CELLS
    widths = column_widths(COLUMNS, width - 2)
    row = Row(cells, depth, is_open)
    assert cell_len(text(row_line(row, COLUMNS, widths, width, is_marked=is_marked))) == width
    assert cell_len(text(header_line(Header("id"), COLUMNS, widths, width))) == width


def test_flat_rows_are_made_when_they_are_looked_at() -> None:
    drawn = []

    def draw(key: str) -> Row:
        drawn.append(key)
        return Row((((key, ""),),))

    rows = FlatRows(["a", "b"], draw, can_mark=True)
    assert (len(rows), rows.key(1), rows.find("b"), rows.find("c")) == (2, "b", 1, None)
    assert (rows.can_mark(1), rows.can_mark(2), rows.parent(1)) == (True, False, None)
    assert drawn == []
    assert rows.row(1) == Row(((("b", ""),),))
    assert drawn == ["b"]
