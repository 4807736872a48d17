"""The search for what would make a signature right: one change at a time, then two together."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

from cognitui.callbacks.explain.bodies import Body, bodies_of
from cognitui.callbacks.explain.budget import OutOfBudget
from cognitui.callbacks.explain.claims import claims_of
from cognitui.callbacks.explain.contents import contents_of
from cognitui.callbacks.explain.keys import keys_of
from cognitui.callbacks.explain.macs import macs_of
from cognitui.callbacks.schemes.reading import DIGEST_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cognitui.callbacks.explain.budget import Budget
    from cognitui.callbacks.explain.cause import Cause
    from cognitui.callbacks.explain.claims import Claim
    from cognitui.callbacks.explain.contents import Content
    from cognitui.callbacks.explain.keys import Key, NamedSecret
    from cognitui.callbacks.explain.macs import Mac
    from cognitui.callbacks.explain.paste import PastedRequest
    from cognitui.callbacks.schemes.scheme import SignedHeaders

_MAX_BODIES = 600


@dataclass(slots=True)
class _Claimed:
    """The signatures to be met, in a form that is quick to compare."""

    whole: dict[bytes, Claim]
    begins: list[Claim]
    sizes: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, claims: Sequence[Claim]) -> _Claimed:
        whole = {claim.digest: claim for claim in reversed(claims) if not claim.is_partial}
        begins = [claim for claim in claims if claim.is_partial]
        return cls(whole, begins, {len(digest) for digest in whole})

    def met_by(self, digest: bytes) -> Claim | None:
        # What is compared never leaves this machine, so the time that it takes tells nobody.
        claim = self.whole.get(digest)
        if claim is not None or not self.begins:
            return claim
        return next((each for each in self.begins if digest.startswith(each.digest)), None)


def search(
    part: SignedHeaders,
    request: PastedRequest,
    found: dict[str, list[bytes]],
    *,
    secrets: Sequence[NamedSecret],
    budget: Budget,
) -> tuple[Cause, ...]:
    """What has to be undone for the signature to verify, as few things as possible.

    Returns:
        The causes, the one that matters most first; none when nothing that was tried verifies, or
        the budget did not suffice, which the budget tells.
    """
    claims = claims_of(part, found)
    if not claims:
        return ()
    claimed = _Claimed.of(claims)
    keys = keys_of(secrets, part.key)
    contents = list(contents_of(part, request, found))
    if claimed.begins:
        claimed.sizes.add(DIGEST_BYTES[part.algorithm])
    macs = macs_of(part, claimed.sizes)
    bodies: list[Body] = []
    try:
        for key, body, content, mac in _ladder(
            keys, _kept(request.body, bodies, budget), bodies, contents, macs
        ):
            text = content.of(body.value)
            budget.spend_try(len(text))
            claim = claimed.met_by(mac.of(key.value, text))
            if claim is not None:
                return (*claim.causes, *key.causes, *body.causes, *content.causes, *mac.causes)
    except OutOfBudget:
        return ()
    return ()


def _kept(body: bytes, kept: list[Body], budget: Budget) -> Iterator[Body]:
    """The bodies as they are made, each once; what is yielded is kept for the pairs."""
    seen: set[bytes] = set()
    size = 0
    for variant in bodies_of(body, budget):
        budget.spend(len(variant.value))
        if variant.value in seen:
            continue
        size += len(variant.value)
        if not budget.may_keep(size) or len(kept) == _MAX_BODIES:
            return
        seen.add(variant.value)
        kept.append(variant)
        yield variant


def _ladder(
    keys: list[Key],
    new_bodies: Iterator[Body],
    bodies: list[Body],
    contents: list[Content],
    macs: list[Mac],
) -> Iterator[tuple[Key, Body, Content, Mac]]:
    """Everything to try, what differs in one thing before what differs in two."""
    body, content, mac = [next(new_bodies)], contents[:1], macs[:1]
    own_keys = [key for key in keys if not key.causes]
    near_keys = [key for key in keys if len(key.causes) == 1]
    far_keys = [key for key in keys if len(key.causes) > 1]
    # A plain hash needs no key at all, and must be found without one too.
    some_keys = own_keys or keys[:1]
    yield from product(own_keys + near_keys, body, content, mac)
    # Made while they are tried; from here on they are in the list.
    yield from ((key, each, content[0], mac[0]) for each in new_bodies for key in own_keys)
    yield from product(own_keys, body, contents[1:], mac)
    yield from product(some_keys, body, content, macs[1:])
    yield from product(far_keys, body, content, mac)
    yield from product(near_keys, body, contents[1:], mac)
    yield from product(near_keys, body, content, macs[1:])
    yield from product(some_keys, bodies[1:], content, macs[1:])
    yield from product(some_keys, body, contents[1:], macs[1:])
    yield from product(near_keys, bodies[1:], content, mac)
    yield from product(own_keys, bodies[1:], contents[1:], mac)
