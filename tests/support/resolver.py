"""A name server of the tests' own, for what no socket can be made to do."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Resolver:
    """Answers as a name server might that somebody else owns; one answer after the other."""

    def __init__(self) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []
        self._real: Callable[..., Any] = socket.getaddrinfo

    def __call__(self, host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in self.answers:
            return self._real(host, port, *rest, **options)
        self.asked.append(name)
        answers = self.answers[name]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [entry for one in addresses for entry in self._real(one, port, *rest, **options)]
