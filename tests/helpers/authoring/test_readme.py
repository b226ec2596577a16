"""Generated tables say what the manifest says, and leave the rest alone."""

import pytest

from helpers.authoring import readme
from helpers.authoring.manifest import Course, Lab, Lesson, Task, Unit

LAB = Lab("lab_1_1", "Land it", 100, "planned", (Task("land", 100, ("1.1.K1",)),), {})
READY = Lesson("1_1a_formats", "Six formats", 40, "ready", ("1.1.K1",), ())
PLANNED = Lesson("1_1b_storage", "Stores", 40, "planned", ("1.1.S1",), ())
UNIT = Unit(
    id="1.1",
    title="Bring data in",
    domain="1 Data",
    weight=28,
    bullets={"1.1.K1": "One", "1.1.S1": "Two"},
    lessons=(READY, PLANNED),
    lab=LAB,
)
COURSE = Course({}, (UNIT,))


def test_the_course_table_links_what_is_ready_and_counts_what_is_planned():
    row = readme.course_table(COURSE).splitlines()[-1]
    assert row.split(" | ") == [
        "| 1.1 Bring data in",
        "[Six formats](notebooks/1_1a_formats.ipynb)<br>1 planned",
        "Land it (planned)",
        "3.0",
        "100 |",
    ]


def test_the_coverage_table_counts_what_is_taught_and_graded():
    rows = readme.coverage_table(COURSE).splitlines()
    assert rows[2] == "| 1.1 Bring data in | 1 Data | 28 % | 2 | 1 | 0 |"
    assert rows[-1] == "| **all** | | 100 % | 2 | 1 | 0 |"


def test_a_table_replaces_what_stood_in_its_place_and_nothing_else():
    text = "before\n<!-- course -->\nold\n<!-- /course -->\nafter\n"
    once = readme.filled(text, "course", "| new \\1 |")
    assert once == "before\n<!-- course -->\n| new \\1 |\n<!-- /course -->\nafter\n"
    assert readme.filled(once, "course", "| new \\1 |") == once


@pytest.mark.parametrize("text", ["", "<!-- course --><!-- /course -->" * 2])
def test_a_place_must_be_there_once(text):
    with pytest.raises(LookupError, match="needs <!-- course --> and <!-- /course -->"):
        readme.filled(text, "course", "")


def test_stale_files_are_written_once(tmp_path, monkeypatch):
    places = "".join(f"<!-- {n} --><!-- /{n} -->\n" for n in ("course", "coverage"))
    monkeypatch.setattr(readme, "README", tmp_path / "README.md")
    monkeypatch.setattr(readme, "FIDELITY", tmp_path / "FIDELITY.md")
    readme.README.write_text(places)
    assert readme.write(COURSE) == [readme.README, readme.FIDELITY]
    assert readme.write(COURSE) == []
    assert "| operation |" in readme.FIDELITY.read_text()
