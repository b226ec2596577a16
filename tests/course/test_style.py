"""The course keeps its style: one test a rule, for each notebook or module it is on."""

import statistics

import pytest

from helpers.authoring import tidy
from helpers.authoring.manifest import ROOT, course
from tests.course.gates import anatomy, code, form, packages, prose
from tests.course.gates.cells import code_cells, code_lines

COURSE = course()
LESSONS = [lesson for lesson in COURSE.lessons if lesson.ready]
LABS = [lab for lab in COURSE.labs if lab.ready]
SOURCES = COURSE.sources()
EVERY = [*SOURCES, *(lab.path for lab in LABS)]

NOTEBOOK_GATES = [
    form.ids,
    form.tags,
    form.outputs,
    code.forbidden,
    code.swallowing,
    code.code_strings,
    code.comments,
    code.graded,
    prose.sentences,
    prose.headings,
    prose.wording,
    prose.full_names,
]
SOURCE_GATES = [form.counts, form.streams, form.figures]
LESSON_GATES = [
    form.length,
    form.prose_share,
    form.cell_lines,
    form.words_per_line,
    form.has_figure,
    code.showing,
    code.late_imports,
    anatomy.setup,
    anatomy.rhythm,
    anatomy.problem,
    anatomy.failure,
    anatomy.choice,
    anatomy.recap,
    anatomy.questions,
    anatomy.outlook,
    anatomy.ending,
]
MODULE_GATES = [
    packages.module_size,
    packages.comment_share,
    packages.annotations,
    packages.swallowing,
    packages.naming,
]


def by_name(gates):
    return pytest.mark.parametrize("gate", gates, ids=lambda gate: gate.__name__)


def on(paths):
    return pytest.mark.parametrize(
        "path", paths, ids=lambda p: str(p.relative_to(ROOT))
    )


def hold(complaints: list[str]) -> None:
    assert not complaints, "\n".join(["", *complaints])


@by_name(NOTEBOOK_GATES)
@on(EVERY)
def test_notebook(path, gate):
    hold(gate(tidy.read(path)))


@by_name(SOURCE_GATES)
@on(SOURCES)
def test_source(path, gate):
    hold(gate(tidy.read(path)))


@by_name([form.canonical, form.size])
@on(EVERY)
def test_file(path, gate):
    hold(gate(path))


@on(EVERY)
def test_links(path):
    hold(prose.links(tidy.read(path), path.parent))


@by_name(LESSON_GATES)
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_lesson(lesson, gate):
    hold(gate(tidy.read(lesson.path)))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_lesson_title(lesson):
    hold(anatomy.title(tidy.read(lesson.path), lesson))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_lesson_exam_notes(lesson):
    hold(anatomy.exam_notes(tidy.read(lesson.path), least=1 if lesson.bullets else 0))


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.id)
def test_lab(lab):
    notebook = tidy.read(lab.solution)
    hold(anatomy.lab_tasks(notebook, lab) + anatomy.setup(notebook, most=5))


@by_name([anatomy.solution_marks, anatomy.parameters])
@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.id)
def test_solution(lab, gate):
    hold(gate(tidy.read(lab.solution)))


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.id)
def test_lab_holds_no_outputs(lab):
    hold(form.unexecuted(tidy.read(lab.path)))


@by_name(MODULE_GATES)
@on(packages.modules(*packages.PACKAGES))
def test_module(path, gate):
    hold(gate(path))


def test_the_lessons_together_have_the_right_measure():
    notebooks = [tidy.read(lesson.path) for lesson in LESSONS]
    cells = statistics.median(len(notebook.cells) for notebook in notebooks)
    lines = [len(code_lines(c)) for notebook in notebooks for c in code_cells(notebook)]
    density = statistics.median(map(form.density, notebooks))
    assert 15 <= cells <= 45
    assert statistics.median(lines) <= 8
    assert density >= 5


def test_comments_mark_no_unfinished_work():
    marked = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in packages.modules("helpers", "localaws", "tests")
        for text in code.comment_texts(path.read_text(encoding="utf-8"))
        if text.lstrip("# ").startswith(("TODO", "FIXME", "XXX", "HACK"))
    ]
    hold(marked)
