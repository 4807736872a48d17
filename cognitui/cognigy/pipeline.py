"""The way of one call to a tenant.

::

    deadline → retry { gate → breaker → token → limiter → origin guard → HTTP }

The gate comes before the limiter, so that only a handful of calls queue for the window and the
token call, which needs a place in it too, never stands behind a thousand others. It comes before
the breaker, so that a thousand calls that were made in time do not all go to a tenant that fails.
"""

from __future__ import annotations

import asyncio
import base64
import random
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from pydantic import SecretStr

from cognitui.clock import SYSTEM_CLOCK, Clock
from cognitui.cognigy.answer import Answer, Timeouts
from cognitui.cognigy.answers import is_success, parse, rate_limited, status_error
from cognitui.cognigy.auth import TokenSource
from cognitui.cognigy.breaker import CircuitBreaker, in_trial
from cognitui.cognigy.errors import (
    AnswerLost,
    ApiError,
    CircuitOpen,
    ClientClosed,
    CreateUnconfirmed,
    InvalidAnswer,
    NotFound,
    RateLimited,
    ServerError,
    StatusError,
    TransportError,
    Unauthorized,
)
from cognitui.cognigy.limiter import SlidingWindowLimiter, WaitTooLongError
from cognitui.cognigy.models import Token
from cognitui.cognigy.operation import Attempt, Operation, current_trace
from cognitui.cognigy.retry import RetryPolicy
from cognitui.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from cognitui.cognigy.credentials import Credentials

MAX_IN_FLIGHT = 8
# What a trial meets when the tenant is not back yet; any other no is an answer.
_STILL_DOWN = (TransportError, ServerError, RateLimited, InvalidAnswer, CircuitOpen)


class Pipeline:
    """Everything that stands between a call and the wire, for one tenant and one key.

    Attributes:
        is_answering: Whether the last request was answered at all; ``None`` before the first.
        on_attempt: Called when a request leaves and when it has ended.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        requests_per_minute: int = 100,
        limiter: SlidingWindowLimiter | None = None,
        policy: RetryPolicy | None = None,
        breaker: CircuitBreaker | None = None,
        timeouts: Timeouts | None = None,
        clock: Clock = SYSTEM_CLOCK,
        uniform: Callable[[], float] = random.random,
    ) -> None:
        self.base_url = base_url
        self.limiter = limiter or SlidingWindowLimiter(requests_per_minute, clock=clock)
        self.breaker = breaker or CircuitBreaker(clock=clock)
        self.tokens = TokenSource(self._exchange_token, clock)
        self._policy = policy or RetryPolicy()
        self._credentials = credentials
        # Loads httpx, which nobody needs who has not opened a tenant yet.
        from cognitui.cognigy.engine import Engine

        self._engine = Engine(base_url, timeouts or Timeouts())
        self._gate = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._clock = clock
        self._uniform = uniform
        self._last_bot_id: str | None = None
        self.is_answering: bool | None = None
        self.on_attempt: Callable[[], None] | None = None

    async def run(self, operation: Operation) -> Answer:
        """Make the call, with everything that patience and caution can do for it.

        Raises:
            ApiError: It did not succeed; which one says why.
        """
        self._last_bot_id = operation.bot_id or self._last_bot_id
        perhaps_done = False

        async def attempt(number: int) -> Answer:
            nonlocal perhaps_done
            try:
                async with self._gate:
                    await self.breaker.permit(self._trial)
                    return await self._authorised(operation, number)
            except (AnswerLost, ServerError):
                perhaps_done = True
                raise
            except NotFound:
                if operation.method == "DELETE" and perhaps_done:
                    # The attempt whose answer was lost has done it.
                    return Answer(204, {}, b"")
                raise

        try:
            return await self._with_retries(operation, attempt)
        except _NoTokenError as no_token:
            raise no_token.error from None

    async def authenticate(self) -> None:
        """Make sure that there is a token, which shows that the tenant accepts the key.

        Raises:
            ApiError: The tenant cannot be reached or does not accept the key.
        """
        await self.breaker.permit(self._trial)
        await self.tokens.get()

    async def aclose(self) -> None:
        """Stop a token renewal or a trial that is under way, and close the connections."""
        await self.breaker.aclose()
        await self.tokens.aclose()
        await self._engine.aclose()

    async def _with_retries(
        self, operation: Operation, attempt: Callable[[int], Awaitable[Answer]]
    ) -> Answer:
        started, number = self._clock.monotonic(), 0
        while True:
            number += 1
            try:
                return await attempt(number)
            except ApiError as error:
                delay = self._policy.delay_after(
                    number, error, repeatable=operation.repeatable, uniform=self._uniform
                )
                spent = self._clock.monotonic() - started
                if delay is None or in_trial.get() or spent + delay > self._policy.deadline_s:
                    raise
            await self._clock.sleep(delay)

    async def _authorised(self, operation: Operation, number: int) -> Answer:
        token = await self._token()
        try:
            return await self._send(operation, number, "Bearer", token)
        except Unauthorized:
            # Expired early or revoked: one renewal, one more try, then it is the key that is wrong.
            self.tokens.invalidate(token)
            return await self._send(operation, number, "Bearer", await self._token())

    async def _token(self) -> SecretStr:
        try:
            return await self.tokens.get()
        except ApiError as error:
            # The exchange was patient already; repeating it for each waiting call would not be.
            raise _NoTokenError(error) from None

    async def _exchange_token(self) -> Token:
        pair = _basic(self._credentials)
        operation = Operation(
            "POST",
            f"{self.base_url}/auth/token",
            "/auth/token",
            scope="bot:read",
            body=lambda: {"grant_type": "client_credentials"},
        )
        answer = await self._with_retries(
            operation, lambda number: self._send(operation, number, "Basic", pair)
        )
        return parse(Token, answer, operation)

    async def _trial(self) -> bool:
        """Whether the tenant is back: one status call, which changes nothing there."""
        bot_id = self._last_bot_id
        path = f"/bots/{quote(bot_id, safe='')}/status" if bot_id else "/bots"
        operation = Operation("GET", self.base_url + path, path, scope="bot:read")
        try:
            await self._authorised(operation, 1)
        except _NoTokenError as no_token:
            return not isinstance(no_token.error, _STILL_DOWN)
        except ApiError as error:
            return not isinstance(error, _STILL_DOWN)
        return True

    async def _send(
        self, operation: Operation, number: int, scheme: str, proof: SecretStr
    ) -> Answer:
        key, secret = self._credentials.api_key, self._credentials.api_secret
        operation = replace(operation, secrets=(*operation.secrets, proof, key, secret))
        authorization = SecretStr(f"{scheme} {proof.get_secret_value()}")
        try:
            async with self.limiter.slot(max_wait_s=self._policy.deadline_s):
                # Others may have found the tenant failing while this one waited for its place.
                self.breaker.refuse_while_open()
                return await self._measured(operation, number, authorization)
        except WaitTooLongError as wait:
            raise rate_limited(wait.seconds) from None
        finally:
            self._tell()

    async def _measured(
        self, operation: Operation, number: int, authorization: SecretStr
    ) -> Answer:
        started = self._clock.monotonic()
        status: int | None = None
        code: str | None = "cancelled"
        self._tell()
        try:
            answer = await self._engine.send(operation, authorization)
            status = answer.status
            if not is_success(answer):
                raise status_error(answer, operation, self._clock.now())
        except ApiError as error:
            code = error.code
            self._learn_from(error)
            raise _as_unconfirmed(error, operation) from None
        else:
            code = None
            self.is_answering = True
            self.breaker.succeeded()
            return answer
        finally:
            ms = (self._clock.monotonic() - started) * 1000
            self._note(Attempt(number, operation.method, operation.path, status, ms, code))

    def _learn_from(self, error: ApiError) -> None:
        self.is_answering = not isinstance(error, TransportError)
        if isinstance(error, RateLimited) and error.retry_after_s:
            self.limiter.close_for(error.retry_after_s)
        if isinstance(error, ClientClosed):
            return  # which is no fault of the tenant's
        if isinstance(error, (ServerError, TransportError)):
            self.breaker.failed()
        elif isinstance(error, StatusError):
            self.breaker.succeeded()

    def _tell(self) -> None:
        if self.on_attempt is not None:
            self.on_attempt()

    def _note(self, attempt: Attempt) -> None:
        trace = current_trace()
        trace.attempts.append(attempt)
        get_logger().info(
            "http_attempt",
            method=attempt.method,
            path=attempt.path,
            status=attempt.status,
            ms=round(attempt.ms, 1),
            attempt=attempt.number,
            error=attempt.error,
            operation_id=trace.operation_id,
        )


class _NoTokenError(Exception):
    """Carries the reason past the retry loop of the call that wanted the token."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(error.code)
        self.error = error


def _basic(credentials: Credentials) -> SecretStr:
    """The key and the secret as HTTP Basic wants them."""
    key, secret = credentials.api_key.get_secret_value(), credentials.api_secret.get_secret_value()
    pair = f"{key}:{secret}".encode("utf-8", "surrogatepass")
    return SecretStr(base64.b64encode(pair).decode("ascii"))


def _as_unconfirmed(error: ApiError, operation: Operation) -> ApiError:
    if operation.repeatable or not isinstance(error, (ServerError, AnswerLost, InvalidAnswer)):
        return error
    return unconfirmed(operation, error)


def unconfirmed(operation: Operation, reason: ApiError) -> CreateUnconfirmed:
    """The error for a create that was sent and not properly answered."""
    return CreateUnconfirmed(
        f"{operation.method} {operation.path} was sent, but nobody knows whether it took effect: "
        f"{reason.message}",
        reason=reason,
        hint="It was not repeated. Look at the bot's webhooks before you try again.",
    )
