from tests.support.fixtures import client, clock, connect, sandbox, start

__all__ = ["client", "clock", "connect", "sandbox", "start"]
