"""What a draft changes is shown field by field and line by line, and no secret with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from cognitui.cognigy.credentials import fingerprint
from cognitui.webhooks.diff import DiffLine, FieldChange, LineKind, changes, json_diff, value_diff
from cognitui.webhooks.draft import Draft
from tests.support.tenants import SIGNING_SECRET

BEFORE = Draft(
    skill_id="skill_1",
    endpoint_url="https://hooks.example.com/a",
    triggers=("ON_MESSAGE", "ON_FALLBACK"),
    templates={"ON_MESSAGE": '{"a": 1, "b": [2]}'},
    timeout_ms="1000",
    retry_count="1",
    webhook_id="wh_1",
)
KEPT = "the one that the tenant has"


def test_nothing_is_changed_yet() -> None:
    assert changes(BEFORE, BEFORE) == []
    reformatted = BEFORE.with_(templates={"ON_MESSAGE": '{\n"a":1,"b":[2]}'}, skill_id=" skill_1")
    assert changes(BEFORE, reformatted) == []
    assert [line.kind for line in json_diff(BEFORE, reformatted)] == [LineKind.GAP]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"skill_id": "skill_2"}, FieldChange("skill", ("skill_1",), ("skill_2",))),
        ({"timeout_ms": "soon"}, FieldChange("timeout", ("1000",), ("soon",))),
        ({"retry_count": "2"}, FieldChange("retries", ("1",), ("2",))),
        ({"triggers": ("ON_MESSAGE",)}, FieldChange("ON_FALLBACK", ("on",), ())),
        (
            {"triggers": ("ON_MESSAGE", "ON_FALLBACK", "ON_SKILL_END")},
            FieldChange("ON_SKILL_END", (), ("on",)),
        ),
        (
            {"templates": {"ON_MESSAGE": '{"a": 1}'}},
            FieldChange(
                "ON_MESSAGE",
                ("{", '  "a": 1,', '  "b": [', "    2", "  ]", "}"),
                ("{", '  "a": 1', "}"),
            ),
        ),
        ({"templates": {}}, FieldChange("ON_MESSAGE", ("{", '  "a": 1,', '  "b": [', "    2", "  ]", "}"), ("on",))),
        (
            {"secret_key": SecretStr(SIGNING_SECRET)},
            FieldChange("secret", (KEPT,), (f"•••••••• {fingerprint(SecretStr(SIGNING_SECRET))}",)),
        ),
        (
            {"endpoint_url": "https://hooks.example.com/\u202eb"},
            FieldChange("endpoint", ("https://hooks.example.com/a",), ("https://hooks.example.com/%E2%80%AEb",)),
        ),
    ],
)  # fmt: skip
def test_each_field_before_and_after(change: dict[str, Any], expected: FieldChange) -> None:
    assert changes(BEFORE, BEFORE.with_(**change)) == [expected]


def test_the_json_line_by_line_with_gaps() -> None:
    after = BEFORE.with_(endpoint_url="https://hooks.example.com/b", retry_count="2")
    assert json_diff(BEFORE, after, context=1) == [
        DiffLine(LineKind.SAME, "{"),
        DiffLine(LineKind.SAME, '  "skillId": "skill_1",'),
        DiffLine(LineKind.REMOVED, '  "url": "https://hooks.example.com/a",'),
        DiffLine(LineKind.ADDED, '  "url": "https://hooks.example.com/b",'),
        DiffLine(LineKind.SAME, '  "triggers": ['),
        DiffLine(LineKind.GAP, "19 lines are the same"),
        DiffLine(LineKind.SAME, '    "timeout": 1000,'),
        DiffLine(LineKind.REMOVED, '    "retries": 1'),
        DiffLine(LineKind.ADDED, '    "retries": 2'),
        DiffLine(LineKind.SAME, "  }"),
        DiffLine(LineKind.SAME, "}"),
    ]


def test_a_new_secret_is_shown_by_its_fingerprint_only() -> None:
    after = BEFORE.with_(secret_key=SecretStr(SIGNING_SECRET))
    told = f"{changes(BEFORE, after)} {json_diff(BEFORE, after)}"
    assert SIGNING_SECRET not in told
    assert fingerprint(SecretStr(SIGNING_SECRET)) in told
    assert KEPT in told


def test_any_two_values_can_be_compared() -> None:
    before = {"a": 1, "b": [1, 2], "c": "x"}
    assert value_diff(before, before | {"c": "y"}, context=1) == [
        DiffLine(LineKind.GAP, "5 lines are the same"),
        DiffLine(LineKind.SAME, "  ],"),
        DiffLine(LineKind.REMOVED, '  "c": "x"'),
        DiffLine(LineKind.ADDED, '  "c": "y"'),
        DiffLine(LineKind.SAME, "}"),
    ]
    assert {line.kind for line in value_diff(None, before)} == {LineKind.ADDED}
    assert {line.kind for line in value_diff(before, None)} == {LineKind.REMOVED}
    assert value_diff(None, None) == []


drafts = st.builds(
    BEFORE.with_,
    skill_id=st.text(max_size=5),
    triggers=st.lists(st.sampled_from(["ON_MESSAGE", "ON_FALLBACK", "x"])).map(tuple),
    templates=st.dictionaries(st.just("ON_MESSAGE"), st.sampled_from(["{", "{}", '{"a": 2}'])),
    secret_key=st.text(max_size=3).map(SecretStr),
)


@given(drafts, drafts)
def test_the_lines_give_both_texts_back(before: Draft, after: Draft) -> None:
    lines = json_diff(before, after, context=1000)
    differs = any(line.kind in {LineKind.ADDED, LineKind.REMOVED} for line in lines)
    assert differs or not changes(before, after)
    if not differs:
        return
    for draft, left_out in ((before, LineKind.ADDED), (after, LineKind.REMOVED)):
        text = "\n".join(line.text for line in lines if line.kind is not left_out)
        assert json.loads(text)["skillId"] == draft.skill_id.strip()
        assert len(json.loads(text)["triggers"]) == len(draft.triggers)
