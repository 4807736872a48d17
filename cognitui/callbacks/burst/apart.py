"""Runs a burst in a process of its own, so that the one who draws keeps a processor to itself.

In a thread the engine would share one interpreter lock with whoever draws and with a receiver on
this machine; under full load a key then waits for a tenth of a second.

The job goes to the child's input, which stays open: anything more stops the burst, and so does its
end, when the parent is no more. The child answers with a message for each snapshot.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING, BinaryIO

from cognitui.callbacks.burst import messages
from cognitui.callbacks.burst.messages import Failure, Standing
from cognitui.callbacks.errors import BurstError
from cognitui.process import child_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognitui.callbacks.burst.here import Job
    from cognitui.callbacks.burst.snapshot import BurstSnapshot

MODULE = "cognitui.callbacks.burst.child"
END_S = 2.0


class ApartBurst:
    """A burst in a child process, from the parent's side."""

    def __init__(self, job: Job) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # keys of the terminal are not meant for it
            env=child_environment() | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input: BinaryIO = self._process.stdin  # type: ignore[assignment]
        self._output: BinaryIO = self._process.stdout  # type: ignore[assignment]
        self._send(job)

    def stop(self) -> None:
        """End it at once. May be called from any thread, and when it has ended already."""
        self._send(None)

    def run(self, publish: Callable[[BurstSnapshot], object]) -> BurstSnapshot:
        """Hand on every snapshot, and give the last one back when the burst is over.

        Raises:
            BurstError: It could not begin, or its process went away.
            RuntimeError: It met a mistake of this program.
        """
        try:
            while True:
                message: Standing | Failure = messages.read(self._output)
                if isinstance(message, Failure):
                    raise _error_of(message)
                if message.snapshot.is_over:
                    return message.snapshot
                publish(message.snapshot)
        except EOFError:
            raise BurstError(
                "The process that sent the burst has ended by itself.",
                hint="What it had sent by then has arrived; start the burst again.",
            ) from None
        finally:
            self._end()

    def _send(self, message: object) -> None:
        # It may have ended; why is for `run` to tell.
        with contextlib.suppress(OSError, ValueError):
            messages.write(self._input, message)

    def _end(self) -> None:
        with contextlib.suppress(OSError):
            self._input.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()


def _error_of(failure: Failure) -> Exception:
    if failure.mistake:
        return RuntimeError(f"the burst failed with {failure.mistake}")
    return BurstError(failure.message, hint=failure.hint, field=failure.field)
