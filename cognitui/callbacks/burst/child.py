"""The process in which a burst runs apart: ``python -m cognitui.callbacks.burst.child``.

`apart` starts it, and hands it the job over its input, since arguments can be read by everybody.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from cognitui.callbacks.burst import messages
from cognitui.callbacks.burst.here import HereBurst
from cognitui.callbacks.burst.messages import Failure, Standing
from cognitui.errors import CognituiError
from cognitui.process import keep_to_itself

if TYPE_CHECKING:
    from cognitui.callbacks.burst.here import Job
    from cognitui.callbacks.burst.snapshot import BurstSnapshot

NICENESS = 10


def main() -> None:
    """Read a job, run it, and tell how it stands."""
    keep_to_itself()
    # Whoever draws, and a receiver on this machine, go first.
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    source = sys.stdin.buffer
    # Nothing else may write between the messages.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        job: Job = messages.read(source)
    except EOFError:
        return

    def tell(message: Standing | Failure) -> None:
        # When nobody listens any more the input has ended too, which stops the burst.
        with contextlib.suppress(OSError):
            messages.write(answers, message)

    def publish(snapshot: BurstSnapshot) -> None:
        plain = replace(
            snapshot, statuses=dict(snapshot.statuses), failures=dict(snapshot.failures)
        )
        tell(Standing(plain))

    burst = HereBurst(job)

    def heed() -> None:
        source.read(1)
        burst.stop()

    threading.Thread(target=heed, daemon=True).start()
    try:
        publish(burst.run(publish))
    except CognituiError as error:
        tell(Failure(error.message, error.hint, error.field))
    except Exception as error:  # noqa: BLE001 - it is raised where the burst was started
        tell(Failure("", mistake=type(error).__name__))
    # The thread that reads cannot be ended, and would be in the way of an orderly end.
    os._exit(0)


if __name__ == "__main__":
    main()
