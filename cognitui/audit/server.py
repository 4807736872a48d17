"""Where a team's shared audit log is: a database of a PostgreSQL server."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from urllib.parse import unquote, urlsplit

from cognitui.errors import UsageError

_SCHEMES = ("postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class Server:
    """A database that holds a log.

    Attributes:
        name: What it is called where it is shown: its URL without user, password and options.
        database: The database's name.
        url: All of it. It may hold a password.
    """

    name: str
    database: str
    url: str = field(repr=False)

    @classmethod
    def of(cls, url: str) -> Server:
        """The database that a URL names; nothing is connected to.

        Args:
            url: As libpq reads it, ``postgresql://user@host:port/database?option=value``.

        Raises:
            UsageError: It cannot be one, or the extra is not installed. The URL is not shown.
        """
        # Nothing of the URL is held here, so that no error brings its password along.
        if reason := _reason_against(url):
            raise _unusable(reason)
        if find_spec("psycopg") is None:
            raise UsageError(
                "A shared audit log is set, and what speaks to PostgreSQL is not installed.",
                hint="Install it with `pip install 'cognitui[postgres]'`, or leave audit_url out.",
                field="audit_url",
            )
        parts = urlsplit(url)
        host, database = parts.netloc.rpartition("@")[2], _database_of(parts.path)
        return cls(f"{_SCHEMES[0]}://{host}/{database}", database, url)

    @property
    def stem(self) -> str:
        """What its key and its head are called."""
        return f"shared-{re.sub(r'[^A-Za-z0-9_-]', '_', self.database)}"

    def __str__(self) -> str:
        return self.name


def _reason_against(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "it is no URL"
    if parts.scheme not in _SCHEMES:
        return f"it does not begin with {_SCHEMES[0]}://"
    if not url.isprintable():
        return "it holds characters that cannot be shown"
    return "" if _database_of(parts.path) else "it names no database"


def _database_of(path: str) -> str:
    return unquote(path.removeprefix("/"))


def _unusable(reason: str) -> UsageError:
    return UsageError(
        f"The URL of the shared audit log cannot be used: {reason}.",
        hint="It looks like postgresql://cognitui@db.example/audit.",
        field="audit_url",
    )
