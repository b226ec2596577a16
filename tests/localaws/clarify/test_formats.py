"""The same rows in each format of a data set give the same metrics."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.localaws.clarify.audits import LOANS, asked, facet, found

NAMES = list(LOANS.columns)
File = tuple[str, str | bytes]


def parquet() -> list[File]:
    buffer = io.BytesIO()
    LOANS.to_parquet(buffer, index=False)
    return [("rows.parquet", buffer.getvalue())]


def lines() -> list[File]:
    records = [
        json.dumps({"data": {"x": row[:-1]}, "y": {"paid": row[-1]}})
        for row in LOANS.to_numpy().tolist()
    ]
    return [
        ("a.jsonl", "\n".join(records[:4]) + "\n"),
        ("b.jsonl", "\n\n".join(records[4:])),
    ]


def document() -> list[File]:
    rows = LOANS.to_numpy().tolist()
    text = json.dumps({"rows": [{"x": row[:-1], "y": row[-1]} for row in rows]})
    return [("rows.json", text)]


def parts(*, header: bool) -> list[File]:
    return [
        (name, rows.to_csv(index=False, header=header, lineterminator=end))
        for name, rows, end in (
            ("part-1.csv", LOANS[:3], "\n"),
            ("part-2.csv", LOANS[3:], "\r\n"),
        )
    ]


JSON = {"headers": NAMES, "features": "data.x", "label": "y.paid"}
FORMS: dict[str, tuple[Callable[[], list[File]], dict[str, Any]]] = {
    "headers in the file": (lambda: parts(header=True), {}),
    "headers in both": (lambda: parts(header=True), {"headers": NAMES}),
    "headers in the configuration": (lambda: parts(header=False), {"headers": NAMES}),
    "indices": (lambda: parts(header=True), {"label": 5, "group_variable": 3}),
    "parquet": (parquet, {"dataset_type": "application/x-parquet"}),
    "json lines": (lines, {"dataset_type": "application/jsonlines", **JSON}),
    "json": (
        document,
        {
            "dataset_type": "application/json",
            **JSON,
            "features": "rows[].x",
            "label": "rows[].y",
        },
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_format_changes_nothing(tmp_path: Path, form: str) -> None:
    files, more = FORMS[form]
    facets = ("sex", facet("age", 40)) if form != "indices" else (0, facet(1, 40))
    expected = found(tmp_path, asked("sex", facet("age", 40), group_variable="branch"))
    config = asked(*facets, **{"group_variable": "branch", **more})
    assert found(tmp_path, config, *files()) == expected


def test_columns_without_names_get_placeholders(tmp_path: Path) -> None:
    text = LOANS.to_csv(index=False, header=False)
    section = found(tmp_path, asked(0, label=5), ("rows.csv", text))
    assert section["label"] == "column_5"
    assert list(section["facets"]) == ["column_0"]
    generated = found(
        tmp_path,
        asked("column_0", label="y.paid", dataset_type="application/jsonlines")
        | {"features": "data.x"},
        *lines(),
    )
    assert generated == section


def test_marked_utf8_and_quoted_lines_are_read(tmp_path: Path) -> None:
    rows = LOANS.assign(sex=LOANS.sex.map({"f": "Frau, ä", "m": 'Mann "x"'}))
    text = rows.to_csv(index=False).encode("utf-8-sig")
    section = found(tmp_path, asked("sex"), ("rows.csv", text))
    named = [group["value_or_threshold"] for group in section["facets"]["sex"]]
    assert named == ["Frau, ä", 'Mann "x"']
