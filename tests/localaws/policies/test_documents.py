"""Documents that are no policies."""

import json
from typing import Any

import pytest

from localaws import policies
from localaws.policies import PolicyError
from localaws.policies.positions import Position, spans

FINE = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def policy(*statements: Any, **members: Any) -> dict[str, Any]:
    """Return a policy."""
    return {"Version": "2012-10-17", "Statement": list(statements), **members}


def without(name: str, **more: Any) -> dict[str, Any]:
    """Return a statement that lacks a member."""
    return {key: value for key, value in (FINE | more).items() if key != name}


NONE = [
    ("no", "identity", "not JSON"),
    ("[]", "identity", "no JSON object"),
    (policy(FINE, Wrong=1), "identity", "Unknown field"),
    (policy(FINE, Version="2020-01-01"), "identity", "valid version"),
    (policy(), "identity", "Statement"),
    (policy("x"), "identity", "Invalid policy syntax"),
    (policy({**FINE, "Wrong": 1}), "identity", "Unknown field Wrong"),
    (policy(without("Effect")), "identity", "Invalid effect"),
    (policy(without("Action")), "identity", "Missing required field Action"),
    (policy(without("Resource")), "identity", "Missing required field Resource"),
    (policy({**FINE, "NotAction": "s3:*"}), "identity", "Only one of"),
    (policy({**FINE, "Action": "GetObject"}), "identity", "invalid action"),
    (policy({**FINE, "Action": []}), "identity", "invalid action"),
    (policy({**FINE, "Resource": "desk"}), "identity", "invalid resource"),
    (policy({**FINE, "Principal": "*"}), "identity", "should not specify a principal"),
    (policy(FINE), "resource", "Missing required field Principal"),
    (policy({**FINE, "Principal": "ada"}), "resource", "Invalid policy syntax"),
    (policy({**FINE, "Principal": {}}), "resource", "Invalid policy syntax"),
    (policy({**FINE, "Principal": {"User": "ada"}}), "resource", "Invalid principal"),
    (policy({**FINE, "Principal": {"AWS": "ada"}}), "resource", "Invalid principal"),
    (
        policy({**FINE, "Principal": {"AWS": "arn:aws:iam::123456789012:user/*"}}),
        "resource",
        "Invalid principal",
    ),
    (policy({**FINE, "Principal": "*"}), "trust", "prohibited field Resource"),
    (policy({**FINE, "Condition": []}), "identity", "Invalid policy syntax"),
    (policy({**FINE, "Condition": {"Bool": "x"}}), "identity", "policy syntax"),
    (
        policy({**FINE, "Condition": {"Bool": {"a:b": {}}}}),
        "identity",
        "policy syntax",
    ),
    (policy({**FINE, "Sid": "a"}, {**FINE, "Sid": "a"}), "identity", "unique"),
]


@pytest.mark.parametrize(("document", "kind", "said"), NONE)
def test_what_is_no_policy(document: Any, kind: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        policies.parse(document, kind)


def test_a_policy_may_be_text_or_bytes_or_read() -> None:
    text = json.dumps(policy(FINE))
    for given in (text, text.encode(), policy(FINE), {"Statement": FINE}):
        assert len(policies.parse(given).statements) == 1


def test_values_that_are_no_texts_are_read() -> None:
    one = {**FINE, "Condition": {"Bool": {"a:b": True}, "NumericEquals": {"a:c": 3}}}
    (statement,) = policies.parse(policy(one)).statements
    assert [condition.wanted for condition in statement.conditions] == [
        ("true",),
        ("3",),
    ]


def test_where_statements_stand() -> None:
    text = '{"Statement": {"Effect":\n"Allow"}, "Id": "x"}'
    assert spans(text) == [(Position(1, 15), Position(2, 9))]
    assert spans('{"Id": "x"}') == []
