from __future__ import annotations

import ssl

import pytest
import trustme

from tests.support.fixtures import sandbox, start

__all__ = ["authority", "sandbox", "start", "trusting"]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch, authority: trustme.CA) -> trustme.CA:
    """The authority of the tests, which this machine trusts meanwhile."""
    genuine = ssl.create_default_context

    def with_ours() -> ssl.SSLContext:
        context = genuine()
        authority.configure_trust(context)
        return context

    monkeypatch.setattr(ssl, "create_default_context", with_ours)
    return authority
