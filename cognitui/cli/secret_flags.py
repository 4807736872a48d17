"""What is said to whoever wants to hand over a secret as an argument.

Imported when somebody does.
"""

from __future__ import annotations

_WORDS = frozenset({
    "auth", "authorization", "bearer", "credential", "credentials", "headers", "key",
    "passphrase", "password", "passwd", "secret", "token",
})  # fmt: skip
_INSTEAD = (
    ("passphrase", "COGNITUI_VAULT_PASSPHRASE"),
    ("headers", "COGNITUI_OTLP_HEADERS"),
    ("api-secret", "COGNITUI_API_SECRET"),
    ("key", "COGNITUI_API_KEY"),
    ("secret", "COGNITUI_WEBHOOK_SECRET"),
)


def advice(flag: str, known: list[str]) -> str:
    """Where a secret goes instead; empty for a flag that does not sound like one.

    Args:
        flag: An option that the command does not have, without its value.
        known: Those it has.
    """
    word = flag.lstrip("-").lower().replace("_", "-")
    if _WORDS.isdisjoint(word.split("-")):
        return ""
    variable = next((name for end, name in _INSTEAD if word.endswith(end)), "")
    ways = [f"set {variable}" if variable else "set its COGNITUI_ variable"]
    ways += [f"give `{name}`" for name in ("--secret-file",) if name in known]
    return f"A secret is no argument, since everybody here can list those: {' or '.join(ways)}."
