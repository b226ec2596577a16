"""course.yaml is true: of the files, of the exam, and of what is made from it."""

import importlib
from collections import Counter
from pathlib import Path

import pytest

from helpers.authoring import readme, samples
from helpers.authoring.manifest import ROOT, Course, Lab, course
from helpers.check import checks_of
from helpers.samples import SAMPLES

COURSE = course()
# Knowledge and skill bullets of each task statement of the MLA-C01 exam guide.
BULLETS = {
    **{"1.1": (4, 6), "1.2": (6, 3), "1.3": (5, 4)},
    **{"2.1": (4, 5), "2.2": (8, 9), "2.3": (5, 6)},
    **{"3.1": (7, 6), "3.2": (5, 6), "3.3": (6, 6)},
    **{"4.1": (3, 4), "4.2": (6, 10), "4.3": (4, 5)},
}
READY_LABS = [lab for lab in COURSE.labs if lab.ready]


@pytest.fixture(params=READY_LABS, ids=lambda lab: lab.id)
def ready_lab(request: pytest.FixtureRequest) -> Lab:
    return request.param


def notebooks(folder: str) -> set[Path]:
    found = (ROOT / folder).glob("**/*.ipynb")
    return {path for path in found if ".ipynb_checkpoints" not in path.parts}


def test_every_ready_lesson_is_there_and_no_other():
    assert notebooks("notebooks") == {x.path for x in COURSE.lessons if x.ready}


def test_every_ready_lab_is_there_and_no_other():
    assert notebooks("solutions") == {lab.solution for lab in READY_LABS}
    assert notebooks("labs") == {lab.path for lab in READY_LABS}


def test_ids_are_unique_and_follow_the_naming():
    ids = [each.id for each in (*COURSE.lessons, *COURSE.labs)]
    assert len(ids) == len(set(ids))
    for unit in COURSE.units:
        key = unit.id.replace(".", "_") if unit.bullets else "0_0"
        assert all(lesson.id.startswith(key) for lesson in unit.lessons)
        assert unit.lab.id in {f"lab_{key}", "capstone"}


def test_status_is_planned_or_ready():
    statuses = {each.status for each in (*COURSE.lessons, *COURSE.labs)}
    assert statuses <= {"planned", "ready"}


@pytest.mark.parametrize(("statement", "counts"), BULLETS.items())
def test_a_task_statement_has_the_bullets_of_the_exam_guide(statement, counts):
    unit = next(unit for unit in COURSE.units if unit.id == statement)
    kinds = [("K", counts[0]), ("S", counts[1])]
    wanted = [
        f"{statement}.{kind}{n + 1}" for kind, count in kinds for n in range(count)
    ]
    assert list(unit.bullets) == wanted


def test_the_domains_weigh_what_the_exam_guide_says():
    weights = {unit.domain[0]: unit.weight for unit in COURSE.units if unit.bullets}
    assert weights == {"1": 28, "2": 26, "3": 22, "4": 24}


def test_wording_is_short_and_said_once():
    words = {key: len(text.split()) for key, text in COURSE.bullets.items()}
    assert {key: n for key, n in words.items() if not 5 <= n <= 12} == {}
    assert [t for t, n in Counter(COURSE.bullets.values()).items() if n > 1] == []


def test_every_bullet_is_in_exactly_one_lesson():
    taught = Counter(b for lesson in COURSE.lessons for b in lesson.bullets)
    assert taught == Counter(COURSE.bullets.keys())


def test_every_bullet_is_in_a_graded_task():
    graded = {b for lab in COURSE.labs for task in lab.tasks for b in task.bullets}
    assert graded == COURSE.bullets.keys()


def test_lessons_and_labs_teach_and_grade_their_own_statement():
    for unit in COURSE.units:
        used = [b for lesson in unit.lessons for b in lesson.bullets]
        used += [b for task in unit.lab.tasks for b in task.bullets]
        assert set(used) <= unit.bullets.keys()


@pytest.mark.parametrize("lab", COURSE.labs, ids=lambda lab: lab.id)
def test_a_lab_gives_a_hundred_points_over_tasks_with_names(lab):
    names = [task.name for task in lab.tasks]
    assert sum(task.points for task in lab.tasks) == 100
    assert len(names) == len(set(names))
    assert all(name.isidentifier() and name.islower() for name in names)
    assert 3 <= len(names) <= 8


def test_a_ready_lab_has_its_design_notes(ready_lab):
    assert set(ready_lab.notes) == {"teaches", "out_of_scope", "needs"}


def test_a_ready_lab_has_a_check_for_each_task(ready_lab):
    assert set(checks_of(ready_lab.id)) == {task.name for task in ready_lab.tasks}


def test_no_checks_without_a_lab():
    modules = [
        p for p in (ROOT / "helpers" / "checks").glob("*.py") if p.stem[0] != "_"
    ]
    labs = {p.stem for p in modules if p.stem.startswith(("lab_", "capstone"))}
    assert labs == {lab.id for lab in READY_LABS}
    for path in modules:
        importlib.import_module(f"helpers.checks.{path.stem}")


def test_the_generated_tables_are_current():
    stale = [str(path.relative_to(ROOT)) for path, _ in readme.outdated(COURSE)]
    assert not stale, f"{stale} are stale: run make readme"


def test_the_samples_are_what_their_generator_makes():
    built = samples.build()
    stale = [n for n, content in built.items() if (SAMPLES / n).read_bytes() != content]
    assert not stale, f"{stale} are stale: run make samples"


def test_no_sample_without_a_generator():
    there = {path.name for path in SAMPLES.iterdir() if path.is_file()}
    assert there == set(samples.build())


def test_the_samples_stay_small():
    total = sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file())
    assert total < 2_500_000


def test_a_wrong_manifest_is_noticed(tmp_path):
    text = (ROOT / "course.yaml").read_text(encoding="utf-8")
    path = tmp_path / "course.yaml"
    path.write_text(text.replace("bullets: [1.1.K1, 1.1.S2]", "bullets: [1.1.K1]", 1))
    wrong: Course = course(path)
    taught = {b for lesson in wrong.lessons for b in lesson.bullets}
    assert wrong.bullets.keys() - taught == {"1.1.S2"}
