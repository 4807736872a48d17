"""The checks that need a key: whether it is accepted, and what it may do."""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from pydantic import SecretStr

from cognitui.cognigy.answer import Answer, Timeouts
from cognitui.cognigy.answers import rate_limited
from cognitui.cognigy.errors import ApiError, Unauthorized
from cognitui.cognigy.limiter import SlidingWindowLimiter, WaitTooLongError
from cognitui.cognigy.operation import Operation
from cognitui.network.outcome import Outcome
from cognitui.tenants.doctor import api, key, key_form, rights
from cognitui.tenants.doctor.line import CheckName, Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cognitui.clock import Clock
    from cognitui.cognigy.credentials import Credentials
    from cognitui.cognigy.engine import Engine
    from cognitui.tenants.doctor.address import Address
    from cognitui.tenants.doctor.question import Question

N = CheckName


class Inside:
    """What a tenant says to a key; each check is called when its turn comes.

    Args:
        question: Brings the key.
        address: Says whether the key belongs there.
        base_url: Where the API is.
        clock: Ours.

    Attributes:
        headers: Of the last answer.
        limiter: Counts the key's requests; ``None`` until there is one.
    """

    def __init__(self, question: Question, address: Address, base_url: str, clock: Clock) -> None:
        self._question, self._address = question, address
        self._base_url, self._clock = base_url, clock
        self.headers: Mapping[str, str] = {}
        self.limiter = question.limiter
        self._engine: Engine | None = None
        self._token: SecretStr | None = None
        self._scopes: tuple[str, ...] = ()
        self._bot_id = question.bot_id
        self._lacks: frozenset[str] = frozenset()
        self._was_let_through = False

    @property
    def is_in(self) -> bool:
        """Whether the tenant has let us in."""
        return self._token is not None

    async def aclose(self) -> None:
        """Close the connections."""
        if self._engine is not None:
            await self._engine.aclose()

    async def ask(self) -> Line:
        """Whether the key is accepted; a refusal is looked into with one more try."""
        credentials, address = self._question.credentials, self._address
        if credentials is None:
            return Line(N.KEY, Outcome.SKIPPED, "no key was given")
        if not address.is_same_origin:
            home = f"given for {address.given}" if address.given else "given for no whole URL"
            return Line(N.KEY, Outcome.SKIPPED, f"not sent: it was {home}; correct that first")
        answer, operation = None, self._operation("POST", "/auth/token", api.TOKEN_BODY)
        slips = key_form.slips(credentials)
        try:
            answer = await self._send(operation, _basic(credentials))
            return self._let_in(answer, operation)
        except Unauthorized as error:
            return await self._why_refused(error, slips)
        except ApiError as error:
            return key.failed(N.KEY, error, answer)

    async def _why_refused(self, error: Unauthorized, slips: list[str]) -> Line:
        """One more try tells whether it is the tidied pair, or the other way round; not more."""
        credentials = self._question.credentials
        assert credentials is not None
        other = key_form.tidy(credentials) if slips else key_form.swap(credentials)
        operation = self._operation("POST", "/auth/token", api.TOKEN_BODY)
        with suppress(ApiError):
            answer = await self._send(operation, _basic(other))
            key.token_in(answer, operation, self._clock.now())
            return key.copied_wrongly(slips) if slips else key.swapped()
        return key.refused(error, credentials, slips)

    def _let_in(self, answer: Answer, operation: Operation) -> Line:
        token = key.token_in(answer, operation, self._clock.now())
        self._token, self._scopes = token.access_token, rights.scopes_in(answer.body)
        return key.accepted(token, self._scopes)

    async def read(self) -> Line:
        """Whether the key may read bots."""
        operation = self._operation("GET", "/bots")
        return await self._judged(N.READ, operation, self._note_bots)

    def _note_bots(self, answer: Answer, operation: Operation) -> Line:
        if self._bot_id is None:
            self._bot_id = next(iter(rights.bots_in(answer.body) or []), None)
        return rights.reading(answer, operation, self._clock.now())

    async def manage(self) -> Line:
        """Whether the key may manage webhooks, by a change of nothing."""
        if self._question.is_read_only:
            return Line(N.MANAGE, Outcome.SKIPPED, "not tried in a read-only run")
        if self._bot_id is None:
            return Line(N.MANAGE, Outcome.SKIPPED, "not tried: no bot is known")
        path = f"/bots/{quote(self._bot_id, safe='')}/webhooks/{rights.NOBODYS}"
        operation = self._operation("PATCH", path, b'{"webhook":{}}')
        return await self._judged(N.MANAGE, operation, self._note_lacks)

    def _note_lacks(self, answer: Answer, operation: Operation) -> Line:
        self._lacks = rights.lacking(answer)
        line = rights.managing(answer, operation, self._clock.now(), self._lacks)
        self._was_let_through = line.outcome is Outcome.OK
        return line

    async def write(self) -> Line:
        """Whether the key may write bots, as far as the other checks tell."""
        return rights.writing(self._scopes, self._lacks, was_let_through=self._was_let_through)

    async def _judged(
        self, name: CheckName, operation: Operation, judge: Callable[[Answer, Operation], Line]
    ) -> Line:
        token = self._token
        assert token is not None
        bearer = SecretStr(f"Bearer {token.get_secret_value()}")
        try:
            answer = await self._send(operation, bearer)
        except ApiError as error:
            return key.failed(name, error, None)
        return judge(answer, operation)

    def _operation(self, method: str, path: str, body: bytes | None = None) -> Operation:
        return Operation(
            method,
            self._base_url + path,
            path.replace(rights.NOBODYS, "…"),
            scope=rights.READ if method == "GET" else rights.MANAGE,
            body=None if body is None else lambda: dict(api.as_object(body)),
            secrets=tuple(self._secrets()),
        )

    def _secrets(self) -> Iterator[SecretStr]:
        """All that a tenant might echo and nobody may see."""
        if self._token is not None:
            yield self._token
        if (given := self._question.credentials) is not None:
            for pair in (given, key_form.tidy(given), key_form.swap(given)):
                yield from (pair.api_key, pair.api_secret)
                yield SecretStr(_basic(pair).get_secret_value().removeprefix("Basic "))

    async def _send(self, operation: Operation, authorization: SecretStr) -> Answer:
        """One request with a key, through the same guard as all others.

        Raises:
            ApiError: No answer came.
        """
        # Loads httpx, which only a key needs.
        from cognitui.cognigy.engine import Engine

        patience = self._question.timeout_s
        if self._engine is None:
            timeouts = Timeouts(patience, patience, 2 * patience)
            self._engine = Engine(self._base_url, timeouts)
        if self.limiter is None:
            most = self._question.requests_per_minute
            self.limiter = SlidingWindowLimiter(most, clock=self._clock)
        try:
            async with self.limiter.slot(max_wait_s=patience):
                answer = await self._engine.send(operation, authorization)
        except WaitTooLongError as wait:
            raise rate_limited(wait.seconds) from None
        self.headers = answer.headers
        return answer


def _basic(credentials: Credentials) -> SecretStr:
    pair = f"{credentials.api_key.get_secret_value()}:{credentials.api_secret.get_secret_value()}"
    encoded = base64.b64encode(pair.encode("utf-8", "surrogatepass")).decode("ascii")
    return SecretStr(f"Basic {encoded}")
