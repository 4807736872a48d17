"""URLs as they may be shown and kept: without what may be a secret in them."""

from __future__ import annotations

import re

MAX_SHOWN = 300
_USER = re.compile(r"^([a-z][a-z0-9+.-]*:)?//[^/?#]*@", re.IGNORECASE)


def without_secrets(url: str) -> str:
    """A URL without its user name, query and fragment, bounded; it need not be a good one."""
    plain = re.split(r"[?#]", url, maxsplit=1)[0]
    plain = _USER.sub(lambda match: f"{match[1] or ''}//", plain)
    return "".join(c for c in plain if c.isprintable())[:MAX_SHOWN]
