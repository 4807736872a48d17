"""What the parts of the editor are called and are for."""

from __future__ import annotations

from cognitui.cognigy.models import TriggerEvent
from cognitui.tui.parts import Part

PARTS = (
    Part("skill_id", "Skill", "The skill whose events call the webhook."),
    Part("endpoint_url", "Endpoint", "The URL that the tenant calls."),
    *(
        Part(f"on-{event}", event, "Whether the tenant calls the endpoint at this event.")
        for event in TriggerEvent
    ),
    Part(
        "secret_key",
        "Secret",
        "Signs the callbacks; the endpoint has to know it too. A tenant never gives it back.",
    ),
    Part("timeout_ms", "Timeout", "How long the endpoint may take to answer, in milliseconds."),
    Part("retry_count", "Retries", "How often a callback that was not taken is sent again."),
    Part("template-event", "Event of the template", "The event whose template stands below."),
    Part(
        "template",
        "Template",
        "Fields that are added to the callback of that event, as JSON with placeholders.",
    ),
    Part(
        "webhook-view",
        "View",
        "What will be sent, what that changes, or the callback that will come of it.",
    ),
)
