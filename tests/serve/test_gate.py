"""Who is let in, decided without a socket."""

from __future__ import annotations

import pytest

from cognitui.serve.gate import Gate, Visit, authority, is_loopback, new_token

TOKEN = "the token of this server"
GATE = Gate(frozenset({"127.0.0.1", "Bench.example."}), TOKEN)
OPEN = Gate()


def visit(host: str = "127.0.0.1:8000", **more: object) -> Visit:
    return Visit(host=host, **{"token": TOKEN, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8000",
        "localhost:8000",
        "LOCALHOST",
        "localhost.",
        "[::1]:8000",
        "192.168.1.7:80",
        "bench.example:8000",
        "BENCH.example",
    ],
)
def test_by_the_names_of_this_machine(host: str) -> None:
    assert GATE.refusal(visit(host)) == ""


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example:8000",
        "localhost.evil.example",
        "evil.example@localhost",
        "localhost:port",
        "localhost:99999",
        "[::1",
        "2130706433",
    ],
)
@pytest.mark.parametrize("gate", [GATE, OPEN])
def test_not_by_a_name_that_somebody_else_gave_it(host: str, gate: Gate) -> None:
    assert "does not go by that name" in gate.refusal(visit(host))


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://127.0.0.1:9000",
        "http://localhost:8000",
        "file://127.0.0.1:8000",
        "null",
        "",
        "http://[",
    ],
)
@pytest.mark.parametrize("gate", [GATE, OPEN])
def test_not_from_another_origin(origin: str, gate: Gate) -> None:
    for is_websocket in (False, True):
        refusal = gate.refusal(visit(origin=origin, is_websocket=is_websocket))
        assert refusal == "Another page may not use this console."


def test_a_page_of_its_own_may_and_so_may_a_plain_visit_without_an_origin() -> None:
    for origin in ("http://127.0.0.1:8000", "https://127.0.0.1:8000"):
        assert GATE.refusal(visit(origin=origin, is_websocket=True)) == ""
    assert GATE.refusal(visit(origin=None)) == ""
    assert GATE.refusal(visit(origin=None, is_websocket=True)) != ""


@pytest.mark.parametrize("token", ["", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "ü", "\udcff"])
def test_not_with_another_token(token: str) -> None:
    for given in ({"token": token}, {"token": None, "cookie": token}):
        assert "its token" in GATE.refusal(visit(**given))
    # Somebody who has a cookie still learns that the address is wrong.
    assert "its token" in GATE.refusal(visit(token=token, cookie=TOKEN))


def test_the_token_comes_in_the_address_or_the_cookie() -> None:
    assert GATE.refusal(visit()) == ""
    assert GATE.refusal(visit(token=None, cookie=TOKEN)) == ""
    assert "its token" in GATE.refusal(visit(token=None))


def test_no_refusal_tells_the_token() -> None:
    for wrong in (visit("evil.example"), visit(origin="null"), visit(token="guess")):
        assert TOKEN not in GATE.refusal(wrong)
    assert TOKEN not in repr(GATE)


def test_without_a_token_whoever_gets_this_far_is_let_in() -> None:
    assert OPEN.refusal(visit(token=None)) == ""
    assert OPEN.refusal(visit(token="anything")) == ""
    assert OPEN.url("127.0.0.1", 80) == "http://127.0.0.1:80/"


def test_the_address_has_the_token() -> None:
    token = new_token()
    assert Gate(token=token).url("::1", 8000) == f"http://[::1]:8000/?token={token}"
    assert len(token) >= 43
    assert token != new_token()


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("LocalHost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("bench.example", False),
    ],
)
def test_what_only_this_machine_can_reach(host: str, answer: bool) -> None:
    assert is_loopback(host) is answer


def test_an_authority_is_what_a_url_has() -> None:
    assert authority("127.0.0.1", 1) == "127.0.0.1:1"
    assert authority("::1", 1) == "[::1]:1"
