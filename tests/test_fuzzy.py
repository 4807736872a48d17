"""What a few typed letters find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitui.fuzzy import Match, Query, Search, find, fold

WEBHOOKS = (
    "wh_03f2\tOrder status\nskill_67890\nhttps://hooks.acme.example/cognigy/order-status",
    "wh_11b0\tBilling\nskill_100012\nhttps://hooks.acme.example/cognigy/billing",
    "wh_1103\tOrder hardware\nskill_103047\nhttps://hooks.acme.example/cognigy/order-hardware",
    "wh_f203\tSmall talk\nskill_100130\nhttps://hooks.acme.example/03f2",
)
# Few letters, so that they meet; separators, and characters that lower case makes longer.
TEXT = st.text(alphabet="abcAB01_-/. \tİß²", max_size=24)
LINES = st.lists(TEXT, min_size=1, max_size=3).map("\n".join)
TYPED = st.text(alphabet="abAB01_-. İß²", max_size=6)


def ids(typed: str) -> list[str]:
    return [WEBHOOKS[number].partition("\t")[0] for number in find(typed, WEBHOOKS)]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ["wh_03f2", "wh_11b0", "wh_1103", "wh_f203"]),
        ("  ", ["wh_03f2", "wh_11b0", "wh_1103", "wh_f203"]),
        # All of an id, then what contains it elsewhere.
        ("wh_03f2", ["wh_03f2"]),
        ("03f2", ["wh_03f2", "wh_f203"]),
        # The start of a word before the middle of one.
        ("03", ["wh_03f2", "wh_f203", "wh_1103"]),
        ("BILL", ["wh_11b0"]),
        ("order", ["wh_03f2", "wh_1103"]),
        # Beginnings of words, letters left out, words in any order.
        ("ordst", ["wh_03f2"]),
        ("odst", ["wh_03f2"]),
        ("oh", ["wh_1103"]),
        ("bllng", ["wh_11b0"]),
        ("hard 11", ["wh_1103"]),
        ("hard 03f", []),
        # A URL is found by what stands in it, and not by letters strewn over it.
        ("acme.ex", ["wh_03f2", "wh_11b0", "wh_1103", "wh_f203"]),
        ("hac", []),
        ("zebra", []),
    ],
)
def test_found(typed: str, found: list[str]) -> None:
    assert ids(typed) == found


@pytest.mark.parametrize(
    ("typed", "text", "shown"),
    [
        ("status", "Order status", "      ^^^^^^"),
        ("ordst", "Order status", "^^^   ^^    "),
        ("ods", "Order status", "^ ^   ^"),
        ("bllng", "Billing", "^ ^^ ^^"),
        # Where a word begins, rather than where the letters come first.
        ("art", "Chart art", "      ^^^"),
        ("a r", "art bar", "^^"),
        ("i", "İi", " ^"),
    ],
)
def test_the_matched_letters(typed: str, text: str, shown: str) -> None:
    match = Query(typed).match(text)
    assert match is not None
    marks = "".join("^" if at in match.positions else " " for at in range(len(text)))
    assert marks.rstrip() == shown.rstrip()


def test_what_does_not_match_has_no_letters() -> None:
    assert Query("xyz").match("Order status") is None


@pytest.mark.parametrize(
    "better_first",
    [
        ("wh_1\tBilling", "wh_12\tBilling"),
        ("b\tbill", "b\tthe bill", "b\tbills", "b\ttwobill", "b\tblablaill"),
        ("bill\tother", "other\tbill"),
    ],
)
def test_better_matches_have_higher_scores(better_first: tuple[str, ...]) -> None:
    query = Query("wh_1" if better_first[0].startswith("wh") else "bill")
    scores = [query.score(text) for text in better_first]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


@given(TYPED, LINES)
def test_matched_letters_are_the_typed_ones_in_order(typed: str, text: str) -> None:
    match = Query(typed).match(text)
    words = fold(typed).split()
    if match is None:
        assert not Query(typed) or not all(word in fold(text) for word in words)
        return
    assert match.score > 0
    assert list(match.positions) == sorted(set(match.positions))
    shown = [fold(text)[at] for at in match.positions]
    for word in words:
        letters = iter(shown)
        assert all(letter in letters for letter in word)


@given(TYPED, LINES)
def test_scores_with_and_without_letters_agree(typed: str, text: str) -> None:
    match = Query(typed).match(text)
    assert Query(typed).score(fold(text)) == (match.score if match else 0)


@given(TYPED, LINES)
def test_what_matches_matches_what_was_typed_before(typed: str, text: str) -> None:
    if Query(typed[:-1]) and Query(typed).match(text):
        assert Query(typed[:-1]).match(text)


@given(TEXT.filter(str.strip), st.data())
def test_a_part_of_the_text_finds_it(text: str, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(begin + 1, len(text)))
    if Query(text[begin:end]):
        assert Query(text[begin:end]).match(text)


@given(TEXT)
def test_folding_keeps_every_character_in_its_place(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(TYPED, st.lists(LINES, max_size=8))
def test_slices_and_narrowing_find_what_one_search_finds(typed: str, texts: list[str]) -> None:
    folded = [fold(text) for text in texts]
    whole = find(typed, texts)
    before = find(typed[:-1], texts)
    if not Query(typed):
        assert whole == list(range(len(texts)))
        return
    search = Search(Query(typed), folded, sorted(before))
    while not search.advance(0):
        pass
    assert search.ranked() == whole


@given(TYPED.filter(Query), st.lists(LINES, max_size=8), st.integers(0, 8))
def test_what_comes_later_is_found_too(typed: str, texts: list[str], at: int) -> None:
    folded = [fold(text) for text in texts[:at]]
    search = Search(Query(typed), folded)
    search.advance()
    folded += [fold(text) for text in texts[at:]]
    search.extend(range(len(texts[:at]), len(texts)))
    while not search.advance(0):
        pass
    assert search.ranked() == find(typed, texts)


def test_a_search_lets_others_have_their_turn() -> None:
    folded = [fold(text) for text in WEBHOOKS * 500]
    search = Search(Query("order"), folded)
    turns = 1
    while not search.advance(0):
        turns += 1
    assert turns == len(folded) // 200
    assert len(search.ranked()) == 1000


def test_the_worst_words_end() -> None:
    """Letters that occur all over make many ways; each is gone once."""
    text = fold("a " * 40 + "ab" * 40 + "\n" + "a" * 4000)
    assert Query("a" * 30 + "c").match(text) is None
    assert isinstance(Query("a" * 30 + "b").match(text), Match)
