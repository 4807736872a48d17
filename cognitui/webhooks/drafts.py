"""Keeps the draft in the editor on disk, so that a crash or a closed window loses nothing typed.

The secret is not kept: a file of drafts is no place for it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

from cognitui.logs import get_logger
from cognitui.webhooks.draft import NO_SECRET, Draft

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = ("skill_id", "endpoint_url", "timeout_ms", "retry_count")


class DraftStore:
    """One draft in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def save(self, draft: Draft) -> None:
        """Replace the stored draft. A disk that refuses is logged; typing goes on."""
        data = asdict(draft) | {"templates": dict(draft.templates)}
        del data["secret_key"]
        temporary = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(data, file)
            temporary.replace(self._path)
        except OSError as error:
            get_logger().warning("draft_not_saved", error_type=type(error).__name__)

    def load(self) -> Draft | None:
        """The stored draft; ``None`` when there is none or it cannot be read."""
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
            webhook_id = data["webhook_id"]
            return Draft(
                **{name: str(data[name]) for name in TEXTS},
                triggers=tuple(str(event) for event in data["triggers"]),
                templates={str(k): str(v) for k, v in data["templates"].items()},
                secret_key=NO_SECRET,
                webhook_id=None if webhook_id is None else str(webhook_id),
                home=str(data.get("home", "")),
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            get_logger().warning("draft_not_read", error_type=type(error).__name__)
            return None

    def clear(self) -> None:
        """Forget the draft: it was registered, or given up."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            get_logger().warning("draft_not_cleared", error_type=type(error).__name__)
