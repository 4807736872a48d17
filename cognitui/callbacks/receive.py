"""The receiver: an endpoint on this machine that verifies what arrives and lists it."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from cognitui.callbacks.errors import ReceiverError
from cognitui.callbacks.listener import HOST, listen
from cognitui.callbacks.received import Inbox, Received
from cognitui.callbacks.replay import ReplayCache
from cognitui.callbacks.rules import Rules, rules_of
from cognitui.callbacks.schemes.ready import COGNIGY
from cognitui.clock import SYSTEM_CLOCK, Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cognitui.callbacks.answers import AnswerPlan, AnswerStep
    from cognitui.callbacks.forward import Forwarder
    from cognitui.callbacks.metrics.tally import CallbackTally
    from cognitui.callbacks.receiver_server import ReceiverServer
    from cognitui.callbacks.rotation import KnownSecret
    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.sign import Secret

PATH = "/callback"
READ_LIMIT_S = 10.0
_START_LIMIT_S = 10.0
_STOP_LIMIT_S = 2.0


class Receiver:
    """Listens on 127.0.0.1 only, in a thread of its own with a loop of its own.

    It answers 200 to what verifies and a bare 401 to what does not, unless told otherwise by
    `set_answers`; why is for the person here, in each `Received`, and not for the sender.

    Args:
        secrets: The secrets to verify with; `set_secrets` changes them at any time.
        scheme: How callbacks have to be signed; `set_scheme` changes it at any time.
        clock: Tells the time.
        read_limit_s: Seconds that a request's body may take to arrive.
    """

    def __init__(
        self,
        secrets: Sequence[Secret | KnownSecret] = (),
        *,
        scheme: Scheme = COGNIGY,
        clock: Clock = SYSTEM_CLOCK,
        read_limit_s: float = READ_LIMIT_S,
    ) -> None:
        self._rules: Rules = rules_of(scheme, secrets)
        self._answers: deque[AnswerStep] = deque()
        self._forwarder: Forwarder | None = None
        self._tally: CallbackTally | None = None
        self._clock = clock
        self._read_limit_s = read_limit_s
        self._inbox = Inbox()
        self._replay = ReplayCache()
        self._lock = threading.Lock()
        self._changing = threading.Lock()
        self._running: tuple[ReceiverServer, threading.Thread] | None = None
        self._port = 0

    def start(self, port: int = 0) -> None:
        """Begin to listen; returns when connections are accepted. Does nothing while it listens.

        Args:
            port: The port; 0 for any that is free.

        Raises:
            ReceiverError: The port is taken or needs more rights.
            UsageError: There is no such port.
        """
        with self._lock:
            if self._running is not None:
                return
            listener = listen(port)
            server = self._build()
            thread = threading.Thread(
                target=server.run_on, args=(listener,), name="cognitui-receiver", daemon=True
            )
            thread.start()
            if not server.ready.wait(_START_LIMIT_S):
                server.stop()
                listener.close()
                raise ReceiverError("The receiver did not start.", hint="Try again.")
            self._port = listener.getsockname()[1]
            self._running = (server, thread)

    def stop(self) -> None:
        """Stop listening and drop open connections, in less than a second. May be called twice.

        What was received stays.
        """
        with self._lock:
            if self._running is None:
                return
            server, thread = self._running
            self._running = None
            server.stop()
        thread.join(_STOP_LIMIT_S)

    @property
    def is_running(self) -> bool:
        """Whether it listens."""
        return self._running is not None

    @property
    def url(self) -> str:
        """Where to send callbacks. Any other path of the same port will do as well.

        Raises:
            ReceiverError: It does not listen.
        """
        if self._running is None:
            raise ReceiverError("The receiver does not listen.", hint="Start it first.")
        return f"http://{HOST}:{self._port}{PATH}"

    @property
    def received(self) -> tuple[Received, ...]:
        """What has arrived, the newest last: the last 1000, or less where bodies are long."""
        return self._inbox.snapshot()

    @property
    def scheme(self) -> Scheme:
        """How callbacks have to be signed."""
        return self._rules.scheme

    def set_secrets(self, secrets: Sequence[Secret | KnownSecret]) -> None:
        """Verify with these from the next request on. May be called from any thread."""
        with self._changing:
            self._rules = rules_of(self._rules.scheme, secrets)

    def set_scheme(self, scheme: Scheme) -> None:
        """Judge by this scheme from the next request on. May be called from any thread."""
        with self._changing:
            self._rules = rules_of(scheme, self._rules.known)

    def set_answers(self, plan: AnswerPlan) -> None:
        """Answer the next requests by a plan, in place of one before it. From any thread.

        When the plan is used up the ordinary answers go on; an empty plan brings them back at once.
        """
        self._answers = deque(plan.steps)

    @property
    def answers_left(self) -> tuple[AnswerStep, ...]:
        """What is left of the plan."""
        return tuple(self._answers)

    def set_forwarder(self, forwarder: Forwarder | None) -> None:
        """Hand what arrives from now on to another program too. May be called from any thread."""
        if forwarder is not None:
            forwarder.report_to(self._inbox.note)
        self._forwarder = forwarder

    def count_with(self, tally: CallbackTally | None) -> None:
        """Have everything that arrives from now on counted. May be called from any thread."""
        self._tally = tally

    def clear(self) -> None:
        """Drop what has arrived. Replays of it are still known as such."""
        self._inbox.clear()

    def subscribe(self, subscriber: Callable[[Received], object]) -> Callable[[], None]:
        """Have everything that arrives from now on handed to a function.

        Args:
            subscriber: Called in the receiver's thread, after the sender was answered. It must
                return quickly and must not wait for the thread that may call `stop`.

        Returns:
            A function that ends the subscription.
        """
        return self._inbox.subscribe(subscriber)

    def follow(self, follower: Callable[[Received], object]) -> Callable[[], None]:
        """Have everything handed to a function that changes after it has arrived.

        Args:
            follower: Called in the receiver's thread, as in `subscribe`, with the changed one.

        Returns:
            A function that ends this.
        """
        return self._inbox.follow(follower)

    def _next_answer(self) -> AnswerStep | None:
        try:
            return self._answers.popleft()
        except IndexError:
            return None

    def _build(self) -> ReceiverServer:
        # A console that never listens should not pay for these imports when it starts.
        from cognitui.callbacks.receiver_app import ReceiverApp
        from cognitui.callbacks.receiver_server import ReceiverServer

        return ReceiverServer(
            ReceiverApp(
                inbox=self._inbox,
                replay=self._replay,
                rules=lambda: self._rules,
                clock=self._clock,
                read_limit_s=self._read_limit_s,
                answers=self._next_answer,
                forwarder=lambda: self._forwarder,
                tally=lambda: self._tally,
            )
        )
