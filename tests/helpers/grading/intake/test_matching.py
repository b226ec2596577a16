"""Cells find their place in the lab: by id, else by what they define."""

import pytest

from tests.helpers.grading.intake import small
from tests.helpers.grading.intake.small import ADD, SCALE, WHOLE, cell, cells, text


@pytest.fixture
def read(tmp_path):
    def reads(given):
        (tmp_path / "amy_lab_9_9.ipynb").write_text(text(given))
        return small.read(tmp_path)["amy"]

    return reads


def bare(given=None):
    return [cell(each["source"]) for each in given or cells()]


def test_ids_tell(read):
    found = read(cells())
    assert small.told(found) == WHOLE
    ids = [each["grade_id"] for each in found.work["cells"][2:]]
    assert ids == ["add_answer", "add_check", "scale_answer", "scale_check"]


def test_names_tell_where_ids_are_lost(read):
    found = read(bare())
    assert small.told(found) == WHOLE
    note = "ids of cells are lost; they were told by the names they define"
    assert found.work["notes"] == [note]


def test_ids_of_another_lab_tell_nothing(read):
    found = read([cell(each["source"], "evil_answer") for each in cells()])
    assert small.told(found) == WHOLE
    assert {each["grade_id"] for each in found.work["cells"]} == {None}


@pytest.mark.parametrize(
    "source",
    [
        "add = lambda a, b: a + b",
        "add: object = max",
        "async def add(a, b): ...",
        "class add: ...",
        "if True:\n    def add(a, b): ...",
        "try:\n    import numba\nexcept ImportError:\n    pass\nadd, other = max, min",
        "%matplotlib inline\n!ls\ndef add(a, b):\n    %time 1\n    return a + b",
        "%%time\ndef add(a, b): ...",
        "files = !ls\ndef add(a, b): ...",
        "def add(a, b):\n    return a +\n",
        "def add(a, b): ...\n" + "x = " + "-" * 10_000 + "1",
        "def add(a, b): ...\n" + "#" * 300_000,
    ],
)
def test_a_name_is_found_however_it_is_defined(read, source):
    found = read([cell(source)])
    assert small.told(found) == [("answer", "add")]


@pytest.mark.parametrize(
    "source",
    [
        "%%bash\nadd=1",
        "%%writefile add.py\ndef add(a, b): ...",
        "def outer():\n    def add(a, b): ...",
        "\u0430dd = max",
        "add == 1",
        'text = """\nadd\n"""',
    ],
)
def test_what_defines_no_task_is_no_answer(read, source):
    assert read([cell(source)]).rejection.reason.startswith("holds no task")
    assert small.told(read([*cells(), cell(source)]))[-1] == ("other", None)


def test_split_and_copied_cells_are_all_run(read):
    given = cells()
    given[2:3] = [cell("half = 1", "add_answer"), cell(ADD, "add_answer")]
    found = read(given)
    assert small.told(found)[2:5] == [
        *(("answer", "add"), ("answer", "add"), ("check", "add"))
    ]
    assert found.work["notes"] == []


def test_the_check_of_a_task_stands_once(read):
    found = read([*cells(), cell("pass", "add_check"), cell('check("add", add)')])
    assert small.told(found) == [*WHOLE, ("other", None), ("other", None)]


def test_a_check_that_was_changed_is_ours(read):
    given = cells()
    given[3] = cell("pass", "add_check")
    found = read(given)
    assert small.told(found) == WHOLE
    assert found.work["notes"] == ["the check of add was changed; ours is used"]


def test_a_check_before_its_answer_waits_for_the_end(read):
    given = cells()
    given[2], given[3] = given[3], given[2]
    assert small.told(read(given))[2:4] == [("other", None), ("answer", "add")]


def test_checks_that_are_missing_or_text_cost_nothing(read):
    given = cells()
    given[3]["cell_type"] = "markdown"
    del given[5]
    found = read(given)
    assert small.told(found) == [WHOLE[0], WHOLE[1], WHOLE[2], WHOLE[4]]
    assert found.rejection is None


def test_an_answer_that_became_text_is_run(read):
    given = cells()
    given[2]["cell_type"] = "markdown"
    found = read(given)
    assert small.told(found) == WHOLE
    assert found.work["notes"] == ["the cell of add was text; it is run"]


def test_an_old_answer_kept_as_text_is_not_run(read):
    given = [*cells(), cell(ADD, "add_answer", cell_type="markdown")]
    prose = cell("How to add: see above", "scale_answer", cell_type="markdown")
    assert small.told(read([*given, prose])) == WHOLE


def test_a_check_with_more_code_is_run_as_it_stands(read):
    found = read([cell(ADD), cell('check("add", add)\nx = 1'), cell("check('add')")])
    kinds = [("answer", "add"), ("other", None), ("check", "add")]
    assert small.told(found) == kinds


def test_parameters_and_setup_are_told_by_their_text(read):
    given = [cell("seed = 99"), cell("import x\ncheck.lab('other', seed=1)")]
    found = read([*given, cell(ADD), cell("seed = 7"), cell(SCALE)])
    assert [kind for kind, _ in small.told(found)] == [
        *("parameters", "setup", "answer", "other", "answer")
    ]


def test_a_cell_tagged_as_parameters_is_one(read):
    tagged = cell("seed = 1; x = 2")
    tagged["metadata"] = {"tags": ["parameters"]}
    assert small.told(read([tagged, *cells()[1:]])) == WHOLE
