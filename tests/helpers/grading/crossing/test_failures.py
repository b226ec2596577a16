"""Exceptions cross as the class that a probe's `except` knows, and as nothing worse."""

import json

import pytest
from botocore.exceptions import ClientError

from helpers.grading.crossing import failures


def raised(error):
    """Raise it, tell it over JSON, and make it again."""
    try:
        raise error
    except BaseException as caught:
        return failures.again(json.loads(json.dumps(failures.told(caught))))


class OwnError(ValueError):
    pass


class Strange(Exception):
    def __str__(self):
        raise RuntimeError("not even this")


def unicode():
    return UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no start")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ValueError("x"), ValueError),
        (OwnError("x"), ValueError),
        (KeyError("x"), KeyError),
        (IndexError(), IndexError),
        (FileNotFoundError(2, "gone"), FileNotFoundError),
        (unicode(), UnicodeError),
        (NotImplementedError("x"), NotImplementedError),
        (StopIteration(3), StopIteration),
        (Strange(), failures.AnswerFailed),
        (SystemExit(1), failures.AnswerFailed),
        (KeyboardInterrupt(), failures.AnswerFailed),
        (GeneratorExit(), failures.AnswerFailed),
    ],
    ids=repr,
)
def test_an_exception_is_raised_again_as_its_nearest_builtin_class(error, kind):
    assert type(raised(error)) is kind


def test_the_text_is_the_same():
    assert str(raised(OwnError("a: b"))) == "a: b"
    assert str(raised(KeyError("name"))) == "'name'"


def test_a_client_error_keeps_its_code():
    response = {"Error": {"Code": "NoSuchBucket", "Message": "none"}}
    found = raised(ClientError(response, "GetObject"))
    assert isinstance(found, ClientError)
    assert found.response["Error"]["Code"] == "NoSuchBucket"
    assert found.operation_name == "GetObject"


def test_what_took_too_long_says_so():
    record = failures.told(KeyboardInterrupt(), late=True)
    found = failures.again(record)
    assert type(found) is failures.AnswerLate
    assert found.told["late"] is True


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"bases": "ValueError"},
        {"bases": ["SystemExit", "KeyboardInterrupt", "exec", 3, None]},
        {"bases": ["Exception"], "text": {"a": 1}, "kind": ["x"]},
        {"client": {"error": "none"}},
        {"client": [], "bases": None, "late": "yes"},
    ],
)
def test_a_record_that_nobody_has_told_is_an_exception_of_the_answer(record):
    found = failures.again(record)
    assert type(found) is failures.AnswerFailed
    assert all(type(found.told[name]) is str for name in ("kind", "text", "where"))
