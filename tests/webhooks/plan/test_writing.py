"""What is exported reads back as what it was, and is the same text each time."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognitui.webhooks.plan.matching import bind, match, same_json
from cognitui.webhooks.plan.planning import judge
from cognitui.webhooks.plan.reading import parse_file
from cognitui.webhooks.plan.writing import reason_against, write_file

from .support import parsed, registered

if TYPE_CHECKING:
    from cognitui.cognigy.models import RegisteredWebhook

BASE = "https://acme.cognigy.ai/api/v1"
TEXTS = st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)  # fmt: skip
TEMPLATES = st.none() | st.dictionaries(TEXTS, JSON, max_size=3)


def exported(*webhooks: RegisteredWebhook, skills: dict[str, str] | None = None) -> str:
    return write_file(BASE, "bot_1", webhooks, skills or {"skill_1": "Order status"})


@given(template=TEMPLATES, name=TEXTS, webhook_id=st.text(min_size=1, max_size=20))
@settings(deadline=None)
def test_whatever_a_tenant_has_reads_back(
    template: dict[str, Any] | None, name: str, webhook_id: str
) -> None:
    triggers = [{"event": "ON_MESSAGE", "payload_template": template}]
    webhook = registered(webhook_id, triggers=triggers)
    text = exported(webhook, skills={"skill_1": name})
    if reason_against(webhook):
        assert "# Left out, and left alone" in text
        return
    if not webhook_id.strip() or (name and not name.strip()):
        return
    file = parse_file(text.encode(), "w.toml")
    (one,) = file.webhooks
    assert (one.webhook_id, one.skill_id, one.skill_name) == (webhook_id, "skill_1", name)
    assert same_json(one.templates["ON_MESSAGE"], template)
    bound, problems = bind(file.webhooks, {"skill_1": name}, is_home=True)
    judged = judge(match(bound, [webhook], is_home=True), {}, {}, sets_secrets=False)
    assert (problems, judged.problems, judged.updates, judged.creates) == ([], [], [], [])


def test_the_order_is_its_own() -> None:
    webhooks = [registered(f"wh_{n}", url=f"https://x.example/{n % 3}") for n in range(9)]
    text = exported(*webhooks)
    for seed in range(5):
        mixed = random.Random(seed).sample(webhooks, len(webhooks))
        assert exported(*mixed) == text


def test_names_and_variables_are_plain_and_its_own() -> None:
    file = parsed(exported(registered("wh_1"), registered("WH/1"), registered("wh 1")))
    names = {one.name for one in file.webhooks}
    assert names == {"order-status-wh_1", "order-status-wh-1", "order-status-wh-1-2"}
    sources = {one.secret.env for one in file.webhooks if one.secret}
    assert "WEBHOOK_SECRET_ORDER_STATUS_WH_1" in sources


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"url": "https://me:hush@x.example/"}, "user name and password"),
        ({"url": "gopher://x"}, "http or https"),
        ({"delivery": {"timeout": 3000, "retries": 9}}, "retries are 0 to 5"),
        ({"auth": {"type": "ed25519"}}, "signed in another way"),
        ({"triggers": [{"event": "ON_PARTY"}]}, "The events are"),
        ({"triggers": []}, "at least one trigger"),
    ],
)
def test_what_a_file_cannot_say_is_left_out(changes: dict[str, Any], reason: str) -> None:
    webhook = registered("wh_1", **changes)
    assert reason in reason_against(webhook)
    text = exported(webhook, registered("wh_2"))
    assert "hush" not in text
    assert "# Left out, and left alone: wh_1" in text
    assert [one.webhook_id for one in parsed(text).webhooks] == ["wh_2"]


def test_a_hostile_tenant_cannot_break_out_of_a_comment() -> None:
    webhook = registered("wh\nbot = 'evil'", url="gopher://x\n[[webhook]]")
    assert parsed(exported(webhook)).bot_id == "bot_1"
