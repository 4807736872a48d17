"""A person's own schemes, from tables such as ``[schemes.acme]`` in the file of settings.

::

    [schemes.acme]
    header = "X-Acme-Signature"
    value = "sha256={signature}"
    signs = "{timestamp}.{body}"
    timestamp_header = "X-Acme-Timestamp"
    unit = "s"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from cognitui.callbacks.schemes.ready import READY
from cognitui.callbacks.schemes.scheme import (
    BODY,
    ID,
    SECRET,
    SECRET_BASE64,
    SIGNATURE,
    TIMESTAMP,
    Algorithm,
    Encoding,
    KeyForm,
    Scheme,
    SignedHeaders,
    StaticHeader,
    Unit,
)
from cognitui.config import SCHEMES, quoted
from cognitui.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from enum import StrEnum

    from cognitui.config import Config, ConfigBroken

TITLE, HEADER, VALUE, SIGNS, SEPARATOR = "title", "header", "value", "signs", "separator"
TIMESTAMP_HEADER, ID_HEADER = "timestamp_header", "id_header"
ENCODING, ALGORITHM, KEY, UNIT = "encoding", "algorithm", "key", "unit"
SHARED_FIELDS = (TITLE, HEADER, VALUE)
SIGNED_FIELDS = (SIGNS, ENCODING, ALGORITHM, KEY, TIMESTAMP_HEADER, UNIT, ID_HEADER, SEPARATOR)
FIELDS = (*SHARED_FIELDS, *SIGNED_FIELDS)
MAX_HEADER = 100
MAX_TEXT = 200
MAX_SEPARATOR = 3

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_TOKEN = re.compile(r"[0-9A-Za-z!#$%&'*+.^_`|~-]+")
_PRINTABLE = re.compile(r"[ -~]*")
_SIGNABLE = re.compile(r"[ -~\t\r\n]*")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_OF_SIGNATURES = re.compile(r"[0-9A-Za-z+/=]*")
# What HTTP itself says with a header cannot also be a signature.
_OF_HTTP = frozenset({
    "connection", "content-encoding", "content-length", "content-type", "expect", "host",
    "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
})  # fmt: skip
E = TypeVar("E", bound="StrEnum")


def schemes_from(tables: object) -> dict[str, Scheme]:
    """The schemes of a table of tables, by their names.

    Raises:
        UsageError: One cannot be used; its field is ``NAME.FIELD``.
    """
    if not isinstance(tables, Mapping):
        raise UsageError(f"{SCHEMES} must be a table of tables.", field=SCHEMES)
    return {str(name): scheme_from(name, table) for name, table in tables.items()}


def scheme_from(name: object, table: object) -> Scheme:
    """One scheme.

    Args:
        name: What it is called in commands.
        table: Its fields.

    Raises:
        UsageError: It cannot be used; its field is ``NAME.FIELD``.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UsageError(
            f"A scheme cannot be called {quoted(name)}.",
            hint="Its name is up to 32 lowercase letters, digits, hyphens and underscores.",
            field=str(name)[:MAX_TEXT],
        )
    if name in READY:
        raise UsageError(
            f"The scheme {name} is there already.",
            hint="Give yours another name.",
            field=name,
        )
    if not isinstance(table, Mapping):
        raise UsageError(f"{name} must be a table, not {quoted(table)}.", field=name)
    return _Table(name, table).scheme()


def schemes_of(config: Config) -> dict[str, Scheme]:
    """The schemes in the file of settings.

    Raises:
        ConfigBroken: One cannot be used; says in which line.
    """
    if found := problems_of(config):
        raise found[0]
    return schemes_from(config.schemes)


def problems_of(config: Config) -> list[ConfigBroken]:
    """All schemes in the file of settings that cannot be used, each with its first problem."""
    found: list[ConfigBroken] = []
    for name, table in config.schemes.items():
        try:
            scheme_from(name, table)
        except UsageError as error:
            if config.file is None:
                raise
            reason = f"{error.message} {error.hint}".strip().removesuffix(".")
            # A scheme's name may have dots in it where it is wrong; a field never has.
            *_, field = (error.field or "").rpartition(".")
            keys = (name, field) if field in FIELDS or field in table else (name,)
            found.append(config.file.problem(reason, SCHEMES, *keys))
    return found


class _Table:
    """The fields of one scheme, read one by one."""

    def __init__(self, name: str, table: Mapping[object, object]) -> None:
        self._name = name
        self._table = table

    def scheme(self) -> Scheme:
        for key in self._table:
            if key not in FIELDS:
                advice = did_you_mean(key, FIELDS) if isinstance(key, str) else ""
                hint = advice or f"There are {', '.join(FIELDS)}."
                raise self._wrong(str(key)[:MAX_TEXT], f"there is no field {quoted(key)}", hint)
        title = self._text(TITLE, _PRINTABLE) or self._name
        header = self._header(HEADER)
        if not header:
            raise self._wrong(HEADER, f"{HEADER} is missing", "Name the signature's header.")
        value = self._text(VALUE, _PRINTABLE)
        if value != value.strip():
            hint = "HTTP drops it."
            raise self._wrong(VALUE, f"{VALUE} begins or ends with a space", hint)
        found = self._placeholders(VALUE, value, (SIGNATURE, TIMESTAMP, SECRET, SECRET_BASE64))
        is_static = bool({SECRET, SECRET_BASE64} & set(found))
        part = self._static(header, value, found) if is_static else self._signed(header, value)
        return Scheme(self._name, title, (part,))

    def _static(self, header: str, value: str, found: list[str]) -> StaticHeader:
        if len(found) > 1:
            raise self._wrong(
                VALUE,
                f"{VALUE} must have one placeholder where it says the secret itself, not "
                f"{' and '.join(found)}",
                f"Write {SECRET} or {SECRET_BASE64}, or {SIGNATURE} for a signature.",
            )
        if extra := [name for name in SIGNED_FIELDS if name in self._table]:
            raise self._wrong(
                extra[0],
                f"{extra[0]} is for signatures, and {VALUE} says the secret itself",
                f"Leave it out, or write {SIGNATURE} in {VALUE}.",
            )
        return StaticHeader(header, value)

    def _signed(self, header: str, value: str) -> SignedHeaders:
        part = SignedHeaders(
            header,
            value,
            signs=self._text(SIGNS, _SIGNABLE, BODY),
            encoding=self._choice(ENCODING, Encoding.HEX),
            algorithm=self._choice(ALGORITHM, Algorithm.SHA256),
            key=self._choice(KEY, KeyForm.LITERAL),
            timestamp_header=self._header(TIMESTAMP_HEADER),
            unit=self._choice(UNIT, Unit.MS),
            id_header=self._header(ID_HEADER),
            separator=self._text(SEPARATOR, _PRINTABLE),
        )
        self._check_value(part)
        self._check_signs(part)
        self._check_headers(part)
        if part.separator:
            self._check_separator(part)
        return part

    def _check_value(self, part: SignedHeaders) -> None:
        self._once(VALUE, part.value, SIGNATURE)
        if TIMESTAMP not in part.value:
            return
        self._once(VALUE, part.value, TIMESTAMP)
        between = re.split(r"\{timestamp\}|\{signature\}", part.value)[1]
        if _OF_SIGNATURES.fullmatch(between):
            raise self._wrong(
                VALUE,
                f"{VALUE} does not tell where {TIMESTAMP} and {SIGNATURE} end",
                "Put a comma or a dot between them.",
            )
        if part.timestamp_header:
            raise self._wrong(
                TIMESTAMP_HEADER,
                f"{TIMESTAMP_HEADER} is too much: {VALUE} has {TIMESTAMP} already",
                "Leave out one of them.",
            )

    def _check_signs(self, part: SignedHeaders) -> None:
        found = self._placeholders(SIGNS, part.signs, (BODY, TIMESTAMP, ID))
        self._once(SIGNS, part.signs, BODY)
        for name, is_there, field in (
            (TIMESTAMP, part.has_timestamp, TIMESTAMP_HEADER),
            (ID, bool(part.id_header), ID_HEADER),
        ):
            if name not in found:
                continue
            self._once(SIGNS, part.signs, name)
            if not is_there:
                raise self._wrong(
                    SIGNS,
                    f"{SIGNS} has {name}, and no header says it",
                    f"Name its header with {field}.",
                )

    def _check_headers(self, part: SignedHeaders) -> None:
        names = {part.header.lower(): HEADER}
        for field, name in ((TIMESTAMP_HEADER, part.timestamp_header), (ID_HEADER, part.id_header)):
            if name and name.lower() in names:
                raise self._wrong(field, f"{field} is the same as {names[name.lower()]}")
            names[name.lower()] = field

    def _check_separator(self, part: SignedHeaders) -> None:
        if len(part.separator) > MAX_SEPARATOR:
            raise self._wrong(
                SEPARATOR, f"{SEPARATOR} must have {MAX_SEPARATOR} characters or fewer"
            )
        if TIMESTAMP in part.value:
            raise self._wrong(
                SEPARATOR,
                f"{SEPARATOR} does not go with {TIMESTAMP} in {VALUE}: which one would count?",
                "Give the timestamp a header of its own.",
            )
        if _OF_SIGNATURES.fullmatch(part.separator) or part.separator in part.value:
            raise self._wrong(
                SEPARATOR,
                f"{SEPARATOR} {quoted(part.separator)} can be part of a signature",
                "A space or a semicolon cannot.",
            )

    def _text(self, field: str, allowed: re.Pattern[str], default: str = "") -> str:
        value = self._table.get(field, default)
        if not isinstance(value, str):
            raise self._wrong(field, f"{field} must be a text in quotes, not {quoted(value)}")
        if len(value) > MAX_TEXT or not allowed.fullmatch(value):
            raise self._wrong(
                field, f"{field} must be up to {MAX_TEXT} characters of printable ASCII"
            )
        return value

    def _header(self, field: str) -> str:
        name = self._text(field, _PRINTABLE)
        if not name and field not in self._table:
            return ""
        if len(name) > MAX_HEADER or not _TOKEN.fullmatch(name):
            raise self._wrong(
                field,
                f"{field} cannot be {quoted(name)}",
                f"A header's name is up to {MAX_HEADER} letters, digits and hyphens.",
            )
        if name.lower() in _OF_HTTP:
            raise self._wrong(field, f"{field} cannot be {name}: HTTP itself uses it")
        return name

    def _choice(self, field: str, default: E) -> E:
        value = self._table.get(field, str(default))
        kind = type(default)
        known = [str(member) for member in kind]
        if not isinstance(value, str) or value not in known:
            advice = did_you_mean(value, known) if isinstance(value, str) else ""
            raise self._wrong(
                field, f"{field} must be one of {', '.join(known)}, not {quoted(value)}", advice
            )
        return kind(value)

    def _placeholders(self, field: str, text: str, known: tuple[str, ...]) -> list[str]:
        """Those that a text has, in order."""
        found: list[str] = _PLACEHOLDER.findall(text)
        for one in found:
            if one not in known:
                advice = did_you_mean(one, known) or f"There are {', '.join(known)}."
                raise self._wrong(field, f"{field} has no placeholder {quoted(one)}", advice)
        if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
            raise self._wrong(
                field, f"{field} has a brace too many", "Braces are for placeholders only."
            )
        return found

    def _once(self, field: str, text: str, placeholder: str) -> None:
        count = text.count(placeholder)
        if count != 1:
            there = "is not there" if count == 0 else f"is there {count} times"
            raise self._wrong(field, f"{field} must have {placeholder} once, and it {there}")

    def _wrong(self, field: str, reason: str, hint: str = "") -> UsageError:
        end = "" if reason.endswith("?") else "."
        return UsageError(
            f"Scheme {self._name}: {reason}{end}", hint=hint, field=f"{self._name}.{field}"
        )
