"""Lists that come page by page, as async iterators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from cognitui.cognigy.answers import parse
from cognitui.cognigy.errors import OriginRefused
from cognitui.cognigy.operation import Operation
from cognitui.cognigy.origin import resolve_page_link

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cognitui.cognigy.pipeline import Pipeline

T = TypeVar("T", bound=BaseModel)

MAX_PAGES = 1000


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    items: tuple[T, ...]
    next_page: str | None = Field(default=None, alias="nextPage")


class PageReader(Generic[T]):
    """Where somebody is in a list: it can be left for a while, and after a failure gone on with.

    A link that leads to another origin or to a page already read raises `OriginRefused`, after the
    items before it were handed out.
    """

    def __init__(self, pipeline: Pipeline, path: str, model: type[T], bot_id: str | None) -> None:
        self._pipeline = pipeline
        self._path = path
        self._page_model: type[Page[Any]] = Page[model]  # type: ignore[valid-type]
        self._bot_id = bot_id
        self._url = pipeline.base_url + path
        self._link: str | None = None
        self._seen: set[str] = set()

    @property
    def is_complete(self) -> bool:
        """Whether the last page was read."""
        return self._url in self._seen and not self._link

    async def read(self) -> Page[T] | None:
        """The next page; ``None`` after the last.

        Raises:
            ApiError: It could not be had, or a link is not to be followed. The next call tries the
                same page again.
        """
        if self._link:
            # Looked at only now, so that the page it stood on was handed out before it is refused.
            self._url, self._link = self._next(self._link), None
        if self.is_complete:
            return None
        if len(self._seen) >= MAX_PAGES:
            raise OriginRefused(f"{self._path} goes on after {MAX_PAGES} pages; stopped there.")
        operation = Operation("GET", self._url, self._path, scope="bot:read", bot_id=self._bot_id)
        page = parse(self._page_model, await self._pipeline.run(operation), operation)
        self._seen.add(self._url)
        self._link = page.next_page
        return page

    def _next(self, link: str) -> str:
        url = resolve_page_link(link, current=self._url, base_url=self._pipeline.base_url)
        if url in self._seen:
            raise OriginRefused(
                f"The list at {self._path} leads back to a page already read; stopped there.",
                hint="The tenant's paging is broken. What was loaded may be incomplete.",
            )
        return url


class Pages(Generic[T]):
    """A list on the tenant; iterate over it for the items, or over `pages` for whole pages.

    Nothing is requested before the first item is. Each page is asked for with the same care as any
    other call. A link that leads to another origin or to a page already read raises
    `OriginRefused`, after the items before it were handed out: a list is complete or it fails,
    never silently short. An empty page that has a link goes on.
    """

    def __init__(self, pipeline: Pipeline, path: str, model: type[T], bot_id: str | None) -> None:
        self._pipeline = pipeline
        self._path = path
        self._model = model
        self._bot_id = bot_id

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item

    async def pages(self) -> AsyncIterator[Page[T]]:
        """The pages, in the tenant's order.

        Raises:
            ApiError: A page could not be had, or a link is not to be followed.
        """
        reader = self.reader()
        while (page := await reader.read()) is not None:
            yield page

    def reader(self) -> PageReader[T]:
        """Reads the list page by page, as slowly as one likes."""
        return PageReader(self._pipeline, self._path, self._model, self._bot_id)

    async def all(self) -> list[T]:
        """Every item, once the last page is read."""
        return [item async for item in self]
