"""A stage of the way to a host: how it ended, and what stopped us where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cognitui.network.outcome import Outcome


class Cause(StrEnum):
    """Why something did not come about; one word that many endpoints can be grouped by."""

    URL = "url"
    NO_HOST = "no such host"
    ADDRESS = "address refused"
    REFUSED = "connection refused"
    NO_ROUTE = "no route"
    NO_NETWORK = "no network"
    """This machine has no way out, or none of the kind that the address needs."""
    TIMEOUT = "no answer in time"
    CERTIFICATE = "certificate"
    TLS = "tls"
    HTTP = "not http"
    SIGNATURE = "signature refused"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: url, dns, policy, tcp, tls, or http with its method.

    Attributes:
        summary: What was found, or why it failed; may be empty.
        ms: Milliseconds it took.
    """

    name: str
    outcome: Outcome
    summary: str
    ms: float


class WayBlockedError(Exception):
    """A stage failed; there is nothing to find out after it.

    Attributes:
        cause: Why, in one word.
        summary: Why, in one sentence.
        hint: What to do about it.
    """

    def __init__(self, cause: Cause, summary: str, hint: str) -> None:
        super().__init__(summary)
        self.cause, self.summary, self.hint = cause, summary, hint
