from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cognitui.webhooks.health.turns import Turns


def test_a_busy_host_is_passed_over() -> None:
    turns: Turns[int] = Turns(2)
    for item in range(4):
        turns.put("slow", item)
    turns.put("other", 9)
    assert [turns.take(), turns.take(), turns.take()] == [("slow", 0), ("other", 9), ("slow", 1)]
    assert turns.take() is None
    assert len(turns) == 2
    turns.done("slow")
    assert turns.take() == ("slow", 2)
    assert turns.take() is None
    turns.done("slow")
    turns.done("slow")
    assert turns.take() == ("slow", 3)
    assert turns.take() is None
    assert len(turns) == 0


@given(st.data())
def test_all_get_their_turn_once_in_order_and_no_host_is_asked_by_too_many(
    data: st.DataObject,
) -> None:
    most = data.draw(st.integers(1, 4))
    hosts = data.draw(st.lists(st.integers(0, 3), max_size=40))
    turns: Turns[int] = Turns(most)
    waiting = list(enumerate(hosts))
    under_way: list[int] = []
    taken: dict[int, list[int]] = {}
    while waiting or under_way or len(turns):
        choices = [name for name, on in (("put", waiting), ("done", under_way)) if on]
        choice = data.draw(st.sampled_from([*choices, "take"]))
        if choice == "put":
            item, host = waiting.pop(0)
            turns.put(host, item)
        elif choice == "done":
            turns.done(under_way.pop(data.draw(st.integers(0, len(under_way) - 1))))
        elif (turn := turns.take()) is not None:
            under_way.append(turn[0])  # type: ignore[arg-type]
            taken.setdefault(turn[0], []).append(turn[1])  # type: ignore[arg-type]
            assert under_way.count(turn[0]) <= most  # type: ignore[arg-type]
        else:
            # Nobody waits in vain: each host that has somebody waiting is full.
            assert len(turns) == 0 or under_way
            if not choices:
                break
    assert sorted(item for items in taken.values() for item in items) == list(range(len(hosts)))
    assert all(items == sorted(items) for items in taken.values())
