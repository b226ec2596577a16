"""Each gate lets good work through, and bites on the one thing it is there for."""

import pytest
from nbformat.v4 import new_output

from helpers.authoring import tidy
from tests.course import samples_of_style as style
from tests.course.gates import anatomy, code, form, packages, prose
from tests.course.test_style import LESSON_GATES, NOTEBOOK_GATES, SOURCE_GATES


def cell(notebook, name):
    return next(each for each in notebook.cells if each.id == name)


def source(name, text):
    """Spoil a lesson by another source in a cell."""

    def spoil(notebook):
        cell(notebook, name).source = text

    return spoil


def added(name, text):
    """Spoil a lesson by more text in a cell."""

    def spoil(notebook):
        cell(notebook, name).source += text

    return spoil


def output(name, *outputs):
    """Spoil a lesson by other outputs of a cell."""

    def spoil(notebook):
        cell(notebook, name).outputs = list(outputs)

    return spoil


def without(name):
    """Spoil a lesson by taking a cell out."""

    def spoil(notebook):
        notebook.cells = [each for each in notebook.cells if each.id != name]

    return spoil


def tagged(name, *tags):
    """Spoil a lesson by other tags of a cell."""

    def spoil(notebook):
        cell(notebook, name).metadata["tags"] = list(tags)

    return spoil


def renamed(name, other):
    """Spoil a lesson by another id of a cell."""

    def spoil(notebook):
        cell(notebook, name).id = other

    return spoil


def stream(name, text):
    return new_output("stream", name=name, text=text)


ROW = "problem-rows"
LONG = "\n".join(f"x{n} = {n}" for n in range(31))
BAD_LESSONS = [
    (form.ids, renamed("bytes", "Bytes!")),
    (form.ids, renamed("bytes", "0a1b2c3d")),
    (form.ids, renamed("bytes", "wrong")),
    (form.tags, tagged(ROW, "slideshow")),
    (form.counts, lambda nb: cell(nb, ROW).update(execution_count=9)),
    (form.streams, output(ROW, stream("stderr", "Warning: old"))),
    (form.outputs, output(ROW, stream("stdout", "/home/jo/file.csv"))),
    (form.outputs, output(ROW, stream("stdout", "\x1b[31mred"))),
    (form.outputs, output(ROW, new_output("display_data", {"text/html": "<tr>" * 10}))),
    (form.figures, output("bytes-drawn")),
    (form.figures, output("bytes-drawn", style.picture(50 * 1024))),
    (form.figures, output("bytes-drawn", style.picture(text="<Figure>"))),
    (form.figures, output("bytes-drawn", *[style.picture()] * 4)),
    (form.has_figure, output("bytes-drawn")),
    (form.length, lambda nb: nb.update(cells=nb.cells[:14])),
    (
        form.prose_share,
        lambda nb: nb.update(cells=nb.cells[2:] * 1 + nb.cells[3:4] * 9),
    ),
    (form.cell_lines, source(ROW, LONG)),
    (form.words_per_line, source(ROW, LONG * 3)),
    (code.forbidden, source(ROW, "%pip install boto3")),
    (code.forbidden, source(ROW, 'role = "arn:aws:iam::123456789012:role/x"')),
    (code.forbidden, source(ROW, 'boto3.client("s3", "eu-west-1")')),
    (code.forbidden, source(ROW, 'print("Trained successfully")')),
    (code.forbidden, source(ROW, "import sys\nsys.path.append('..')")),
    (code.forbidden, source(ROW, 'bucket = "<your-bucket>"')),
    (code.swallowing, source(ROW, "try:\n    go()\nexcept Exception:\n    pass")),
    (code.swallowing, source(ROW, "try:\n    go()\nexcept:\n    pass")),
    (code.code_strings, source(ROW, 's = """\nimport os\nprint(os.name)\n"""')),
    (code.showing, source(ROW, "answer = 42")),
    (code.late_imports, source(ROW, "import json\n\n42")),
    (code.comments, source(ROW, "# add\n1 + 1  # two")),
    (anatomy.setup, source("setup", "cloud.start()\n1\n2\n3")),
    (anatomy.setup, source("setup", "1")),
    (anatomy.problem, without("problem")),
    (anatomy.problem, source("problem", "## The problem\n\nIt is dear.")),
    (anatomy.rhythm, lambda nb: nb.cells.insert(-1, style.program("more", "1"))),
    (anatomy.failure, tagged("wrong-1")),
    (anatomy.failure, output("wrong-1")),
    (anatomy.choice, source("choose", "## Which one, when\n\nIt depends.")),
    (anatomy.recap, source("recap", "## Recap\n\n- You named it.")),
    (anatomy.questions, source("questions", "## Check yourself\n\n1. Why?")),
    (anatomy.outlook, source("next", "## Next\n\nThe next lesson.")),
    (anatomy.ending, without("recap")),
    (anatomy.ending, without("cleanup")),
    (prose.sentences, added("bytes", "\nIt is read. It is written.")),
    (prose.headings, added("bytes", "\n# Again")),
    (prose.headings, added("bytes", "\n#### Deep")),
    (prose.wording, added("bytes", "\nNow let's go.")),
    (prose.wording, added("bytes", "\nThis is easy.")),
    (prose.wording, added("bytes", "\nClick [here](https://aws.amazon.com).")),
    (prose.wording, added("bytes", "\n<div>wide</div>")),
    (prose.wording, added("bytes", "\n\U0001f680 Up.")),
    (prose.full_names, added("bytes", "\nIt lies in S3.")),
]


@pytest.mark.parametrize(
    ("gate", "spoil"), BAD_LESSONS, ids=lambda x: getattr(x, "__name__", "")
)
def test_a_gate_bites(gate, spoil):
    notebook = style.lesson()
    spoil(notebook)
    assert gate(notebook)


@pytest.mark.parametrize(
    "gate", NOTEBOOK_GATES + SOURCE_GATES + LESSON_GATES, ids=lambda gate: gate.__name__
)
def test_a_gate_lets_good_work_through(gate):
    assert gate(style.lesson()) == []


def test_every_gate_is_shown_to_bite():
    shown = {gate for gate, _ in BAD_LESSONS} | {code.graded}
    assert set(NOTEBOOK_GATES + SOURCE_GATES + LESSON_GATES) <= shown


def test_a_good_title_passes_and_a_wrong_one_does_not():
    notebook = style.lesson()
    assert anatomy.title(notebook, style.LESSON) == []
    for old, new in [
        ("1.1a", "1.1b"),
        ("**You will**", "You will"),
        ("20 min", "90 min"),
        ("(1.1.K1)", ""),
        ("- see one bill\n", ""),
        ("?", "."),
    ]:
        notebook = style.lesson()
        notebook.cells[0].source = style.TITLE.replace(old, new)
        assert anatomy.title(notebook, style.LESSON), old


def test_exam_notes_are_counted_and_read():
    assert anatomy.exam_notes(style.lesson(), least=1) == []
    notebook = style.lesson()
    without("exam-1")(notebook)
    assert anatomy.exam_notes(notebook, least=1)
    notebook = style.lesson()
    source("exam-1", "> Note: columns decide.")(notebook)
    assert anatomy.exam_notes(notebook, least=1)


def test_links_must_lead_somewhere(tmp_path):
    notebook = style.lesson()
    added("next", "\n- [The lab](../labs/lab_1_1.ipynb)")(notebook)
    assert prose.links(notebook, tmp_path)
    assert prose.links(style.lesson(), tmp_path) == []


def test_a_file_must_be_canonical_and_small(tmp_path):
    path = tmp_path / "lesson.ipynb"
    tidy.write(style.lesson(), path)
    assert form.canonical(path) + form.size(path) == []
    path.write_text(path.read_text().replace(' "nbformat": 4', '  "nbformat": 4'))
    assert form.canonical(path)
    path.write_bytes(b" " * 201 * 1024)
    assert form.size(path)


def test_a_good_solution_passes():
    notebook = style.solution()
    assert anatomy.lab_tasks(notebook, style.LAB) == []
    assert anatomy.setup(notebook, most=5) == []
    gates = [code.graded, anatomy.solution_marks, anatomy.parameters]
    assert [gate(notebook) for gate in gates] == [[], [], []]


@pytest.mark.parametrize(
    "spoil",
    [
        without("land-raw-try"),
        source("land-raw", "## Task 1 · Land it (90 points)"),
        source("land-raw-answer", "answer = 1"),
        lambda nb: cell(nb, "land-raw-check").metadata["nbgrader"].update(points=90),
        lambda nb: cell(nb, "land-raw-check").metadata.pop("nbgrader"),
    ],
)
def test_a_lab_is_held_to_the_manifest(spoil):
    notebook = style.solution()
    spoil(notebook)
    assert anatomy.lab_tasks(notebook, style.LAB)


@pytest.mark.parametrize(
    ("gate", "spoil"),
    [
        (code.graded, added("land-raw-check", "\nland_raw()")),
        (code.graded, renamed("land-raw-check", "land-it-check")),
        (
            code.graded,
            lambda nb: cell(nb, "land-raw-check").metadata.nbgrader.update(
                locked=False
            ),
        ),
        (
            anatomy.solution_marks,
            source("land-raw-answer", "def land_raw():\n    pass"),
        ),
        (anatomy.parameters, tagged("parameters")),
        (anatomy.parameters, source("parameters", "seed = None")),
        (form.unexecuted, lambda nb: None),
    ],
)
def test_a_solution_is_held_to_its_form(gate, spoil):
    notebook = style.solution()
    spoil(notebook)
    assert gate(notebook)


@pytest.mark.parametrize(
    ("gate", "text"),
    [
        (packages.module_size, "x = 1\n" * 301),
        (packages.comment_share, "x = 1\n# one\n# two\n# three\n"),
        (packages.annotations, "def go(x):\n    return x\n"),
        (packages.swallowing, "try:\n    go()\nexcept Exception:\n    pass\n"),
        (packages.swallowing, "try:\n    go()\nexcept:\n    x = 1\n"),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_a_module_gate_bites(tmp_path, gate, text):
    path = tmp_path / "noun.py"
    path.write_text(text)
    assert gate(path)


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    go()\nexcept Exception as error:\n    tell(error)\n",
        "try:\n    go()\nexcept BaseException:\n    stop()\n    raise\n",
        "try:\n    go()\nexcept ValueError:\n    pass\n",
    ],
)
def test_a_handler_that_uses_or_raises_is_none_that_hides(tmp_path, text):
    path = tmp_path / "noun.py"
    path.write_text(text)
    assert packages.swallowing(path) == []


def test_a_name_that_says_nothing_is_refused(tmp_path):
    assert packages.naming(tmp_path / "utils.py")
    assert packages.naming(tmp_path / "tidy.py") == []
