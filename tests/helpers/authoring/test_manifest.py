"""The manifest is read into plain records, with the paths that follow from the ids."""

from helpers.authoring.manifest import ROOT, course

TEXT = """
exam: {code: MLA-C01}
start:
  lessons: []
  lab: {id: lab_0_0, title: Warm up, minutes: 20, status: ready, needs: none,
        tasks: [{name: land, points: 100, bullets: []}]}
domains:
- id: "1"
  title: Data
  weight: 28
  statements:
  - id: "1.1"
    title: Bring it in
    bullets: {1.1.K1: The first of five words}
    lessons:
    - {id: 1_1a_formats, title: Formats, minutes: 40, status: planned,
       bullets: [1.1.K1], services: [Amazon S3]}
    lab: {id: lab_1_1, title: Land, minutes: 90, status: planned,
          tasks: [{name: land, points: 100, bullets: [1.1.K1]}]}
capstone:
  lab: {id: capstone, title: All, minutes: 600, status: planned,
        tasks: [{name: land, points: 100, statements: ["1.1"]}]}
"""


def read(tmp_path):
    path = tmp_path / "course.yaml"
    path.write_text(TEXT)
    return course(path)


def test_units_come_in_order(tmp_path):
    units = read(tmp_path).units
    assert [unit.id for unit in units] == ["start", "1.1", "capstone"]
    assert (units[1].domain, units[1].weight) == ("1 Data", 28)


def test_lessons_and_labs_know_their_files(tmp_path):
    found = read(tmp_path)
    assert found.lessons[0].path == ROOT / "notebooks" / "1_1a_formats.ipynb"
    assert found.labs[0].path == ROOT / "labs" / "lab_0_0.ipynb"
    assert found.labs[0].solution == ROOT / "solutions" / "lab_0_0.ipynb"


def test_sources_are_what_is_ready(tmp_path):
    assert read(tmp_path).sources() == [ROOT / "solutions" / "lab_0_0.ipynb"]


def test_bullets_and_notes_are_there(tmp_path):
    found = read(tmp_path)
    assert found.bullets == {"1.1.K1": "The first of five words"}
    assert found.labs[0].notes == {"needs": "none"}
