"""Which collector gets what is recorded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from cognitui.cognigy.origin import Origin
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from pydantic import SecretStr

_SDK = ("opentelemetry", "opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_VALUE = re.compile(r"[\x20-\x7e]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class OtlpTarget:
    """A collector.

    Attributes:
        endpoint: Its base URL, without a slash at the end; signals are sent to ``/v1/logs`` and
            ``/v1/metrics`` below it.
        headers: What it knows us by.
    """

    endpoint: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, endpoint: str, headers: SecretStr | None = None) -> OtlpTarget:
        """The collector that the settings name.

        Args:
            endpoint: Its base URL.
            headers: As OpenTelemetry spells them: ``name=value,name=value``.

        Raises:
            UsageError: They cannot be used, or the extra is not installed.
        """
        try:
            origin = Origin.of(endpoint)
        except ValueError as error:
            raise _unusable(f"{error}") from None
        parts = urlsplit(endpoint)
        if parts.query or parts.fragment:
            raise _unusable("it may not have a query or a fragment")
        found = {} if headers is None else _headers(headers.get_secret_value())
        if found and origin.scheme == "http" and not origin.is_loopback:
            raise _unusable("it must be https when there are headers, which would travel in clear")
        if not all(map(_is_there, _SDK)):
            raise UsageError(
                "An OTLP endpoint is set, and what speaks OTLP is not installed.",
                hint="Install it with `pip install 'cognitui[otel]'`, or leave otlp_endpoint out.",
                field="otlp_endpoint",
            )
        return cls(endpoint.rstrip("/"), found)

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine, which no proxy can reach."""
        return Origin.of(self.endpoint).is_loopback


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _headers(text: str) -> dict[str, str]:
    found = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = pair.partition("=")
        name, value = name.strip(), unquote(value.strip())
        if not (equals and _NAME.fullmatch(name) and _VALUE.fullmatch(value)):
            # Which one is not told: any part of it may be the secret.
            raise UsageError(
                "COGNITUI_OTLP_HEADERS cannot be used: it is name=value, with commas between.",
                field="otlp_headers",
            )
        found[name] = value
    return found


def _unusable(reason: str) -> UsageError:
    return UsageError(
        f"The OTLP endpoint cannot be used: {reason}.",
        hint="It looks like http://127.0.0.1:4318.",
        field="otlp_endpoint",
    )
