"""The lists that the editor chooses from, and the skills of the bot that it knows by name."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cognitui.callbacks.template import PLACEHOLDERS
from cognitui.cognigy.errors import NotFound, NotSupported
from cognitui.errors import CognituiError
from cognitui.tui.screens.picker import Choice, Picker
from cognitui.webhooks.draft import narrowed, preview, wire_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from cognitui.cognigy.models import Bot, Skill
    from cognitui.tui.screens.webhook import WebhookPlace

PLACEHOLDER_WORDS = {
    "skillId": "the skill that the event happened in",
    "trigger": "the event's name",
    "timestamp": "when, in ms since 1970",
    "sessionId": "the conversation",
    "message.text": "what the user said",
    "message.type": "the kind of message, such as text",
}
COPIES = (
    Choice("curl", "curl", "a script for bash or zsh; secrets come from the environment"),
    Choice("python", "Python", "a script with the cognitui package; secrets likewise"),
    Choice("file", "webhook file", "for `cognitui webhooks register`; the secret likewise"),
    Choice("json", "JSON", "what will be sent, without the secret"),
)


class Pickers:
    """Skills, bots, placeholders, and forms to copy a webhook in.

    Args:
        place: The editor.
    """

    def __init__(self, place: WebhookPlace) -> None:
        self._place = place
        self._skills: list[Skill] = []
        self._state = ""

    # Skills

    def set_skills(self, skills: Sequence[Skill]) -> None:
        """The bot's skills are known already."""
        if skills:
            self._skills, self._state = list(skills), "loaded"
            self._show()

    def forget_skills(self) -> None:
        """Another bot was chosen."""
        self._skills, self._state = [], ""
        self._show()

    def load_skills(self) -> None:
        """Load the bot's skills beside the interface, unless they are known."""
        place = self._place
        if self._state == "" and place.workspace.bot is not None:
            self._state = "loading"
            place.start(self._load_skills(), "skills")

    async def _load_skills(self) -> None:
        # Nobody asked for them: choosing one will say what is wrong.
        with suppress(CognituiError):
            async for _ in self._skill_pages():
                continue

    async def _skill_pages(self) -> AsyncIterator[Sequence[Choice]]:
        """The bot's skills, page by page; what was loaded is remembered."""
        place = self._place
        bot_id = place.workspace.bot_id
        found: list[Skill] = []
        try:
            async for page in place.workspace.client.skills(bot_id).pages():
                found += page.items
                if self._is_still(bot_id):
                    self._skills = found
                    self._show()
                yield [_skill_choice(skill) for skill in page.items]
        except (NotFound, NotSupported):
            self._state = "not listed"
            self._show()
            raise
        except CognituiError:
            self._state = ""
            self._show()
            raise
        if self._is_still(bot_id):
            self._state = "loaded"
            self._show()

    def _is_still(self, bot_id: str) -> bool:
        bot = self._place.workspace.bot
        return bot is not None and bot.id == bot_id

    def _show(self) -> None:
        if self._place.is_mounted:
            self._place.form.set_skills(self._skills, self._state)

    async def pick_skill(self) -> None:
        """Choose a skill; where they cannot be listed, take the id that is typed."""
        place = self._place
        bot = place.workspace.bot
        is_loaded = self._state == "loaded"
        picker = Picker(
            f"Choose a skill of {(bot.name or bot.id) if bot else 'no bot'}",
            [_skill_choice(skill) for skill in self._skills] if is_loaded else [],
            empty="no skill matches",
            noun="skill",
            more=None if is_loaded else self._skill_pages(),
            typed="use {} as the id",
        )
        chosen = await place.app.push_screen_wait(picker)
        if chosen is not None:
            place.form.fill("skill_id", chosen)
            place.form.focus_on("endpoint_url")

    # Bots

    async def pick_bot(self) -> None:
        """Choose the bot to work with, here and everywhere."""
        place = self._place
        bots: dict[str, Bot] = {}

        async def pages() -> AsyncIterator[Sequence[Choice]]:
            found = await place.workspace.bots()
            bots.update((bot.id, bot) for bot in found)
            yield [Choice(bot.id, bot.name or bot.id, bot.id) for bot in found]

        picker = Picker(
            "Work with which bot?", [], empty="no bot matches", noun="bot", more=pages()
        )
        chosen = await place.app.push_screen_wait(picker)
        if chosen is None or self._is_still(chosen):
            return
        place.workspace.choose_bot(bots[chosen])
        place.app.tenant_changed()
        await place.workspace.refresh_bot_status()
        await place.workspace.list_webhooks()

    # The template, and copies

    async def pick_placeholder(self) -> None:
        """Insert a placeholder where the cursor of the template is."""
        choices = [
            Choice(f"{{{{{name}}}}}", f"{{{{{name}}}}}", PLACEHOLDER_WORDS[name])
            for name in PLACEHOLDERS
        ]
        picker = Picker("Insert which placeholder?", choices, empty="no placeholder matches")
        chosen = await self._place.app.push_screen_wait(picker)
        if chosen is not None:
            area = self._place.form.template.area
            area.focus()
            area.replace(chosen, *area.selection)

    async def copy_as(self) -> None:
        """Copy the webhook in a form of the person's choice."""
        place = self._place
        chosen = await place.app.push_screen_wait(Picker("Copy as", COPIES, empty="no such form"))
        if chosen is None:
            return
        text, words = self._copy(chosen)
        place.app.copy_to_clipboard(text)
        place.tell(f"{words} was sent to the terminal's clipboard, without any secret.")

    def _copy(self, form: str) -> tuple[str, str]:
        from cognitui.webhooks.copy_as import Target, as_curl, as_file, as_python

        place = self._place
        workspace, draft = place.workspace, place.draft
        target = Target(workspace.client.base_url, workspace.bot_id, draft.webhook_id)
        match form:
            case "curl":
                return as_curl(target, self._request()), "A curl script"
            case "python":
                return as_python(target, self._request()), "A Python script"
            case "file":
                name, text = as_file(target, wire_of(draft))
                return text, f"The text of {name}"
        return preview(draft), "The JSON"

    def _request(self) -> dict[str, Any]:
        """What would be asked for: of an edit, only what was changed, where anything was."""
        place, change = self._place, self._place.form.checked.change
        if change is not None:
            return narrowed(change, place.draft, place.saved).to_wire() or wire_of(place.draft)
        return wire_of(place.draft)


def _skill_choice(skill: Skill) -> Choice:
    return Choice(skill.id, skill.name or skill.id, skill.id)
