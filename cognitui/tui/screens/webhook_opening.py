"""What comes into the editor: a new webhook, a registered one, a copy, a draft of before."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from cognitui.cognigy.errors import ApiError
from cognitui.webhooks.draft import Draft, rebased
from cognitui.webhooks.drafts import key_of, new_key
from cognitui.webhooks.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cognitui.cognigy.models import RegisteredWebhook, Skill
    from cognitui.tui.screens.webhook import WebhookPlace
    from cognitui.webhooks.drafts import KeptDraft

MOVED = "It was changed at the tenant meanwhile: the form shows that, and what you typed."


class Opening:
    """Opens webhooks and drafts in the editor. What was there before stays a draft.

    Args:
        place: The editor.

    Attributes:
        is_base_known: Whether `WebhookPlace.saved` is what the tenant had when the edit began;
            drafts of earlier versions know only the webhook's id.
    """

    def __init__(self, place: WebhookPlace) -> None:
        self._place = place
        self._was_asked = False
        self.is_base_known = True

    def _open(
        self, draft: Draft, key: str, *, saved: Draft, before: RegisteredWebhook | None = None
    ) -> None:
        place, is_new = self._place, draft.webhook_id is None
        place.saved, place.before = saved, before
        place.desk.open(key, None if is_new else saved)
        place.checks.reset()
        place.views.begin(is_new=is_new)
        place.form.load(draft)

    def load(self, draft: Draft) -> None:
        """Put a draft into the form, as one with nothing to lose."""
        key = new_key() if draft.webhook_id is None else key_of(draft.webhook_id, draft.home)
        self.is_base_known = True
        self._open(draft, key, saved=draft)

    def take_back(self) -> None:
        """Give up what was typed."""
        place = self._place
        place.desk.give_up(place.desk.key)
        saved = place.saved if self.is_base_known else Draft()
        key = place.desk.key if saved.webhook_id else new_key()
        self.is_base_known = True
        self._open(saved, key, saved=saved, before=place.before if saved.webhook_id else None)

    # New ones

    def write(self, skill: Skill | None, skills: Sequence[Skill], *, anew: bool = False) -> None:
        """Begin a new webhook.

        Args:
            skill: What it is for.
            skills: The bot's, as far as they are known.
            anew: Not to go on with one that was begun and has no other skill yet.
        """
        self._was_asked = True
        place = self._place
        place.pickers.set_skills(skills)
        is_begun = place.draft.webhook_id is None and place.has_changes
        has_other = skill is not None and place.draft.skill_id.strip() not in {"", skill.id}
        if not is_begun or has_other or anew:
            self._keep_what_is_there()
            self.load(Draft(skill_id=skill.id if skill else ""))
        elif skill is not None:
            place.form.fill("skill_id", skill.id)
        place.form.focus_on("endpoint_url" if skill is not None else "skill_id")

    def duplicate(self, webhook: RegisteredWebhook, skills: Sequence[Skill]) -> None:
        """Begin a new webhook like a registered one."""
        self._place.pickers.set_skills(skills)
        self.copy(Draft.copy_of(webhook), webhook.id)

    def copy(self, draft: Draft, of: str) -> None:
        """Begin a new webhook with all of this in it; none of it is registered yet."""
        self._was_asked = True
        self._keep_what_is_there()
        self.is_base_known = True
        self._open(draft, new_key(), saved=Draft())
        self._place.form.focus_on("endpoint_url")
        self._place.tell(f"A copy of {of}. It needs a secret of its own: F3 makes one.")

    # Registered ones

    def edit(self, webhook: RegisteredWebhook, skills: Sequence[Skill]) -> None:
        """Open a registered webhook, with what was typed about it before."""
        self._was_asked = True
        place = self._place
        place.pickers.set_skills(skills)
        key, now = key_of(webhook.id, place.home), self._draft_of(webhook)
        if place.desk.key != key:
            self._keep_what_is_there()
        kept = place.desk.kept(key)
        draft, words = now, ""
        if kept is not None:
            draft, words = kept.draft, f"Your draft of {webhook.id} is back: F8 takes it back."
            if kept.base is not None and kept.base != now:
                draft, words = rebased(kept.draft, kept.base, now), f"{words} {MOVED}"
        self.is_base_known = True
        self._open(draft, key, saved=now, before=webhook)
        place.form.focus_on("endpoint_url")
        if words:
            place.tell(words)

    def registered(self, webhook: RegisteredWebhook, submitted: Draft, home: str) -> None:
        """What was submitted is what the tenant has now; what was typed since is not."""
        place = self._place
        saved = submitted.with_(webhook_id=webhook.id, home=home)
        place.saved, place.before, self.is_base_known = saved, webhook, True
        place.desk.open(key_of(webhook.id, home), saved)
        place.form.draft = place.draft.with_(webhook_id=webhook.id, home=home)
        place.checks.submitted()
        place.form.refresh_checks()

    def refresh(self, webhook: RegisteredWebhook) -> None:
        """The open webhook is this now: keep what was typed, and show the rest as it is."""
        place, now = self._place, self._draft_of(webhook)
        place.before = webhook
        if self.is_base_known and now == place.saved:
            return
        draft = rebased(place.draft, place.saved, now) if self.is_base_known else place.draft
        place.saved, self.is_base_known = now, True
        place.desk.open(place.desk.key, now)
        place.checks.reset()  # what they said was of another webhook
        place.form.load(draft)

    def _draft_of(self, webhook: RegisteredWebhook) -> Draft:
        return Draft.of(webhook).with_(home=self._place.home)

    # Drafts of before

    async def go_on(self) -> None:
        """Find the drafts on the disk, and go on with the newest unless something else is open."""
        place = self._place
        await place.desk.find()
        kept = place.desk.newest()
        if kept is not None and not self._was_asked and not place.has_changes:
            self.go_on_with(kept)
            others = len(place.desk.others)
            more = f" O lists {counted(others, 'more draft')}." if others else ""
            what = kept.draft.webhook_id or "a new webhook"
            place.tell(f"Your draft of {what} is back, without its secret.{more}")
        place.refresh_bindings()

    def go_on_with(self, kept: KeptDraft) -> None:
        """Open a draft that was kept."""
        self._keep_what_is_there()
        draft = kept.draft
        self.is_base_known = draft.webhook_id is None or kept.base is not None
        saved = kept.base or Draft(webhook_id=draft.webhook_id, home=draft.home)
        self._open(draft, kept.key, saved=saved)
        self.look_again()

    def look_again(self) -> None:
        """See what the tenant has of the open webhook, where only the draft is known."""
        place = self._place
        draft = place.draft
        is_missing = draft.webhook_id is not None and place.before is None
        if is_missing and place.workspace.bot is not None and draft.home == place.home:
            place.start(self._look(draft.webhook_id or ""), "look")

    async def _look(self, webhook_id: str) -> None:
        place = self._place
        # Nobody asked for it: saving will say what is wrong.
        with suppress(ApiError):
            webhook = await place.workspace.client.webhook(place.workspace.bot_id, webhook_id)
            if place.draft.webhook_id == webhook_id and place.before is None:
                was_other = self.is_base_known and self._draft_of(webhook) != place.saved
                self.refresh(webhook)
                if was_other:
                    place.tell(MOVED)

    def _key_of(self, command_id: str) -> str:
        """A command's key, and that esc comes first where it would be typed."""
        key = self._place.app.with_keys(f"{{{command_id}}}")
        return key if self._place.focused is None else f"esc, then {key},"

    def _keep_what_is_there(self) -> None:
        """The last letters too, which were not checked yet."""
        place = self._place
        place.form.take_in()
        if place.has_changes:
            place.desk.note(place.draft, is_dirty=True)
            what = place.draft.webhook_id or "the new webhook"
            key = self._key_of("webhook.drafts")
            place.tell(f"What you typed about {what} is kept as a draft: {key} lists them.")
