"""Which scheme each webhook's callbacks are signed by, as somebody chose."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cognitui.callbacks.schemes.ready import COGNIGY, READY
from cognitui.logs import get_logger
from cognitui.tenants import files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cognitui.callbacks.schemes.scheme import Scheme

MAX_KEPT = 10_000


class SchemeChoices:
    """Kept in a small file; what nobody chose is signed as the tenant signs.

    Args:
        path: The file. One that cannot be read is set aside when the next choice is kept.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._chosen: dict[str, str] | None = None
        self._is_damaged = False

    def scheme_of(
        self, home: str, webhook_id: str, schemes: Mapping[str, Scheme] = READY
    ) -> Scheme:
        """The scheme of a webhook.

        Args:
            home: The tenant and bot that it belongs to.
            webhook_id: Its id; empty for callbacks to a URL that is no webhook of the tenant's.
            schemes: Those there are. One that is no longer among them is not used.
        """
        name = self._read().get(_key(home, webhook_id), COGNIGY.id)
        return schemes.get(name, COGNIGY)

    def choose(self, home: str, webhook_id: str, scheme: Scheme) -> None:
        """Keep a choice. Call it beside the event loop.

        Raises:
            NotStored: It could not be written; it holds until the end of this run.
        """
        key = _key(home, webhook_id)
        with files.exclusive(self._path):
            # Another console may have chosen something meanwhile.
            chosen = self._load()
            chosen.pop(key, None)
            if scheme.id != COGNIGY.id:
                chosen[key] = scheme.id
            while len(chosen) > MAX_KEPT:
                chosen.pop(next(iter(chosen)))
            self._chosen = chosen
            if self._is_damaged:
                self._path.replace(self._path.with_suffix(".damaged"))
                self._is_damaged = False
            files.replace(self._path, json.dumps(chosen, indent=1).encode())

    def _read(self) -> dict[str, str]:
        if self._chosen is None:
            self._chosen = self._load()
        return self._chosen

    def _load(self) -> dict[str, str]:
        try:
            content = files.read(self._path)
            document = json.loads(content) if content is not None else {}
            if not isinstance(document, dict):
                raise TypeError("it is no object")  # noqa: TRY301
        except (OSError, ValueError, TypeError, RecursionError) as error:
            self._is_damaged = True
            get_logger().warning("schemes_not_read", error_type=type(error).__name__)
            return {}
        return {key: name for key, name in document.items() if isinstance(name, str)}


def _key(home: str, webhook_id: str) -> str:
    return f"{home}/{webhook_id}"
