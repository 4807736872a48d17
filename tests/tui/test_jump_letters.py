"""Which letter jumps where."""

from __future__ import annotations

from string import ascii_lowercase

import pytest

from cognitui.tui.jump import letters_for


@pytest.mark.parametrize(
    ("names", "letters"),
    [
        ([], ""),
        (["Filter", "Records"], "fr"),
        (["Target", "Text"], "te"),
        (["Target", "Event", "Text", "Secret", "Body", "What arrived"], "texsbw"),
        (["Payload template", "Preview"], "pr"),
        (["Payload template", "Preview", "Text"], "prt"),
        (["tt", "tt", "tt"], "tab"),
        (["URL", "url"], "ur"),
        (["Größe", "Öl"], "gl"),
        (["1 or 2", "…"], "oa"),
    ],
)
def test_each_part_has_a_letter_of_its_own_name_if_one_is_free(
    names: list[str], letters: str
) -> None:
    assert letters_for(names) == list(letters)


def test_no_letter_is_given_twice_and_when_all_are_taken_the_rest_has_none() -> None:
    letters = letters_for([f"field {number}" for number in range(40)])
    given = [letter for letter in letters if letter]
    assert sorted(given) == list(ascii_lowercase)
    assert letters[26:] == [""] * 14
