"""The console on a tenant that a file describes: ``python -m tests.benchmarks.connected FILE``.

It is opened as the command opens it; only the tenant, with limits that nobody reaches, is given.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.cli.console import open_console
from cognitui.settings import Environment, Settings

if TYPE_CHECKING:
    from cognitui.workspace import Workspace

TENANT = "acme"
MOST_WEBHOOKS, MOST_REQUESTS = 10_000, 100_000


def main() -> int:
    """Run the console until it is closed."""
    info = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))

    async def prepare(workspace: Workspace) -> str:
        from pydantic import SecretStr

        from cognitui.cognigy.credentials import Credentials
        from cognitui.tenants.profiles import Profile

        credentials = Credentials(SecretStr(info["api_key"]), SecretStr(info["api_secret"]))
        profile = Profile(
            name=TENANT,
            base_url=info["base_url"],
            webhook_limit=MOST_WEBHOOKS,
            requests_per_minute=MOST_REQUESTS,
            key_fingerprint=credentials.fingerprint,
        )
        workspace.tenants.add_session(profile, credentials)
        return TENANT

    return open_console(Settings(Settings.load().paths, Environment()), prepare)


if __name__ == "__main__":
    sys.exit(main())
