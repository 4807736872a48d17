"""Asking the person at the terminal."""

from __future__ import annotations

import getpass
import os
import signal
import sys
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cognitui.cli.output import talk
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable


TRIES = 3


def has_person() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and not os.environ.get("CI")


def typed(ask: Callable[[], str]) -> str:
    """What a person types when asked; nothing when the input ends there.

    Ctrl-C ends the wait: asyncio alone would take note of it and go on waiting.

    Raises:
        UsageError: It is no text.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return ask()
    except EOFError:
        return ""
    except UnicodeDecodeError:
        pass
    finally:
        signal.signal(signal.SIGINT, before)
    # Out here nothing is left of the error, which holds what was typed.
    raise UsageError("What was typed is not UTF-8 text.", hint="Check the terminal's encoding.")


def ask_line(question: str) -> str:
    """What a person answers, without the spaces around it."""

    def ask() -> str:
        talk(question)
        return sys.stdin.readline()

    return typed(ask).strip()


def ask_secret(prompt: str, hint: str) -> SecretStr:
    """A secret that a person types, unseen.

    Raises:
        UsageError: Nothing was typed, or there is nobody to ask; the hint says what else there is.
    """
    if not has_person():
        raise UsageError(
            f"{prompt.rstrip(': ')} is needed, and there is no terminal to ask.", hint=hint
        )
    value = typed(lambda: getpass.getpass(prompt, stream=sys.stderr))
    if not value:
        raise UsageError(f"{prompt.rstrip(': ')} is needed.", hint=hint)
    return SecretStr(value)


def ask_new_secret(prompt: str, hint: str, check: Callable[[SecretStr], None]) -> SecretStr:
    """A new secret, typed twice; again where it cannot be used, so that nothing before it is lost.

    Args:
        prompt: What it is.
        hint: What else there is where nobody can type.
        check: Raises `UsageError` for one that cannot be used.

    Raises:
        UsageError: None of those that were typed can be used, nothing was typed, or there is nobody
            to ask.
    """
    for left in reversed(range(TRIES)):
        secret = ask_secret(prompt, hint)
        try:
            check(secret)
        except UsageError as error:
            if not left:
                raise
            talk(f"{error.message} {error.hint}")
            continue
        if ask_secret("Once more: ", hint) == secret:
            return secret
        if left:
            talk("The two were not the same.")
    raise UsageError("The two were not the same. Nothing was changed.", hint="Try again.")
