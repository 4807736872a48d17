"""How hard a secret is to guess: an estimate, and the words for it."""

from __future__ import annotations

import math
from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING

from cognitui.cognigy.models import MIN_SECRET_LENGTH

if TYPE_CHECKING:
    from pydantic import SecretStr

STRONG_BITS, FAIR_BITS = 128, 90


class Strength(StrEnum):
    """What an estimate comes to."""

    SHORT = "short"
    WEAK = "easily guessed"
    FAIR = "fair"
    STRONG = "strong"


def strength(secret: SecretStr) -> Strength:
    """How strong a secret looks, from its length and how much its characters vary.

    Words and dates vary less than they look; only a secret that was generated is sure to be strong.
    """
    text = secret.get_secret_value()
    if len(text) < MIN_SECRET_LENGTH:
        return Strength.SHORT
    bits = len(text) * _bits_a_character(text)
    if bits < FAIR_BITS:
        return Strength.WEAK
    return Strength.STRONG if bits >= STRONG_BITS else Strength.FAIR


def _bits_a_character(text: str) -> float:
    total = len(text)
    return -sum(n / total * math.log2(n / total) for n in Counter(text).values())
