"""A check runs its three parts, tells a learner what is wrong, and trusts no object."""

import contextlib
import math
import sys
import types

import pytest
from IPython.core.interactiveshell import InteractiveShell

from helpers import check as face
from helpers.check import (
    EVIDENCE_LIMIT,
    Check,
    Checker,
    CheckFailed,
    checks_of,
    crossed,
)


def double_verdict(inputs, evidence):
    if evidence["answer"] != 2 * inputs["number"]:
        raise CheckFailed(
            f"twice {inputs['number']}", str(evidence["answer"]), "the factor"
        )
    return f"{evidence['answer']} is twice {inputs['number']}."


double = Check(
    inputs=lambda seed: {"number": seed},
    probe=lambda inputs, answer, aws: {"answer": answer(inputs["number"])},
    verdict=double_verdict,
)


@pytest.fixture
def lab(monkeypatch):
    module = types.ModuleType("helpers.checks.lab_9_9")
    module.double = double
    monkeypatch.setitem(sys.modules, "helpers.checks.lab_9_9", module)
    checker = Checker()
    checker.lab("lab_9_9", seed=21)
    return checker


def test_a_right_answer_prints_one_line_and_returns_nothing(lab, capsys):
    assert lab("double", lambda n: 2 * n) is None
    out, err = capsys.readouterr()
    assert out == "double: passed. 42 is twice 21.\n"
    assert err == ""


def test_a_wrong_answer_says_what_was_asked_and_found_and_where_to_look(lab):
    with pytest.raises(CheckFailed) as failed:
        lab("double", lambda n: 3 * n)
    assert str(failed.value) == ("asked: twice 21\nfound: 63\nlook:  the factor")
    assert isinstance(failed.value, AssertionError)


def test_an_unsolved_answer_raises_as_it_stands(lab):
    def unsolved(n):
        raise NotImplementedError()

    with pytest.raises(NotImplementedError):
        lab("double", unsolved)


def test_the_inputs_of_a_task_can_be_seen(lab):
    assert lab.inputs("double") == {"number": 21}


def test_an_unknown_task_is_told_the_others(lab):
    with pytest.raises(LookupError, match="no task 'triple'; it has double"):
        lab("triple", None)


def test_a_check_before_the_setup_says_what_to_run():
    with pytest.raises(LookupError, match="run the setup cell"):
        Checker()("double", None)


def test_an_unknown_lab_is_named():
    with pytest.raises(LookupError, match="no lab 'lab_7_7'"):
        checks_of("lab_7_7")


def test_an_import_that_fails_inside_a_lab_is_not_mistaken(monkeypatch, tmp_path):
    import helpers.checks

    (tmp_path / "lab_8_8.py").write_text("import no_such_library\n")
    monkeypatch.setattr(helpers.checks, "__path__", [str(tmp_path)])
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        checks_of("lab_8_8")


@pytest.mark.parametrize(
    "answer",
    [
        lambda n: object(),
        lambda n: {1, 2},
        lambda n: math.nan,
        lambda n: math.inf,
        lambda n: b"84",
    ],
)
def test_evidence_that_is_not_json_is_refused(lab, answer):
    with pytest.raises(CheckFailed, match="numbers, strings, lists and dicts"):
        lab("double", answer)


def test_evidence_has_a_limit(lab):
    with pytest.raises(CheckFailed, match="at most 1 MiB"):
        lab("double", lambda n: "x" * EVIDENCE_LIMIT)


def test_evidence_crosses_as_json_and_nothing_else():
    class Sly(int):
        def __eq__(self, other):
            return True

        __hash__ = int.__hash__

    assert type(crossed({"n": Sly(3)})["n"]) is int
    assert crossed({"pair": (1, 2)}) == {"pair": [1, 2]}


def test_the_verdict_sees_a_copy_of_the_inputs(lab):
    def probe(inputs, answer, aws):
        inputs["number"] = 0
        return {"answer": 0}

    sly = Check(double.inputs, probe, double.verdict)
    with pytest.raises(CheckFailed, match="twice 21"):
        sly(21, lambda n: n, lambda name: None)


def test_a_notebook_shows_the_message_without_the_frames(lab, capsys):
    shell = InteractiveShell.instance()
    try:
        shell.user_ns.update(check=lab, double=lambda n: 3 * n)
        result = shell.run_cell('check("double", double)')
        with contextlib.suppress(CheckFailed):
            result.raise_error()
        shown = capsys.readouterr().out
    finally:
        InteractiveShell.clear_instance()
    assert "asked: twice 21" in shown
    assert "verdict" not in shown


def test_the_face_is_one_checker():
    assert isinstance(face, Checker)
