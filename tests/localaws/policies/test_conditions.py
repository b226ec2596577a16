"""Condition operators, as a truth table."""

from typing import Any

import pytest

from localaws.policies.conditions import Condition
from localaws.policies.errors import PolicyError

# operator, the policy's values, the request's values (None: no key), whether it holds
TABLE: list[tuple[str, Any, Any, bool]] = [
    ("StringEquals", "a", "a", True),
    ("StringEquals", "a", "A", False),
    ("StringEquals", "a*", "ab", False),
    ("StringEquals", ["a", "b"], "b", True),
    ("StringEquals", "a", None, False),
    ("StringNotEquals", ["a", "b"], "b", False),
    ("StringNotEquals", ["a", "b"], "c", True),
    ("StringNotEquals", "a", None, True),
    ("StringEqualsIgnoreCase", "a", "A", True),
    ("StringNotEqualsIgnoreCase", "a", "A", False),
    ("StringLike", "a?c*", "abcde", True),
    ("StringLike", "a?c", "ac", False),
    ("StringNotLike", "a*", "abc", False),
    ("StringNotLike", "a*", None, True),
    ("NumericEquals", "10", "10.0", True),
    ("NumericNotEquals", "10", "11", True),
    ("NumericLessThan", "10", "9", True),
    ("NumericLessThan", "10", "10", False),
    ("NumericLessThanEquals", "10", "10", True),
    ("NumericGreaterThan", "10", "11", True),
    ("NumericGreaterThanEquals", "10", "9", False),
    ("NumericLessThan", "10", "many", False),
    ("DateLessThan", "2026-01-06T00:00:00Z", "2026-01-05T08:00:00Z", True),
    ("DateLessThan", "2026-01-05T08:00:00Z", "2026-01-05T08:00:00Z", False),
    ("DateGreaterThan", "1767600000", "2026-01-05T08:00:01Z", True),
    ("DateEquals", "2026-01-05T08:00:00Z", "1767600000", True),
    ("DateNotEquals", "2026-01-05", "2026-01-05T00:00:00Z", False),
    ("DateLessThanEquals", "2026-01-05T09:00:00+01:00", "2026-01-05T08:00:00Z", True),
    ("DateGreaterThanEquals", "2026-01-05T08:00:00Z", "2026-01-05T07:59:59Z", False),
    ("Bool", "true", "true", True),
    ("Bool", "True", "false", False),
    ("Bool", "false", None, False),
    ("BoolIfExists", "true", None, True),
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
    ("IpAddress", "203.0.113.0/24", "203.0.113.9", True),
    ("IpAddress", "203.0.113.0/24", "203.0.114.9", False),
    ("IpAddress", "2001:db8::/32", "2001:db8::1", True),
    ("IpAddress", "2001:db8::/32", "203.0.113.9", False),
    ("NotIpAddress", ["203.0.113.0/24", "198.51.100.1"], "198.51.100.1", False),
    ("NotIpAddress", "203.0.113.0/24", "192.0.2.1", True),
    ("ArnEquals", "arn:aws:sns:*:1:x", "arn:aws:sns:eu-west-1:1:x", True),
    ("ArnLike", "arn:aws:sns:*:x", "arn:aws:sns:eu-west-1:1:x", False),
    ("ArnLike", "arn:aws:s3:::b/*", "arn:aws:s3:::b/c/d:e", True),
    ("ArnNotEquals", "arn:aws:s3:::b", "arn:aws:s3:::b", False),
    ("ArnNotLike", "arn:aws:s3:::b*", None, True),
    ("Null", "true", None, True),
    ("Null", "true", "a", False),
    ("Null", "false", "a", True),
    ("Null", "false", None, False),
    ("StringEqualsIfExists", "a", None, True),
    ("StringEqualsIfExists", "a", "b", False),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
    ("ForAllValues:StringEquals", "a", None, True),
    ("ForAnyValue:StringEquals", ["a", "b"], ["a", "c"], True),
    ("ForAnyValue:StringEquals", ["a", "b"], ["d", "c"], False),
    ("ForAnyValue:StringEquals", "a", None, False),
    ("ForAnyValue:StringNotEquals", "a", None, False),
    ("ForAnyValue:StringEqualsIfExists", "a", None, True),
    ("ForAnyValue:StringNotEquals", "a", ["a", "b"], True),
    ("ForAllValues:StringNotEquals", "a", ["a", "b"], False),
    ("ForAllValues:StringLike", "a*", ["ab", "ac"], True),
    ("StringEquals", "${aws:username}", "ada", True),
    ("StringEquals", "${aws:username}", "bob", False),
    ("StringLike", "${aws:username}/*", "ada/x", True),
    ("StringEquals", "${aws:nobody}", "ada", False),
    ("StringEquals", "${aws:nobody, 'ada'}", "ada", True),
    ("StringNotEquals", "${aws:nobody}", "ada", True),
    ("StringLike", "a${*}c", "a*c", True),
    ("StringLike", "a${*}c", "abc", False),
    ("StringEquals", "${$}x${?}", "$x?", True),
    ("StringLike", "${aws:star}", "abc", False),
    ("StringLike", "${aws:star}", "a*", True),
]


def values(given: Any) -> tuple[str, ...]:
    """Return one or many values as many."""
    return tuple([given] if isinstance(given, str) else given or ())


@pytest.mark.parametrize(("operator", "wanted", "found", "holds"), TABLE)
def test_an_operator(operator: str, wanted: Any, found: Any, holds: bool) -> None:
    one = Condition(operator, "s3:Key", values(wanted), version=True)
    context = {"aws:username": ("ada",), "aws:star": ("a*",)}
    assert one.holds(context | {"s3:key": values(found)}) is holds
    if found is None:
        assert one.holds(context) is holds


def test_old_policies_know_no_variables() -> None:
    one = Condition("StringEquals", "k", ("${aws:username}",), version=False)
    assert one.holds({"k": ("${aws:username}",), "aws:username": ("ada",)})


@pytest.mark.parametrize(
    "operator",
    ["Equals", "StringMatches", "NullIfExists", "ForAnyValue:Null", "ForSome:Bool", ""],
)
def test_other_operators_are_no_policy(operator: str) -> None:
    with pytest.raises(PolicyError, match="Invalid Condition type"):
        Condition(operator, "k", ("a",), version=True)
