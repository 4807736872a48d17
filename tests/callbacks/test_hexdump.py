from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitui.callbacks.hexdump import hex_dump


def test_a_dump() -> None:
    assert hex_dump(b"Gr\xc3\xbc\xc3\x9fe \x1b[2J\x00 and more") == (
        "00000000  47 72 c3 bc c3 9f 65 20  1b 5b 32 4a 00 20 61 6e  |Gr....e .[2J. an|\n"
        "00000010  64 20 6d 6f 72 65                                 |d more|"
    )
    assert hex_dump(b"") == ""


@pytest.mark.parametrize(
    ("limit", "lines", "more"), [(0, 1, 100), (16, 2, 84), (100, 7, 0), (-1, 1, 100)]
)
def test_it_is_bounded(limit: int, lines: int, more: int) -> None:
    shown = hex_dump(b"x" * 100, limit).splitlines()
    assert len(shown) == lines
    assert shown[-1].startswith("…") is bool(more)
    if more:
        assert shown[-1] == f"… {more} more bytes"


def test_it_is_what_hexdump_prints() -> None:
    body = bytes(range(256))
    try:
        done = subprocess.run(["hexdump", "-vC"], input=body, capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("there is no hexdump here")
    theirs = done.stdout.decode().splitlines()[:-1]
    assert hex_dump(body).splitlines() == theirs


@given(st.binary(max_size=200))
def test_nothing_in_it_steers_a_terminal(body: bytes) -> None:
    text = hex_dump(body)
    assert text.replace("\n", "").isprintable()
    rows = [line[10:58].replace(" ", "") for line in text.splitlines()]
    assert bytes.fromhex("".join(rows)) == body


def test_narrow_lines() -> None:
    assert hex_dump(b"Gr\xc3\xbc\xc3\x9fe \x1b[2J", columns=8) == (
        "00000000  47 72 c3 bc  c3 9f 65 20  |Gr....e |\n00000008  1b 5b 32 4a               |.[2J|"
    )
