"""Who handed something in: platform and roster say, never the notebook."""

import io
import zipfile

import pytest

from helpers.grading.intake import BadRoster, roster
from helpers.grading.intake.handing import unique
from helpers.grading.intake.identity import owner
from tests.helpers.grading.intake import small
from tests.helpers.grading.intake.small import cell, text

LAB = "lab_9_9"
ATTEMPT = "2026-01-31-23-59-59"
NAMES = {
    "Amy de la Cruz_12345_assignsubmission_file": ("12345", "Amy de la Cruz", ""),
    "Amy Poe_12345_assignsubmission_file_": ("12345", "Amy Poe", ""),
    "Amy Poe_12345_assignsubmission_file_lab (1).ipynb": (
        "12345",
        "Amy Poe",
        "lab (1).ipynb",
    ),
    "Participant_77_assignsubmission_file_": ("77", "Participant", ""),
    "poeamy_340934_208490284_lab_9_9-1.ipynb": (
        "340934",
        "poeamy",
        "lab_9_9-1.ipynb",
    ),
    "poeamy_LATE_340934_208490284_lab.ipynb": ("340934", "poeamy", "lab.ipynb"),
    "anon_x7Yz2_208490284_lab.ipynb": ("anon_x7Yz2", "", "lab.ipynb"),
    f"Lab 1_ampoe_attempt_{ATTEMPT}_lab.ipynb": ("ampoe", "", "lab.ipynb"),
    f"Lab_1_ampoe_attempt_{ATTEMPT}.txt": ("ampoe", "", ""),
    "amy.ipynb": ("amy", "", "amy.ipynb"),
    "amy_lab_9_9.ipynb": ("amy", "", "amy_lab_9_9.ipynb"),
    "lab_9_9 - Amy Poe (2).ipynb": ("Amy Poe", "", "lab_9_9 - Amy Poe (2).ipynb"),
    "lab_9_9_amy.ipynb": ("amy", "", "lab_9_9_amy.ipynb"),
    "lab_9_9_1_2_amy.ipynb": ("1_2_amy", "", "lab_9_9_1_2_amy.ipynb"),
    "lab_9_9.ipynb": ("lab_9_9", "", "lab_9_9.ipynb"),
}
ROSTER = """\ufeffName;ID;Email
Amy Poe;a1;amy@example.org
Bob Lee;b2;
Bob Lee;b3;
Zoë de la Cruz;z9;
"""
METADATA = """---
submission_11:
  :submitters:
  - :name: Amy Poe
    :sid: a1
    :email: amy@example.org
  :created_at: 2026-01-31
  :results:
    tests:
    - name: |
        :name: Mallory
  :history:
  - :submitters:
    - :name: Eve
      :sid: e5
submission_12:
  :submitters:
  - :name: 'Bob ''B'' Lee'
    :sid: '0042'
    :email: bob@example.org
  - :name: "Zo\\xEB"
    :sid:
    :email: zoe@example.org
"""


@pytest.mark.parametrize("name", NAMES)
def test_the_name_tells(name):
    is_folder = "assignsubmission" in name and not name.endswith(".ipynb")
    found = owner(name, is_folder, LAB)
    assert (found.id, found.name, found.file) == NAMES[name]


def zipped(path, entries):
    with zipfile.ZipFile(path, "w") as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return path


@pytest.fixture
def known(tmp_path):
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return roster.read(tmp_path / "roster.csv")


def test_the_roster_names_the_students_of_moodle(tmp_path, known):
    entries = {
        "Amy Poe_11_assignsubmission_file_/lab_9_9.ipynb": text(),
        "Bob Lee_12_assignsubmission_file_/lab_9_9.ipynb": text(),
        "Mallory_13_assignsubmission_file_/a1_lab_9_9.ipynb": text(),
        "Eve_14_assignsubmission_onlinetext_/onlinetext.html": "<p>",
    }
    found = small.read(zipped(tmp_path / "course-lab-9.zip", entries), known)
    by_student = {each.work["student"]: each for each in found.values()}
    assert by_student["a1"].work["name"] == "Amy Poe"
    note = "nobody in the roster bears this name"
    assert by_student["12"].work["notes"] == [note]
    assert by_student["13"].work["notes"] == [note]
    assert by_student["14"].rejection.reason == "no notebook was handed in"
    for absent in ("b2", "b3", "z9"):
        assert by_student[absent].rejection.reason == "nothing was handed in"


def test_canvas_writes_the_last_name_first(tmp_path, known):
    entries = {
        "delacruzzoë_LATE_5_600_lab_9_9.ipynb": text(),
        "poeamy_4_601_lab_9_9-2.ipynb": text(),
        "poeamy_4_602_notes.pdf": "",
    }
    found = small.read(zipped(tmp_path / "submissions.zip", entries), known)
    assert {"z9", "a1", "b2", "b3"} == set(found)
    assert found["a1"].rejection is None
    assert found["z9"].work["name"] == "Zoë de la Cruz"


def test_the_latest_attempt_of_blackboard_counts(tmp_path):
    early, late = ATTEMPT, ATTEMPT.replace("2026-01", "2026-02")
    entries = {
        f"Lab_ampoe_attempt_{late}_lab.ipynb": text(),
        f"Lab_ampoe_attempt_{early}_lab_9_9.ipynb": text([cell("1")]),
        f"Lab_ampoe_attempt_{early}.txt": "Name: Mallory",
    }
    found = small.read(zipped(tmp_path / "gradebook.zip", entries))
    assert found["ampoe"].work["file"] == f"Lab_ampoe_attempt_{late}_lab.ipynb"
    assert found["ampoe"].rejection is None


def test_gradescope_tells_who_worked_together(tmp_path):
    entries = {
        "assignment_1_export/submission_metadata.yml": METADATA,
        "assignment_1_export/submission_11/lab_9_9.ipynb": text(),
        "assignment_1_export/submission_12/lab_9_9.ipynb": text(),
        "assignment_1_export/submission_13/lab_9_9.ipynb": text(),
        "assignment_1_export/submission_11/submission_metadata.yml": "submission_12:",
    }
    found = small.read(zipped(tmp_path / "export.zip", entries))
    names = {key: each.work["name"] for key, each in found.items()}
    assert names == {
        "a1": "Amy Poe",
        "0042": "Bob 'B' Lee",
        "zoe@example.org": "Zoë",
        "submission_13": "",
    }
    assert found["0042"].work["notes"] == ["handed in by Bob 'B' Lee, Zoë"]
    assert found["0042"].digest == found["zoe@example.org"].digest


def test_loose_files_of_one_folder_are_a_class(tmp_path):
    for name in ("amy.ipynb", "lab_9_9_bob.ipynb", "zoe.ipynb", "grades.csv"):
        (tmp_path / name).write_text(text())
    assert set(small.read(tmp_path)) == {"amy", "bob", "zoe"}


def test_two_that_claim_one_student_are_told_apart(tmp_path, known):
    for name in ("a1", "Amy Poe"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "lab_9_9.ipynb").write_text(text())
    found = small.read(tmp_path, known)
    assert {key for key in found if key.startswith("a1")} == {"a1", "a1-2"}
    for key in ("a1", "a1-2"):
        note = "2 submissions bear this student's name"
        assert found[key].work["notes"] == [note]


def test_nothing_inside_a_notebook_tells_whose_it_is(tmp_path):
    mine = text(metadata={"student": "zoe", "authors": [{"name": "Zoe"}]})
    (tmp_path / "mallory").mkdir()
    (tmp_path / "mallory" / "zoe.ipynb").write_text(mine)
    found = small.read(tmp_path)
    assert [each.work["student"] for each in found.values()] == ["mallory"]


def test_keys_are_fit_for_files_and_differ():
    taken = set()
    given = ["amy", "AMY", "../../x", "a/b", "", "..", "x" * 400, "=cmd|'/c'!A1"]
    keys = [unique(each, taken) for each in given]
    assert keys == [
        *("amy", "AMY-2", "_.._x", "a_b", "_", "_-2", "x" * 80, "_cmd___c__A1")
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "names no column id"),
        ("first,last\na,b\n", "names no column id"),
        ("id,name\n1,a\n1,b\n", "the id 1 stands there twice"),
    ],
)
def test_a_bad_roster_is_refused(tmp_path, content, said):
    (tmp_path / "r.csv").write_text(content)
    with pytest.raises(BadRoster, match=said):
        roster.read(tmp_path / "r.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_spreadsheets_write_rosters_in_their_own_ways(tmp_path, encoding):
    out = io.StringIO("username\tfull name\r\n\r\nzg\tZoë Grün\r\nshort\r\n")
    (tmp_path / "r.csv").write_bytes(out.getvalue().encode(encoding))
    found = roster.read(tmp_path / "r.csv")
    names = [(each.id, each.name) for each in found.students]
    assert names == [("zg", "Zoë Grün"), ("short", "")]
