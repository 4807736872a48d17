"""What is known of a tenant's bots, skills and webhooks, loaded page by page as somebody looks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cognitui.cognigy.errors import NotFound, NotSupported
from cognitui.cognigy.models import Bot, RegisteredWebhook, Skill
from cognitui.errors import CognituiError
from cognitui.workspace.pace import SPARE_REQUESTS, first_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from pydantic import BaseModel

    from cognitui.cognigy.bots_v1 import CognigyClient
    from cognitui.cognigy.pages import PageReader
    from cognitui.workspace.workspace import Workspace

T = TypeVar("T", Skill, RegisteredWebhook)

FIRST_PAGES = 10
"""Pages of webhooks that are loaded when a bot is opened; those of any usual bot."""


class Listing(Generic[T]):
    """One list of a bot's, as far as it is loaded.

    Attributes:
        items: By id, in the tenant's order.
        problem: Why the next page could not be had; ``None`` once it could.
        is_offered: Whether the tenant has such a list at all.
        edition: Grows when something else happened than that items were added at the end.
    """

    def __init__(self, reader: PageReader[T], keep: Callable[[T], T]) -> None:
        self.items: dict[str, T] = {}
        self.problem: CognituiError | None = None
        self.is_offered = True
        self.edition = 0
        self._reader: PageReader[T] = reader
        self._keep: Callable[[T], T] = keep
        self._turn = asyncio.Lock()

    @property
    def is_complete(self) -> bool:
        """Whether all of it is loaded."""
        return self._reader.is_complete or not self.is_offered

    async def load_page(self) -> None:
        """Load the next page, if there is one; after a failure the same one again.

        Raises:
            ApiError: It could not be had. What was loaded stays.
        """
        # Whoever comes while a page is under way gets the one after it.
        async with self._turn:
            if self.is_complete:
                return
            try:
                page = await self._reader.read()
            except (NotFound, NotSupported) as error:
                if self.items:
                    self.problem = error
                    raise
                self.is_offered = False
                return
            except CognituiError as error:
                self.problem = error
                raise
            self.problem = None
            if page is not None:
                # The second of two with one id would be a line that nobody can get at.
                self.items |= {item.id: self._keep(item) for item in page.items}

    def put(self, item: T) -> None:
        """Keep what an item has become; a new one comes last."""
        self.items[item.id] = self._keep(item)
        self.edition += 1

    def remove(self, item_id: str) -> None:
        """Forget an item that is no more."""
        if self.items.pop(item_id, None) is not None:
            self.edition += 1


class LoadedBot:
    """A bot, and what is loaded of it."""

    def __init__(self, bot: Bot, client: CognigyClient, keep: Sharing) -> None:
        self.bot = bot
        self.skills: Listing[Skill] = Listing(client.skills(bot.id).reader(), lambda skill: skill)
        self.webhooks: Listing[RegisteredWebhook] = Listing(
            client.webhooks(bot.id).reader(), keep.webhook
        )

    @property
    def is_complete(self) -> bool:
        """Whether all of it is loaded."""
        return self.skills.is_complete and self.webhooks.is_complete

    @property
    def problem(self) -> CognituiError | None:
        """Why it is not."""
        return self.skills.problem or self.webhooks.problem

    def skill_name(self, webhook: RegisteredWebhook) -> str:
        """The name of a webhook's skill; its id while the name is not known."""
        skill = self.skills.items.get(webhook.skill_id)
        return skill.name if skill is not None and skill.name else webhook.skill_id


class Catalogue:
    """What is known of the open tenant.

    Attributes:
        bots: By id, in the tenant's order.
        lists_bots: Whether the tenant can list its bots; ``None`` until it was asked.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._sharing = Sharing()
        self._hurry = asyncio.Event()
        self._fresh: LoadedBot | None = None
        self.bots: dict[str, LoadedBot] = {}
        self.lists_bots: bool | None = None

    def clear(self) -> None:
        """Another tenant was opened."""
        self.bots, self.lists_bots, self._fresh = {}, None, None
        self._sharing = Sharing()

    @property
    def chosen(self) -> LoadedBot | None:
        """What is loaded of the chosen bot; ``None`` when none is chosen."""
        bot = self._workspace.bot
        return self.open(bot) if bot is not None else None

    def open(self, bot: Bot) -> LoadedBot:
        """What is loaded of a bot, which may be nothing so far."""
        if bot.id not in self.bots:
            self.bots[bot.id] = LoadedBot(bot, self._workspace.client, self._sharing)
        return self.bots[bot.id]

    async def load_bots(self) -> None:
        """Find out which bots there are; what is loaded of them stays.

        Raises:
            ApiError: The tenant did not answer.
        """
        workspace = self._workspace
        try:
            listed = await workspace.client.bots().all()
            self.lists_bots = True
        except (NotFound, NotSupported):
            listed, self.lists_bots = [], False
        workspace.tenant_answered()
        known, self.bots = self.bots, {}
        if workspace.bot is not None and all(bot.id != workspace.bot.id for bot in listed):
            listed = [workspace.bot, *listed]
        for bot in listed:
            self.bots[bot.id] = loaded = known.get(bot.id) or self.open(bot)
            loaded.bot = bot

    async def load_first(self, loaded: LoadedBot) -> None:
        """Load a bot's skills and its first webhooks, all of them for any usual bot.

        Raises:
            ApiError: A page could not be had.
        """
        for _ in range(FIRST_PAGES):
            await asyncio.gather(loaded.skills.load_page(), loaded.webhooks.load_page())
            if loaded.is_complete:
                break
        self._count(loaded)

    async def load(self, loaded: LoadedBot) -> AsyncIterator[None]:
        """Load the rest of a bot's skills and webhooks, pausing after each page.

        It leaves half of what the key may do in a minute to others, until somebody is in a `hurry`.

        Raises:
            ApiError: A page could not be had; the next call goes on with it.
        """
        client = self._workspace.client
        while not loaded.is_complete:
            half = client.requests_per_minute // 2
            await first_of(client.wait_for_room(half), self._hurry.wait())
            await client.wait_for_room(SPARE_REQUESTS)
            listing = loaded.webhooks if loaded.skills.is_complete else loaded.skills
            await listing.load_page()
            yield
        self._count(loaded)

    async def reload(self, bot: Bot) -> AsyncIterator[LoadedBot]:
        """Load a bot anew; what was loaded before stays in its place until all of it is there.

        Raises:
            ApiError: A page could not be had; nothing has changed then.
        """
        self._fresh = fresh = LoadedBot(bot, self._workspace.client, self._sharing)
        async for _ in self.load(fresh):
            yield fresh
        self.bots[bot.id] = fresh

    def hurry(self, *, on: bool) -> None:
        """Somebody waits for the rest, or nobody does any more."""
        if on:
            self._hurry.set()
        else:
            self._hurry.clear()

    def put(self, bot_id: str, webhook: RegisteredWebhook) -> None:
        """A webhook was registered or changed."""
        for loaded in self._loaded(bot_id):
            loaded.webhooks.put(webhook)

    def remove(self, bot_id: str, webhook_id: str) -> None:
        """A webhook was deleted."""
        for loaded in self._loaded(bot_id):
            loaded.webhooks.remove(webhook_id)

    def _loaded(self, bot_id: str) -> list[LoadedBot]:
        """What is loaded of a bot, also what is being loaded anew."""
        both = (self.bots.get(bot_id), self._fresh)
        return [each for each in both if each is not None and each.bot.id == bot_id]

    def _count(self, loaded: LoadedBot) -> None:
        bot = self._workspace.bot
        if loaded.webhooks.is_complete and bot is not None and bot.id == loaded.bot.id:
            self._workspace.webhooks_used = len(loaded.webhooks.items)


class Sharing:
    """Makes webhooks share what is equal in them: ten thousand take less than half the memory."""

    def __init__(self) -> None:
        self._models: dict[tuple[type[BaseModel], str], BaseModel] = {}
        self._texts: dict[str, str] = {}
        self._names: dict[frozenset[str], set[str]] = {}

    def webhook(self, webhook: RegisteredWebhook) -> RegisteredWebhook:
        """An equal webhook."""
        auth, names = webhook.auth, webhook.model_fields_set
        parts: dict[str, Any] = {
            "skill_id": self._texts.setdefault(webhook.skill_id, webhook.skill_id),
            # Two that differ in the secret alone look the same as JSON.
            "auth": self._shared(auth) if auth.secret is None else auth,
            "delivery": self._shared(webhook.delivery),
            "triggers": tuple(self._shared(trigger) for trigger in webhook.triggers),
        }
        # A copy would have a set of its own of what it was given, as large as everything else.
        return RegisteredWebhook.model_construct(
            self._names.setdefault(frozenset(names), names), **(dict(webhook) | parts)
        )

    def _shared(self, model: BaseModel) -> BaseModel:
        """An equal model that was seen before, or this one from now on."""
        return self._models.setdefault((type(model), model.model_dump_json()), model)
