"""Where the audit log is, as the settings say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.audit.seal import Places

if TYPE_CHECKING:
    from cognitui.settings import Settings


def places_of(settings: Settings) -> Places:
    """The log in its file, or the one that the settings share with a team.

    Raises:
        UsageError: The URL of the shared log cannot be used, or the extra is not installed.
    """
    paths, config = settings.paths, settings.config
    if not config.audit_url:
        return Places(paths.audit_log, settings.beside)
    # Who shares no log should not pay for it.
    from cognitui.audit.server import Server
    from cognitui.settings import PrivateText

    key = Path(config.audit_key_file).expanduser() if config.audit_key_file else None
    return Places.shared(Server.of(PrivateText(config.audit_url)), paths.state, key)
