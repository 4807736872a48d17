"""An embedded tenant: the bots API over real HTTP on loopback, with faults on demand.

It speaks the same protocol as a tenant in the cloud and shares no code with the client, so that a
mistake in the client cannot be repeated in the server that tests it.
"""

from cognitui.sandbox.config import SandboxConfig, SandboxInfo
from cognitui.sandbox.faults import Fault, parse_fault
from cognitui.sandbox.server import Sandbox

__all__ = ["Fault", "Sandbox", "SandboxConfig", "SandboxInfo", "parse_fault"]
