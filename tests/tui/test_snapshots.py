"""What each place looks like in its main states, as text that a reviewer can read.

::

    python -m pytest tests/tui/test_snapshots.py --snapshot-update
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from .walk import SIZES, STATES, Walk

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

Screens = dict[str, str]


class TextScreen(SingleFileSnapshotExtension):
    """One text file for each screen."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=SIZES)
async def screens(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Screens:
    """The screens of one walk at one size."""
    return await Walk().go(SIZES[request.param], tmp_path_factory.mktemp("walk"))


@pytest.mark.parametrize("state", STATES)
def test_screen(state: str, screens: Screens, snapshot: SnapshotAssertion) -> None:
    assert screens[state] == snapshot(extension_class=TextScreen)


def test_every_state_is_looked_at(screens: Screens) -> None:
    assert set(screens) == set(STATES)
