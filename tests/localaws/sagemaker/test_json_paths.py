"""The JSONPath of Batch Transform's filters, by AWS's own examples."""

from typing import Any

import pytest

from localaws.errors import ValidationError
from localaws.sagemaker.json_paths import JsonPath, PathError

RECORD = {"id": 7, "store": {"book": [{"price": 1}, {"price": 2}]}, "a-b": [1, 2, 3]}
ROW = ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("$", ROW, ROW),
        ("", ROW, ROW),
        ("$[0]", ROW, "a"),
        ("$[-1]", ROW, "d"),
        ("$[0,-1]", ROW, ["a", "d"]),
        ("$[1:]", ROW, ["b", "c", "d"]),
        ("$[:2]", ROW, ["a", "b"]),
        ("$[1:3]", ROW, ["b", "c"]),
        ("$[0, 2:]", ROW, ["a", "c", "d"]),
        ("$.id", RECORD, 7),
        ("$['id']", RECORD, 7),
        ("$['id','a-b']", RECORD, {"id": 7, "a-b": [1, 2, 3]}),
        ("$.a-b[0]", RECORD, 1),
        ("$.store.book[1].price", RECORD, 2),
        ("$.store.book[*].price", RECORD, [1, 2]),
        ("$.store.['book']", RECORD, [{"price": 1}, {"price": 2}]),
        ("$.*", {"a": 1, "b": 2}, [1, 2]),
    ],
)
def test_a_path_selects(path: str, value: Any, found: Any) -> None:
    assert JsonPath(path, "InputFilter").select(value) == found


@pytest.mark.parametrize(
    ("path", "value"), [("$[9]", ROW), ("$.x", RECORD), ("$.x", ROW)]
)
def test_a_path_to_nothing_is_an_error(path: str, value: Any) -> None:
    with pytest.raises(PathError, match="selects nothing"):
        JsonPath(path, "InputFilter").select(value)


@pytest.mark.parametrize(
    "path", ["id", "$..id", "$[?(@.x)]", "$.f['a','b'].c", "$[a]", "$.", "$['a'"]
)
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="not a supported JSONPath"):
        JsonPath(path, "InputFilter")
