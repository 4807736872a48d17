"""The JSON file of profiles: reading it with an eye on mistakes made by hand, and writing it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cognitui.errors import did_you_mean
from cognitui.tenants.errors import ProfilesBroken
from cognitui.tenants.explain import explain_profile_error

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cognitui.tenants.profiles import Profile

VERSION = 1
_KEYS = ("version", "profiles")


def encode(profiles: Mapping[str, Profile]) -> bytes:
    """The file's content, for people to read and edit."""
    bodies = {name: _body(profile) for name, profile in sorted(profiles.items())}
    text = json.dumps({"version": VERSION, "profiles": bodies}, indent=2, ensure_ascii=False)
    return (text + "\n").encode()


def _body(profile: Profile) -> dict[str, Any]:
    """The fields, without those that a version before them could not read and that say nothing."""
    body = profile.model_dump(mode="json", exclude={"name"}, exclude_none=True)
    unmarked = {"colour": "none", "is_production": False}
    return {key: value for key, value in body.items() if unmarked.get(key) != value}


def decode(path: Path, content: bytes, model: type[Profile]) -> dict[str, Profile]:
    """The profiles in the file's content.

    Raises:
        ProfilesBroken: Says in which line what is wrong.
    """
    text = _text(path, content)
    document = _parsed(path, text)
    if not isinstance(document, dict):
        raise _broken(path, 1, "it must hold an object")
    for key in document:
        if key not in _KEYS:
            hint = did_you_mean(key, _KEYS)
            raise _broken(path, _line(text, key), f"unknown key {key!r}. {hint}".rstrip(" ."))
    version = document.get("version")
    if version != VERSION:
        reason = f"version {version!r} is not one that this cognitui knows"
        raise _broken(path, _line(text, "version"), reason)
    bodies = document.get("profiles", {})
    if not isinstance(bodies, dict):
        raise _broken(path, _line(text, "profiles"), "profiles must be an object")
    return {name: _profile(path, text, name, body, model) for name, body in bodies.items()}


def unreadable(path: Path, reason: str) -> ProfilesBroken:
    """The error for a file of which nothing is known but that it cannot be read."""
    return ProfilesBroken(f"The profiles in {path} cannot be read: {reason}.", hint=_HINT)


def _profile(path: Path, text: str, name: str, body: Any, model: type[Profile]) -> Profile:
    if not isinstance(body, dict) or "name" in body:
        reason = f"the profile {name!r} must be an object without a name of its own"
        raise _broken(path, _line(text, "profiles", name), reason)
    try:
        return model.model_validate({"name": name, **body})
    except ValidationError as error:
        sentences = explain_profile_error(error)
    field, sentence = next(iter(sentences.items()))
    line = _line(text, "profiles", name, *([] if field == "name" else [field]))
    raise _broken(path, line, f"{name}: {sentence.rstrip('.')}", field=f"{name}.{field}")


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise unreadable(path, "it is not UTF-8 text") from None


def _parsed(path: Path, text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_without_repetition)
    except json.JSONDecodeError as error:
        raise _broken(path, error.lineno, f"it is not JSON: {error.msg}") from None
    except _RepeatedKey as error:
        raise _broken(path, _line(text, error.key, error.key), f"{error} is there twice") from None
    except RecursionError:
        raise unreadable(path, "it is nested too deeply") from None


class _RepeatedKey(ValueError):
    def __init__(self, key: str) -> None:
        super().__init__(repr(key))
        self.key = key


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _RepeatedKey(key)
        found[key] = value
    return found


def _line(text: str, *keys: str) -> int:
    """The line of a key, looked for after each of the keys around it; the last one found wins."""
    position = 0
    for key in keys:
        found = re.compile(rf"{re.escape(json.dumps(key))}\s*:").search(text, position)
        if found is None:
            break
        position = found.end()
    return text.count("\n", 0, position) + 1


_HINT = "It was left as it is. Correct it, or move it away to begin anew."


def _broken(path: Path, line: int, reason: str, *, field: str | None = None) -> ProfilesBroken:
    return ProfilesBroken(f"{path}, line {line}: {reason}.", hint=_HINT, field=field)
