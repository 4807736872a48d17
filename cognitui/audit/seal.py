"""The two files that an audit log is checked with: its key and its head.

They are kept in another directory than the log, readable by their owner alone. The key is random
and made once. Whoever has it can write a log that verifies, and whoever may write both directories
can put older copies of all of it back: the log is tamper-evident towards everybody else, not
tamper-proof. A head that was written down elsewhere, such as in an export, tells the second.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from cognitui.audit.canonical import KEY_BYTES, Key
from cognitui.audit.errors import AuditLocked, key_wanted, not_writable, seal_lost
from cognitui.audit.head import HeadFile, is_unused
from cognitui.audit.private import PRIVATE, PRIVATE_DIRECTORY, create, locked, read
from cognitui.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cognitui.audit.errors import AuditError
    from cognitui.audit.server import Server

_HEX = re.compile(r"[0-9a-f]+\Z")
_LOG_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Places:
    """Where a log and its seal are.

    Attributes:
        log: The log's file. There is none where the log is shared: then only the key and the head
            are named after it.
        state: The directory of the key and the head.
        server: Where the log is when it is shared with consoles of other machines.
        team_key: Where the key of a shared log is found when this console joins it.
    """

    log: Path
    state: Path
    server: Server | None = None
    team_key: Path | None = None

    @classmethod
    def shared(cls, server: Server, state: Path, team_key: Path | None = None) -> Places:
        """The places of a log that is on a server."""
        return cls(state / server.stem, state, server, team_key)

    @property
    def name(self) -> Path | Server:
        """What the log is called where it is told about."""
        return self.server or self.log

    @property
    def key(self) -> Path:
        """The key's file."""
        return self.state / f"{self.log.stem}.key"

    @property
    def head(self) -> Path:
        """The head's file."""
        return self.state / f"{self.log.stem}.head"

    @property
    def seal(self) -> tuple[Path, Path]:
        """Both of them."""
        return self.key, self.head


@dataclass(frozen=True, slots=True)
class Seal:
    """A log's key, and the file of its head."""

    key: Key
    head: HeadFile


def load(places: Places, patience_s: float) -> Seal:
    """The seal of a log.

    Raises:
        AuditSealLost: A file of it is missing or cannot be used; says which.
    """
    key = _key(places.key, partial(seal_lost, places.name, files=places.seal))
    if not places.head.exists():
        raise seal_lost(places.name, f"its head, {places.head}, is missing", places.seal)
    return Seal(key, HeadFile(places.head, key, patience_s))


def create_if_new(places: Places, patience_s: float) -> Seal:
    """The seal of a log that is not chained yet; made when there is none at all.

    Raises:
        AuditSealLost: A part of it is there, of a log that had records.
        AuditNotWritable: It cannot be made.
        AuditLocked: Another program is about to make it, and does not end.
    """
    try:
        places.state.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        with _alone(places, patience_s):
            if not places.key.exists():
                if places.head.exists() and is_unused(places.head):
                    places.head.unlink()  # the program was killed before it made the key
                if not places.head.exists():
                    _create(places)
    except OSError:
        raise not_writable(places.key) from None
    return load(places, patience_s)


def join(places: Places, is_genuine: Callable[[Key], bool], patience_s: float) -> Seal:
    """The seal of a shared log that others began; made from the team's key the first time.

    Args:
        places: The log, and where the team's key is.
        is_genuine: Whether the log was written with a key.
        patience_s: How long to wait for another program of this machine that joins too.

    Raises:
        AuditSealLost: There is no such key, it is another log's, or what was made the first time
            is not there any more.
        AuditNotWritable: It cannot be made.
        AuditLocked: Another program is about to make it, and does not end.
    """
    try:
        places.state.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        with _alone(places, patience_s):
            _drop_unused(places, is_genuine)
            if not places.key.exists():
                key = _team_key(places)
                if not is_genuine(key):
                    raise _key_wanted(places, f"the key in {places.team_key} is another log's")
                if places.head.exists() and is_unused(places.head):
                    places.head.unlink()
                if not places.head.exists():
                    _keep(places, key)
    except OSError:
        raise not_writable(places.key) from None
    seal = load(places, patience_s)
    if not is_genuine(seal.key):
        raise _key_wanted(places, f"the key in {places.key} is another log's")
    return seal


def _drop_unused(places: Places, is_genuine: Callable[[Key], bool]) -> None:
    """Forget a key that was made in the moment in which another console began the log."""
    if places.key.exists() and places.head.exists() and is_unused(places.head):
        key = _key(places.key, partial(_key_wanted, places))
        if not is_genuine(key):
            places.key.unlink()
            places.head.unlink()


def _team_key(places: Places) -> Key:
    if places.team_key is None:
        raise _key_wanted(places, "others began it, and its key is not here")
    return _key(places.team_key, partial(_key_wanted, places), is_own=False)


def _key_wanted(places: Places, reason: str) -> AuditError:
    assert places.server is not None
    return key_wanted(places.server, reason, places.key)


def _create(places: Places) -> None:
    if places.team_key is None:
        key = Key(secrets.token_hex(_LOG_DIGITS // 2), secrets.token_bytes(KEY_BYTES))
    else:
        key = _team_key(places)
    _keep(places, key)


def _keep(places: Places, key: Key) -> None:
    # The head goes first: a head that says nothing yet and has no key is harmless, but a key
    # without a head would look like a head that was taken away.
    HeadFile(places.head, key, 0).begin()
    content = {"key": key.raw.hex(), "log": key.log, "version": 1}
    create(places.key, json.dumps(content).encode() + b"\n")


@contextmanager
def _alone(places: Places, patience_s: float) -> Iterator[None]:
    directory = os.open(places.state, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with locked(directory, patience_s):
            yield
    except TimeoutError:
        raise AuditLocked(
            f"The directory {places.state} is in use by another program.",
            hint="Wait, and try again.",
        ) from None
    finally:
        os.close(directory)


def _key(path: Path, lost: Callable[[str], AuditError], *, is_own: bool = True) -> Key:
    try:
        raw_content, mode = read(path)
        content = json.loads(raw_content)
        log, raw = content["log"], content["key"]
        if content["version"] == 1 and _is_hex(log, _LOG_DIGITS) and _is_hex(raw, 2 * KEY_BYTES):
            if is_own:
                _make_private(path, mode)
            return Key(log, bytes.fromhex(raw))
        reason = f"its key, {path}, is not one"
    except FileNotFoundError:
        reason = f"its key, {path}, is missing"
    except OSError as error:
        reason = f"its key, {path}, cannot be read ({error.strerror or type(error).__name__})"
    except (ValueError, TypeError, KeyError, RecursionError):
        reason = f"its key, {path}, is not one"
    raise lost(reason)


def _make_private(path: Path, mode: int) -> None:
    if mode & ~PRIVATE:
        path.chmod(mode & PRIVATE)
        # Whoever read it meanwhile can write a log that verifies.
        get_logger().warning("audit_key_was_readable_by_others", mode=oct(mode))


def _is_hex(value: object, digits: int) -> bool:
    return isinstance(value, str) and len(value) == digits and _HEX.match(value) is not None
