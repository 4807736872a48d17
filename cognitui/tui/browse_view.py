"""What Browse's list shows of a catalogue: filtered, sorted, folded. It knows no widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.display import safe_text
from cognitui.cognigy.models import Bot, RegisteredWebhook, Skill
from cognitui.tui.browse_cells import (
    HEADER_INDENT,
    bot_row,
    bot_text,
    group_row,
    note_row,
    skill_row,
    skill_text,
    webhook_row,
    webhook_text,
)
from cognitui.tui.browse_filter import BrowseFilter
from cognitui.tui.browse_order import BrowseOrder, Sort
from cognitui.tui.widgets.row_sections import Section, SectionRows
from cognitui.tui.widgets.row_text import Header

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from cognitui.fuzzy import Match
    from cognitui.network.outcome import Outcome
    from cognitui.tui.widgets.row_text import Row, Run
    from cognitui.webhooks.endpoint_report import EndpointReport
    from cognitui.workspace import Workspace
    from cognitui.workspace.catalogue import LoadedBot

Item = Bot | Skill | RegisteredWebhook
BOT, GROUP, SKILL, WEBHOOK, NOTE = "bot:", "group:", "skill:", "webhook:", "note:"
SKILLS, WEBHOOKS = "skills", "webhooks"
STATUS = 16


class BrowseView:
    """The state of the list, and the rows that follow from it.

    Args:
        workspace: What it is about.
        keys: Puts the keys of commands into a text, as the app's ``with_keys``.

    Attributes:
        filter: What is typed, and what it finds.
        order: How webhooks are sorted.
        marked: How many webhooks are marked.
        activity: What is being done about the webhooks, in a word or two.
        columns: The columns that there is room for.
        doing: What is being done to single webhooks, by their ids, in a word.
        folds: The branches that the person folded or unfolded.
    """

    def __init__(self, workspace: Workspace, keys: Callable[[str], str]) -> None:
        self._workspace = workspace
        self._keys = keys
        self.filter = BrowseFilter()
        self.order = BrowseOrder()
        self.marked = 0
        self.activity = ""
        self.columns: Collection[str] = ()
        self.doing: dict[str, str] = {}
        self.folds: dict[str, bool] = {}
        self._reports: dict[str, EndpointReport] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._reports_edition = 0

    def clear(self) -> None:
        """Another tenant was opened: only what the person chose stays."""
        self._reports, self._outcomes, self.activity, self.marked = {}, {}, "", 0
        self._reports_edition += 1
        self.filter.forget()

    # Things

    @property
    def chosen(self) -> LoadedBot | None:
        """What is loaded of the bot that is worked with."""
        bot = self._workspace.bot
        return self._workspace.catalogue.bots.get(bot.id) if bot is not None else None

    def item(self, key: str | None) -> Item | None:
        """What a row is about; ``None`` for groups and notes."""
        kind, _, name = (key or "").partition(":")
        loaded = self._workspace.catalogue.bots.get(name)
        if kind == "bot" and loaded is not None:
            return loaded.bot
        chosen = self.chosen
        if kind == "skill" and chosen is not None:
            return chosen.skills.items.get(name)
        if kind == "webhook" and chosen is not None:
            return chosen.webhooks.items.get(name)
        return None

    def report(self, webhook_id: str) -> EndpointReport | None:
        """What the last check of a webhook's endpoint found out."""
        return self._reports.get(webhook_id)

    def note_report(self, webhook_id: str, report: EndpointReport) -> None:
        """Keep what a check found out."""
        self._reports[webhook_id] = report
        self._outcomes[webhook_id] = report.outcome
        self._reports_edition += 1

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        """How the last check of each webhook that was checked ended, by the webhook's id."""
        return self._outcomes

    def webhook_ids(self) -> Sequence[str]:
        """The ids of the webhooks that are shown, in order."""
        if (loaded := self.chosen) is None:
            return []
        ids = self.order.ids(loaded, self._outcomes, self._reports_edition)
        found = self.filter.found
        return ids if found is None else self.order.narrowed(found, ids)

    # Folding

    def is_open(self, branch: str) -> bool:
        """Whether a branch shows what is below it.

        Skills are folded where there are webhooks, so that those are in view at once.
        """
        loaded = self.chosen
        if branch == SKILLS and loaded is not None:
            has_none = loaded.webhooks.is_complete and not loaded.webhooks.items
            return self.folds.get(SKILLS, has_none or bool(self.filter.query))
        return self.folds.get(branch, True)

    def toggle(self, key: str) -> None:
        """Fold or unfold the branch of a row."""
        branch = key.removeprefix(GROUP)
        self.folds[branch] = not self.is_open(branch)

    # Rows

    def header(self) -> Header:
        """The line above them."""
        return Header(self.order.sort, self.order.is_descending, HEADER_INDENT)

    def rows(self) -> SectionRows:
        """The rows that follow from all this."""
        chosen = self.chosen
        names = list(self._workspace.catalogue.bots)
        at = names.index(chosen.bot.id) if chosen is not None else len(names)
        sections = [Section(BOT, self._matching_bots(names[:at]), self._bot_row)]
        if chosen is not None:
            sections.append(Section(BOT, [chosen.bot.id], self._bot_row))
            if self.is_open(BOT + chosen.bot.id):
                sections += self._sections(chosen)
        rest = self._matching_bots(names[at + 1 :])
        return SectionRows([*sections, Section(BOT, rest, self._bot_row)])

    def _sections(self, loaded: LoadedBot) -> list[Section]:
        parent, sections = BOT + loaded.bot.id, list[Section]()
        skills = [
            name
            for name, skill in loaded.skills.items.items()
            if not self.filter.query or self._match(skill_text(skill))
        ]
        if skills or not self.filter.query:
            sections.append(Section(GROUP, [SKILLS], self._group_row, parent))
            if self.is_open(SKILLS):
                sections.append(Section(SKILL, skills, self._skill_row, GROUP + SKILLS))
        sections.append(Section(GROUP, [WEBHOOKS], self._group_row, parent))
        if self.is_open(WEBHOOKS):
            ids, below = self.webhook_ids(), GROUP + WEBHOOKS
            sections.append(Section(WEBHOOK, ids, self._webhook_row, below, can_mark=True))
            notes = self._notes(loaded, is_empty=not ids)
            sections.append(Section(NOTE, list(notes), lambda name: note_row(*notes[name]), below))
        return sections

    def _match(self, text: str) -> Match | None:
        return self.filter.query.match(text) if self.filter.query else None

    def _matching_bots(self, names: list[str]) -> list[str]:
        bots = self._workspace.catalogue.bots
        if not self.filter.query:
            return names
        return [name for name in names if self._match(bot_text(bots[name].bot))]

    def _bot_row(self, name: str) -> Row:
        bot, chosen = self.item(BOT + name), self._workspace.bot
        if not isinstance(bot, Bot):
            return note_row("")
        status = self._workspace.bot_status
        is_chosen = chosen is not None and chosen.id == name
        health: Run | None = None
        if is_chosen and status is not None:
            word = safe_text(status.status, STATUS)
            health = (f"● {word}", "good") if status.is_healthy else (f"▲ {word}", "warn")
        is_open = is_chosen and self.is_open(BOT + name)
        return bot_row(bot, is_open=is_open, health=health, match=self._match(bot_text(bot)))

    def _group_row(self, name: str) -> Row:
        if (loaded := self.chosen) is None:
            return note_row("")
        listing, title = (
            (loaded.skills, "Skills") if name == SKILLS else (loaded.webhooks, "Webhooks")
        )
        counts, tails = str(len(listing.items)), list[str]()
        if name == WEBHOOKS:
            counts += f"/{self._workspace.status.webhook_limit}"
            tails += [f"{self.marked} marked"] if self.marked else []
            tails += [f"{len(self.webhook_ids())} match"] if self.filter.query else []
            tails += [f"by {self.order.sort}"] if self._is_sort_out_of_view else []
            tails += [self.activity] if self.activity else []
        if not listing.is_offered:
            counts, tails = "–", ["not listed by this tenant"]
        more = "" if listing.is_complete else " …"
        return group_row(title, counts, more, " · ".join(tails), is_open=self.is_open(name))

    @property
    def _is_sort_out_of_view(self) -> bool:
        """Whether the column that would say what is sorted by is not there."""
        sort = self.order.sort
        return bool(self.columns) and sort is not Sort.TENANT and sort not in self.columns

    def _skill_row(self, name: str) -> Row:
        skill = self.item(SKILL + name)
        if not isinstance(skill, Skill):
            return note_row("")
        return skill_row(skill, self._match(skill_text(skill)))

    def _webhook_row(self, name: str) -> Row:
        hook, loaded = self.item(WEBHOOK + name), self.chosen
        if not isinstance(hook, RegisteredWebhook) or loaded is None:
            return note_row("")
        skill = loaded.skill_name(hook)
        match = self._match(webhook_text(hook, skill))
        return webhook_row(hook, skill, self.report(name), match, self.doing.get(name, ""))

    def _notes(self, loaded: LoadedBot, *, is_empty: bool) -> dict[str, tuple[str, str]]:
        """What stands below the last webhook."""
        if loaded.problem is not None:
            return {
                "problem": (f"✗ {loaded.problem.message}", "bad"),
                "hint": (self._keys("{browse.reload} goes on from here"), "muted"),
            }
        if not is_empty:
            return {}
        if not loaded.webhooks.is_complete:
            return {"loading": ("◌ loading …", "muted")}
        if self.filter.query and loaded.webhooks.items:
            return {"no-match": ("nothing matches · esc clears it", "muted")}
        if not loaded.webhooks.is_offered:
            return {}
        return {"empty": (self._keys("no webhooks yet · {browse.new} writes one"), "muted")}
