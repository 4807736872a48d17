"""What Health's list shows: webhooks by what is wrong with them. It knows no widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.fuzzy import Query, fold
from cognitui.network.outcome import Outcome
from cognitui.tui.health_text import course_row, group_row, well_row
from cognitui.tui.widgets.row_sections import Section, SectionRows
from cognitui.webhooks.health.course import Course
from cognitui.webhooks.health.grouping import group, worst_first

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from cognitui.tui.widgets.row_text import Row
    from cognitui.webhooks.health.check import Check, WebhookRef
    from cognitui.webhooks.health.grouping import Group

GROUP, CHECK = "group:", "check:"
WELL = "well"
"""The group of all that nothing is wrong with; folded until somebody asks for it."""
_SEPARATOR = "\n"


class HealthView:
    """The rows that follow from the courses.

    Attributes:
        courses: How each webhook fared, by webhook.
        folds: The groups that the person folded or unfolded.
        has_many_tenants: Whether webhooks of several tenants may be among them.
        typed: What the rows are filtered by; empty for all of them.
    """

    def __init__(self) -> None:
        self.courses: dict[WebhookRef, Course] = {}
        self.folds: dict[str, bool] = {}
        self.has_many_tenants = False
        self.typed = ""
        self._groups: dict[str, Group] = {}
        self._well: list[Check] = []
        self._well_keys: list[str] | None = None
        self._by_key: dict[str, Course] = {}
        self._now: datetime | None = None

    def put(self, courses: Sequence[Course], now: datetime) -> int:
        """Show these courses and no others; how many of them were not known."""
        before, new = self.courses, 0
        self.courses = {}
        for course in courses:
            ref = course.latest.ref
            known = before.get(ref)
            if known is not None and _is_same(known, course):
                self.courses[ref] = known  # what stays costs the collector nothing
            else:
                self.courses[ref] = course
                new += 1
        self._by_key = {_key(ref): course for ref, course in self.courses.items()}
        self.arrange(now)
        return new

    def note(self, check: Check) -> None:
        """Keep what a check has just found; `arrange` shows it, once for many."""
        before = self.courses.get(check.ref)
        if before is not None and check.at in {mark.at for mark in before.marks}:
            return  # it was read meanwhile
        course = Course.after(before, check)
        self.courses[check.ref] = self._by_key[_key(check.ref)] = course

    def drop(self, refs: Collection[WebhookRef]) -> None:
        """Forget these webhooks, and show the others."""
        for ref in refs:
            if self.courses.pop(ref, None) is not None:
                del self._by_key[_key(ref)]
        self._arrange()

    def arrange(self, now: datetime) -> None:
        """Put everything where it belongs, as what was noted may have changed that."""
        self._now = now
        self._arrange()

    def filter(self, typed: str) -> None:
        """Show rows only of webhooks that this matches: by name, endpoint, verdict or cause."""
        self.typed = typed
        self._arrange()

    def _arrange(self) -> None:
        query = Query(self.typed)
        latest = [
            course.latest
            for course in self.courses.values()
            if not query or query.score(_text(course.latest))
        ]
        sick = [check for check in latest if check.outcome is not Outcome.OK]
        self._groups = {one.key: one for one in group(sick)}
        self._well = [check for check in latest if check.outcome is Outcome.OK]
        self._well_keys = None

    @property
    def _well_in_order(self) -> list[str]:
        """The keys of the well; put in order once somebody looks, as most are, and are folded."""
        if self._well_keys is None:
            self._well_keys = [_key(check.ref) for check in worst_first(self._well)]
        return self._well_keys

    def course(self, key: str | None) -> Course | None:
        """What a row is about; ``None`` on a heading."""
        return self._by_key.get((key or "").removeprefix(CHECK))

    def group(self, key: str | None) -> Group | None:
        """The group that a row is the heading of; ``None`` elsewhere, and on that of the well."""
        return self._groups.get((key or "").removeprefix(GROUP))

    def refs(self, key: str | None) -> list[WebhookRef]:
        """The webhooks that a row is about: one, or all of its group."""
        if (course := self.course(key)) is not None:
            return [course.latest.ref]
        if (one := self.group(key)) is not None:
            return [check.ref for check in one.checks]
        return [check.ref for check in self._well] if key == GROUP + WELL else []

    def is_open(self, name: str) -> bool:
        """Whether a group shows its webhooks."""
        return self.folds.get(name, name != WELL or not self._groups)

    def toggle(self, key: str) -> None:
        """Fold or unfold the group of a heading."""
        name = key.removeprefix(GROUP)
        self.folds[name] = not self.is_open(name)

    def rows(self) -> SectionRows:
        """The rows that follow from all this."""
        sections: list[Section] = []
        for name, one in self._groups.items():
            sections.append(Section(GROUP, [name], self._group_row))
            if self.is_open(name):
                keys = [_key(check.ref) for check in one.checks]
                sections.append(Section(CHECK, keys, self._course_row, GROUP + name))
        if self._well:
            sections.append(Section(GROUP, [WELL], self._group_row))
            if self.is_open(WELL):
                sections.append(Section(CHECK, self._well_in_order, self._course_row, GROUP + WELL))
        return SectionRows(sections)

    def _group_row(self, name: str) -> Row:
        if name == WELL:
            return well_row(len(self._well), is_open=self.is_open(name))
        return group_row(self._groups[name], is_open=self.is_open(name))

    def _course_row(self, key: str) -> Row:
        course = self._by_key[key]
        now = self._now or course.latest.at
        return course_row(course, now, with_tenant=self.has_many_tenants)


def _is_same(known: Course, read: Course) -> bool:
    """Whether what was read is what is known already."""
    same_since = known.unhealthy_since == read.unhealthy_since
    same_marks = len(known.marks) == len(read.marks)
    return known.latest.at == read.latest.at and same_since and same_marks


def _text(check: Check) -> str:
    """What a webhook is searched in, as `fuzzy` wants it: names first."""
    names = f"{check.webhook_id}\t{check.bot_id}\t{check.tenant}"
    words = f"{check.verdict} {check.word} {check.blame}"
    return fold(f"{names}\n{check.url} {words}\n{check.group_sentence}")


def _key(ref: WebhookRef) -> str:
    return _SEPARATOR.join(ref)
