"""What can be read is read, whatever wrote it; what cannot is refused with its reason.

The whole class is read once: no file may disturb the next.
"""

import json
import re

import pytest

from tests.helpers.grading.intake import small
from tests.helpers.grading.intake.small import WHOLE, cell, notebook, text

V3 = {"nbformat": 3, "worksheets": [{"cells": small.cells()}]}
for each in V3["worksheets"][0]["cells"]:
    each["input"] = each.pop("source")
OUTPUT = {"output_type": "display_data", "data": {"image/png": "A" * 100_000_000}}
LATIN = small.cells()
LATIN[2] = cell(small.ADD + "  # für", "add_answer")
SPLIT = [cell(each["source"].splitlines(keepends=True)) for each in small.cells()]

READ = {
    "plain": (text(), ()),
    "v3": (json.dumps(V3), ("has format 3",)),
    "v4_0": (text(nbformat_minor=0), ()),
    "no_format": (json.dumps({"cells": small.cells()}), ("does not say its format",)),
    "utf16": (text().encode("utf-16"), ("utf-16",)),
    "utf16_no_mark": (text().encode("utf-16-le"), ("utf-16-le",)),
    "utf32": (text().encode("utf-32"), ("utf-32",)),
    "utf8_mark": (text().encode("utf-8-sig"), ("utf-8-sig",)),
    "latin1": (
        json.dumps(notebook(LATIN), ensure_ascii=False).encode("latin-1"),
        ("Windows-1252",),
    ),
    "numbers": (
        text(metadata={"x": float("nan"), "y": [float("inf"), float("-inf")]}).replace(
            '"nbformat_minor": 5', '"nbformat_minor": ' + "9" * 5000
        ),
        (),
    ),
    "crlf": (json.dumps(notebook(), indent=1).replace("\n", "\r\n"), ()),
    "unknown_kernel": (text(metadata={"kernelspec": {"name": "julia"}}), ()),
    "no_metadata": (
        json.dumps(notebook([{**c, "metadata": None} for c in small.cells()])),
        ("ids of cells are lost",),
    ),
    "lines": (text(SPLIT), ("ids of cells are lost",)),
    "odd_cells": (
        text([7, None, cell(7), cell([1, 2]), {"source": "x"}, *small.cells()]),
        ("cell 1 is no cell", "cell 5 is no cell"),
    ),
    "surrogate": (
        text([cell('bad = "\ud800"'), *small.cells()]),
        ("cell 1 holds characters that are no text",),
    ),
    "large_cell": (
        text([cell("x" * 2_000_000), *small.cells()]),
        ("cell 1 has 2 MB and was left out",),
    ),
    "large_output": (
        json.dumps(notebook([cell("1 + 1", outputs=[OUTPUT]), *small.cells()])),
        (),
    ),
    "duplicated_ids": (text([{**c, "id": "same"} for c in small.cells()]), ()),
}
REFUSED = {
    "nothing": (b"", "is empty"),
    "blank": (b" \n", "is empty"),
    "cut_off": (text()[:300], "is not JSON: .* column"),
    "binary": (bytes(range(256)) * 40, "is not JSON"),
    "deep": ("[" * 100_000, "is nested too deeply"),
    "deep_valid": ("[" * 50_000 + "]" * 50_000, "is nested too deeply"),
    "a_list": ("[]", "is JSON, but not a notebook"),
    "web_page": ("<!DOCTYPE html>", "is a web page"),
    "zip_renamed": (b"PK\x03\x04", "is a zip archive by another name"),
    "pdf": (b"%PDF-1.7", "is a PDF"),
    "format_99": (text(nbformat=99), "has notebook format 99; 3 and 4 are read"),
    "format_list": (text(nbformat=[4]), r"has notebook format \[4\]"),
    "cells_object": (text({"a": 1}), "has no list of cells"),
    "cells_missing": ('{"nbformat": 4}', "has no list of cells"),
    "sheets_wrong": ('{"nbformat": 3, "worksheets": 1}', "holds no task of lab_9_9"),
    "many_cells": (
        '{"nbformat": 4, "cells": [' + "{}," * 1_000_000 + "{}]}",
        "has 1,000,001 cells; at most 5,000",
    ),
    "much_code": (
        text([cell("x" * 1_000_000)] * 9),
        "has more than 8 MB of text outside its outputs",
    ),
    "long_line": (text([cell("x" * 100_000_000)]), "holds no task of lab_9_9"),
    "other_lab": (text([cell("y = 1")]), "none of its cells defines add, scale"),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    root = tmp_path_factory.mktemp("class")
    for name, (content, _) in {**READ, **REFUSED}.items():
        (root / name).mkdir()
        raw = content if isinstance(content, bytes) else content.encode()
        (root / name / "lab_9_9.ipynb").write_bytes(raw)
    (root / "vast").mkdir()
    with (root / "vast" / "lab_9_9.ipynb").open("wb") as file:
        file.truncate(300 << 20)
    found = small.read(root)
    for name in ("large_output", "long_line", "vast"):
        (root / name / "lab_9_9.ipynb").unlink()
    return found


@pytest.mark.parametrize("name", READ)
def test_it_is_read(found, name):
    assert found[name].rejection is None
    assert [kind for kind in small.told(found[name]) if kind[0] != "other"] == WHOLE
    notes = found[name].work["notes"]
    for said in READ[name][1]:
        assert any(said in note for note in notes), notes
    if not READ[name][1]:
        assert notes == []


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(found, name):
    rejection = found[name].rejection
    assert re.search(REFUSED[name][1], rejection.reason), rejection.reason
    assert rejection.file == f"{name}/lab_9_9.ipynb"
    assert rejection.next
    assert found[name].work["cells"] == []


def test_a_vast_file_is_not_read(found):
    said = "has 315 MB; at most 134 MB are read"
    assert found["vast"].rejection.reason == said
    assert "clear all outputs" in found["vast"].rejection.next


def test_the_text_survives(found):
    sources = [each["source"] for each in found["latin1"].work["cells"]]
    assert small.ADD + "  # für" in sources
    assert 'bad = "?"' in [c["source"] for c in found["surrogate"].work["cells"]]


def test_the_digest_is_that_of_the_file(found):
    digests = [found[name].digest for name in ("plain", "utf16", "cells_object")]
    assert len(set(digests)) == 3
    assert len(digests[0]) == 64
