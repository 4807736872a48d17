"""Who is acting, as the audit log tells it."""

from __future__ import annotations

import os
import socket
from functools import cache

MAX_ACTOR = 200


def actor(given: str | None = None) -> str:
    """Who is acting: what was given, else the operating system's user and this machine's name.

    It never fails and is never longer than `MAX_ACTOR` characters.
    """
    return bounded(given) if given else _of_this_machine()


def bounded(name: str) -> str:
    """A name that is short and on one line."""
    shown = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in name)
    return shown[:MAX_ACTOR]


@cache
def _of_this_machine() -> str:
    return bounded(f"{_user()}@{socket.gethostname() or 'unknown'}")


def _user() -> str:
    # The user database knows better than LOGNAME, which anybody may set.
    import pwd

    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
