"""Drafts on disk, one file for each webhook that is being written, so that nothing typed is lost.

A secret is never kept: a file of drafts is no place for it.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cognitui.logs import get_logger
from cognitui.tenants.errors import NotStored
from cognitui.tenants.files import exclusive, read, replace
from cognitui.webhooks.draft import NO_SECRET, Draft

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1
SUFFIX = ".json"
_FORMER = "new-former"
_TEXTS = ("skill_id", "endpoint_url", "timeout_ms", "retry_count")
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A draft as it lies on the disk.

    Attributes:
        key: Tells the drafts apart; the name of its file.
        base: What the webhook was when its editing began; ``None`` for a new one.
        at: When it was written last.
        is_open_elsewhere: Whether another console has it in its editor.
    """

    key: str
    draft: Draft
    base: Draft | None
    at: datetime
    is_open_elsewhere: bool = False


def new_key() -> str:
    """The key of a new webhook's draft, which has no id yet."""
    return f"new-{secrets.token_hex(8)}"


def key_of(webhook_id: str, home: str) -> str:
    """The key of the draft that changes a registered webhook; always the same for the same one.

    Args:
        webhook_id: The webhook.
        home: Its tenant and bot, as `Draft.home` has them.
    """
    digest = hashlib.sha256(f"{home}\n{webhook_id}".encode("utf-8", "surrogatepass"))
    return f"edit-{digest.hexdigest()[:16]}"


class DraftStore:
    """The drafts in one directory. What it does, it does at once: call it beside the event loop.

    Args:
        directory: Holds nothing else; it is created when it is needed.
        former: The one file of earlier versions, read if it is there.

    Attributes:
        damaged: Files that could not be read when `list` last looked; they were set aside.
    """

    def __init__(self, directory: Path, former: Path | None = None) -> None:
        self._directory = directory
        self._former = former
        self.damaged: list[Path] = []

    def list(self) -> list[KeptDraft]:
        """All drafts, the newest first. What is damaged is set aside, never deleted."""
        self.damaged = []
        kept = [self._read(path) for path in sorted(self._directory.glob(f"*{SUFFIX}"))]
        kept.append(self._read_former())
        found = {draft.key: draft for draft in kept if draft is not None}
        return sorted(found.values(), key=lambda draft: draft.at, reverse=True)

    def save(self, key: str, draft: Draft, base: Draft | None) -> None:
        """Write a draft over the one of the same key.

        Raises:
            NotStored: It could not be written; the one before is there.
        """
        self._write(KeptDraft(key, draft, base, datetime.now(UTC)))

    def discard(self, key: str) -> None:
        """Forget a draft: it was registered, or given up.

        Raises:
            NotStored: It could not be deleted.
        """
        path = self._path(key)
        if not path.exists():
            return  # and no directory is made for it
        with exclusive(self._directory / "drafts"):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise NotStored(f"{path} could not be deleted: {error.strerror}.") from None

    def _path(self, key: str) -> Path:
        return self._directory / f"{key}{SUFFIX}"

    def _write(self, kept: KeptDraft) -> None:
        data = {
            "version": VERSION,
            "at": kept.at.isoformat(),
            "pid": os.getpid(),
            "draft": _as_dict(kept.draft),
            "base": None if kept.base is None else _as_dict(kept.base),
        }
        content = json.dumps(data, indent=1).encode()
        with exclusive(self._directory / "drafts"):
            replace(self._path(kept.key), content)

    def _read(self, path: Path) -> KeptDraft | None:
        try:
            content = read(path)
            if content is None:
                return None  # gone meanwhile
            data = json.loads(content)
            if data["version"] > VERSION:
                return None  # of a newer program, which will want it back
            base = data["base"]
            return KeptDraft(
                key=path.name.removesuffix(SUFFIX),
                draft=_draft(data["draft"]),
                base=None if base is None else _draft(base),
                at=datetime.fromisoformat(data["at"]).astimezone(UTC),
                is_open_elsewhere=_is_open_elsewhere(int(data["pid"])),
            )
        except OSError as error:
            get_logger().warning("draft_not_read", error_type=type(error).__name__)
        except _UNREADABLE as error:
            self._set_aside(path, error)
        return None

    def _read_former(self) -> KeptDraft | None:
        """The one draft of earlier versions, moved to where drafts are now."""
        path = self._former
        if path is None:
            return None
        try:
            content = read(path)
            if content is None:
                return None
            draft = _draft(json.loads(content))
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except OSError as error:
            get_logger().warning("draft_not_read", error_type=type(error).__name__)
            return None
        except _UNREADABLE as error:
            self._set_aside(path, error)
            return None
        key = _FORMER if draft.webhook_id is None else key_of(draft.webhook_id, draft.home)
        kept = KeptDraft(key, draft, None, at)
        try:
            self._write(kept)
            path.unlink()
        except (NotStored, OSError) as error:
            get_logger().warning("draft_not_moved", error_type=type(error).__name__)
        return kept

    def _set_aside(self, path: Path, reason: Exception) -> None:
        aside = path.with_name(f"{path.name}.damaged")
        number = 1
        while aside.exists():
            number += 1
            aside = path.with_name(f"{path.name}.damaged-{number}")
        get_logger().warning("draft_damaged", error_type=type(reason).__name__, file=aside.name)
        try:
            path.rename(aside)
        except OSError as error:
            get_logger().warning("draft_not_moved", error_type=type(error).__name__)
            return
        self.damaged.append(aside)


def _as_dict(draft: Draft) -> dict[str, Any]:
    data = asdict(draft) | {"templates": dict(draft.templates)}
    del data["secret_key"]
    return data


def _draft(data: dict[str, Any]) -> Draft:
    webhook_id = data["webhook_id"]
    return Draft(
        **{name: str(data[name]) for name in _TEXTS},
        triggers=tuple(str(event) for event in data["triggers"]),
        templates={str(event): str(text) for event, text in data["templates"].items()},
        secret_key=NO_SECRET,
        webhook_id=None if webhook_id is None else str(webhook_id),
        home=str(data.get("home", "")),
    )


def _is_open_elsewhere(process: int) -> bool:
    if process <= 0 or process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True  # it runs, and belongs to somebody else
    return True
