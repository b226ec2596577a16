"""A run grades each submission once, and goes on only with what it began with."""

import json

import pytest

from helpers.grading.batch import ending
from helpers.grading.batch.ending import Ended
from tests.helpers.grading.batch import parts


def ends(code, said):
    return pytest.raises(Ended, match=said, check=lambda ended: ended.code == code)


def test_a_class_is_graded(batch, tmp_path, said):
    assert batch() == []
    found = parts.results(tmp_path / "out")
    assert list(found) == ["bad", *(f"s{number}" for number in range(6))]
    verdicts = {key: each["verdict"] for key, each in found.items()}
    assert verdicts == {key: "graded" for key in found} | {"bad": "rejected"}
    assert found["bad"]["rejection"]["reason"].startswith("no notebook")
    assert found["bad"]["maximum"] == 100
    assert {each["isolation"] for each in found.values()} == {"full"}
    assert (tmp_path / "out" / "grades.csv").read_text().startswith("bad,0\ns0,1\n")
    assert "seed 5, 7 submissions" in said.getvalue()
    assert "grading: 7 of 7" in said.getvalue()
    assert "\x1b" not in said.getvalue()


def test_only_the_owner_reads_the_results(batch, tmp_path):
    batch()
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700


def test_a_second_run_grades_nothing_again(batch, tmp_path):
    batch()
    before = (tmp_path / "out" / "results.jsonl").read_bytes()

    def never(*_):
        raise AssertionError("graded again")

    batch(parts.means(grade=never))
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == before


def test_a_drawn_seed_is_kept(batch, tmp_path):
    batch(seed=None)
    plan = json.loads((tmp_path / "out" / "run.json").read_text())
    assert plan["seed"] > 1 << 32
    assert parts.results(tmp_path / "out")["s1"]["output"] == f"seed {plan['seed']}"
    parts.hand_in(tmp_path / "class", "s1", "add = 2")
    batch(seed=None, out=tmp_path / "other")
    other = json.loads((tmp_path / "other" / "run.json").read_text())
    assert other["seed"] != plan["seed"]
    with ends(ending.REFUSED, "submissions that are changed: s1"):
        batch(seed=None)


def test_it_refuses_to_go_on_with_something_else(batch, tmp_path, lab, root):
    batch()
    before = (tmp_path / "out" / "results.jsonl").read_bytes()
    with ends(ending.REFUSED, "the seed was 5, and is 6"):
        batch(seed=6)
    with ends(ending.REFUSED, "the isolation was full, and is reduced"):
        batch(isolation="reduced")
    with ends(ending.REFUSED, "--cell-seconds was None: now 4"):
        batch(cell_seconds=4)
    other = parts.make_lab(tmp_path / "lab_2")
    with ends(ending.REFUSED, "the lab was lab, and is lab_2"):
        batch(lab=str(other))
    parts.hand_in(root, "late")
    parts.hand_in(root, "s3", "add = 3")
    (root / "s5" / "lab.ipynb").rename(root / "s5" / "none")
    (root / "s4" / "lab.ipynb").unlink()
    (root / "s4").rmdir()
    with ends(ending.REFUSED, "new: late; .*gone: s4; .*changed: s3, s5. .*--fresh"):
        batch()
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == before
    assert batch(fresh=True) == []
    assert "late" in parts.results(tmp_path / "out")


def test_it_refuses_to_go_on_with_other_checks(batch, tmp_path):
    batch()
    other = parts.make_lab(tmp_path / "elsewhere" / "lab", "# another mark\n")
    with ends(ending.REFUSED, "the lab lab has changed"):
        batch(lab=str(other))


def test_two_graders_do_not_share_a_folder(batch, tmp_path):
    def second(*given):
        with ends(ending.REFUSED, "another grader is at work"):
            batch(fresh=True)
        return parts.grade(*given)

    assert batch(parts.means(grade=second)) == []


def test_a_machine_that_cannot_hold_is_refused(batch, tmp_path):
    with ends(ending.REFUSED, "bubblewrap is missing"):
        batch(parts.means(preflight=parts.refusing))
    assert set(parts.results(tmp_path / "out")) == {"bad"}
    assert batch() == []


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"lab": "lab_77"}, "no lab 'lab_77'"),
        ({"submissions": "absent"}, "no such file or folder"),
        ({"roster": "roster.csv"}, "names no column id"),
        ({"roster": "absent.csv"}, "No such file"),
        ({"out": "class/out"}, "must not be among the submissions"),
        ({"out": "lab"}, "holds other files"),
        ({"out": "roster.csv"}, "File exists"),
        ({"scheduler": "tcp://127.0.0.1:9"}, "no scheduler with workers"),
    ],
)
def test_wrong_arguments_are_said(batch, tmp_path, more, why, monkeypatch):
    monkeypatch.setattr("helpers.grading.batch.crew.PATIENCE", 1.0)
    (tmp_path / "roster.csv").write_text("first,last\n")
    paths = {k: tmp_path / v for k, v in more.items() if k not in ("lab", "scheduler")}
    with ends(ending.USAGE, why):
        batch(**{**more, **paths})


def test_a_run_without_its_plan_or_with_a_damaged_one_is_refused(batch, tmp_path):
    batch()
    (tmp_path / "out" / "run.json").write_text("{")
    with ends(ending.REFUSED, "run.json is damaged; use --fresh"):
        batch()
    (tmp_path / "out" / "run.json").unlink()
    with ends(ending.REFUSED, "has results, but no run.json"):
        batch()


def test_the_roster_names_who_is_missing(batch, tmp_path):
    (tmp_path / "r.csv").write_text("id,name\ns1,Amy Poe\nx9,Zoe\n")
    batch(roster=tmp_path / "r.csv")
    found = parts.results(tmp_path / "out")
    assert found["s1"]["name"] == "Amy Poe"
    assert found["x9"]["rejection"]["reason"] == "nothing was handed in"
