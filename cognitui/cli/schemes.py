"""The argument that says how callbacks are signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.schemes.custom import schemes_of
from cognitui.callbacks.schemes.ready import COGNIGY, READY, scheme_of
from cognitui.settings import Settings

if TYPE_CHECKING:
    import argparse

    from cognitui.callbacks.schemes.scheme import Scheme


def add_scheme(parser: argparse.ArgumentParser) -> None:
    """``--scheme``."""
    parser.add_argument(
        "--scheme", metavar="NAME", help=f"how it is signed: {', '.join(READY)} ({COGNIGY.id})"
    )


def scheme_named(name: str | None) -> Scheme:
    """The scheme of this name, and the tenant's own where none is given.

    Raises:
        ConfigBroken: A scheme in the file of settings cannot be used.
        UsageError: There is none of this name.
    """
    if name is None:
        return COGNIGY
    if name in READY:
        return READY[name]
    return scheme_of(name, schemes_of(Settings.load().config))
