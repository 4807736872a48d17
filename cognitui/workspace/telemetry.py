"""Which programs beside this one learn what is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cognitui.audit.otlp.export import OtlpExport
    from cognitui.settings import Settings


def otlp_export(settings: Settings) -> OtlpExport | None:
    """What hands records to the OpenTelemetry collector of the settings; ``None`` without one.

    Raises:
        UsageError: The settings cannot be used, or the extra is not installed.
    """
    endpoint = settings.config.otlp_endpoint
    if not endpoint:
        return None
    # Who has no collector should not pay for it.
    from cognitui.audit.otlp.export import OtlpExport
    from cognitui.audit.otlp.target import OtlpTarget

    return OtlpExport(OtlpTarget.of(endpoint, settings.environment.otlp_headers))
