"""The argument that says how callbacks are signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.schemes.ready import COGNIGY, READY, scheme_of

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
        UsageError: There is none of this name.
    """
    return COGNIGY if name is None else scheme_of(name)
