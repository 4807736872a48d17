"""Toasts that say the same give way, and there are never many."""

from __future__ import annotations

import pytest

from cognitui.tui.toasts import MOST, Toast, Toasts, group_of_error


def toast(text: str, *, group: str = "", is_error: bool = False, until: float = 100.0) -> Toast:
    return Toast(f"id of {text}", text, until, group, is_error)


def texts(toasts: list[Toast]) -> list[str]:
    return [one.text for one in toasts]


def test_the_same_text_is_there_once() -> None:
    toasts = Toasts()
    assert toasts.add(toast("saved"), 1) == []
    assert toasts.add(toast("sent"), 2) == []
    assert texts(toasts.add(toast("saved"), 3)) == ["saved"]
    assert toasts.add(toast("sent again"), 4) == []


def test_a_lost_connection_is_told_once_in_its_newest_words() -> None:
    toasts = Toasts()
    group = group_of_error("connect_failed")
    toasts.add(toast("Nothing answers.", group=group, is_error=True), 1)
    later = toast("It is left alone for 30 s.", group=group_of_error("circuit_open"), is_error=True)
    assert texts(toasts.add(later, 2)) == ["Nothing answers."]


@pytest.mark.parametrize("code", ["forbidden", "not_found", "usage", "bad_request", "unauthorized"])
def test_other_errors_are_news_each(code: str) -> None:
    toasts, group = Toasts(), group_of_error(code)
    assert group == ""
    toasts.add(toast("one", group=group, is_error=True), 1)
    assert toasts.add(toast("two", group=group, is_error=True), 2) == []


def test_when_there_are_too_many_the_oldest_goes_but_errors_last() -> None:
    toasts = Toasts()
    toasts.add(toast("broken", is_error=True), 1)
    for number in range(MOST - 1):
        assert toasts.add(toast(f"news {number}"), 2) == []
    assert texts(toasts.add(toast("more news"), 3)) == ["news 0"]
    for number in range(MOST):
        gone = toasts.add(toast(f"failure {number}", is_error=True), 4)
    assert texts(gone) == ["broken"]


def test_what_has_gone_by_itself_makes_room() -> None:
    toasts = Toasts()
    for number in range(MOST):
        toasts.add(toast(f"news {number}", until=5), 1)
    assert toasts.add(toast("late"), 6) == []
