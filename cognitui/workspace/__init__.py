"""What a running console or command holds open: tenant, client, audit log, receiver.

The console and the commands ask for everything here; nothing below knows of either.
"""

from cognitui.workspace.status import TenantStatus
from cognitui.workspace.workspace import Workspace

__all__ = ["TenantStatus", "Workspace"]
