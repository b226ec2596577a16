"""Lab 1.1: its checks, and what they hand to a learner's functions."""

import json

import pytest

from helpers.authoring.manifest import course
from helpers.check import EVIDENCE_LIMIT, checks_of
from helpers.payments import land
from helpers.payments.landing import LANDINGS

CHECKS = checks_of("lab_1_1")
(LAB,) = (lab for lab in course().labs if lab.id == "lab_1_1")
SEEDS = range(50)


def test_the_lab_has_the_checks_of_its_tasks() -> None:
    assert sorted(CHECKS) == sorted(task.name for task in LAB.tasks)


@pytest.mark.parametrize("task", CHECKS)
def test_inputs_are_small_plain_and_the_seeds_own(task: str) -> None:
    drawn = [CHECKS[task].inputs(seed) for seed in SEEDS]
    assert CHECKS[task].inputs(0) == drawn[0]
    texts = {json.dumps(inputs) for inputs in drawn}
    assert len(texts) == len(SEEDS)
    assert max(map(len, texts)) < EVIDENCE_LIMIT / 100


@pytest.mark.parametrize("task", [task for task in CHECKS if task in LANDINGS])
def test_names_are_taken_by_one_seed_only(task: str) -> None:
    drawn = [CHECKS[task].inputs(seed) for seed in SEEDS]
    for member in ("bucket", "stream", "cluster", "table", "group", "job"):
        names = [inputs[member] for inputs in drawn if member in inputs]
        assert len(set(names)) == len(names)
        assert all(3 <= len(name) <= 40 for name in names)


def test_a_task_that_lands_nothing_is_not_landed() -> None:
    assert set(CHECKS) - set(LANDINGS) == {"place_six_workloads"}
    with pytest.raises(KeyError):
        land("place_six_workloads", {}, lambda name: None)


def test_an_unsolved_task_says_so_itself() -> None:
    def answer(*_: object) -> None:
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        CHECKS["place_six_workloads"](13, answer, lambda name: None)
