"""Parts of answers that are alike are kept once.

A tenant with ten thousand webhooks tells the same delivery and the same triggers ten thousand
times: kept apart, they are two thirds of what a list of webhooks takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Hashable

    from pydantic import BaseModel

PartT = TypeVar("PartT", bound="BaseModel")

_first: WeakValueDictionary[Hashable, BaseModel] = WeakValueDictionary()


def shared(part: PartT) -> PartT:
    """The first of all frozen parts that say the same as this one, or this one.

    What holds a secret, a template or fields that only the tenant knows stays apart: the first is
    not to be remembered, and in the others ``1`` and ``true`` would count as the same.
    """
    values = tuple(part.__dict__.values())
    if part.model_extra or not all(isinstance(one, (str, int, type(None))) for one in values):
        return part
    key = type(part), frozenset(part.model_fields_set), values
    first = _first.setdefault(key, part)
    assert isinstance(first, type(part))
    return first
