"""Lab 1.2, task 6: labels that are no better than a person, and the person blamed."""

import random
from typing import Any

import pytest

from helpers.check import CheckFailed, checks_of
from helpers.checks import garment_labels
from helpers.garments import truth
from helpers.garments.landing import CROWDS, EACH, IMAGES

CHECK = checks_of("lab_1_2")["settle_four_annotators"]
SEEDS = [13, 1, 2]
SKILL = {"ana": 0.85, "ben": 0.8, "cem": 0.75, "dot": 0.2}


def evidence(seed: int, right: float = 0.95) -> dict[str, Any]:
    """Give what the probe would of a job of four, and of labels that good."""
    chance, asked = random.Random(seed), truth(seed)
    kinds = sorted({*asked.values()})

    def said(label: str, skill: float) -> str:
        others = [kind for kind in kinds if kind != label]
        return label if chance.random() < skill else chance.choice(others)

    keys = list(asked)
    few = int(len(keys) * right)
    return {
        "status": "Completed",
        "workers": EACH,
        "lines": [f"s3://bucket/{key}" for key in keys],
        "votes": [
            [str(number), worker, said(asked[key], skill)]
            for number, key in enumerate(keys)
            for worker, skill in SKILL.items()
        ],
        "labels": {
            key: asked[key] if number < few else said(asked[key], 0)
            for number, key in enumerate(keys)
        },
        "careless": "dot",
    }


def verdict(seed: int, found: dict[str, Any]) -> str:
    return CHECK.verdict(CHECK.inputs(seed), found)


@pytest.mark.parametrize("seed", SEEDS)
def test_labels_better_than_the_best_person_pass(seed: int) -> None:
    assert "the careless one " in verdict(seed, evidence(seed))


def test_what_a_job_must_be() -> None:
    found = evidence(13)
    for wrong, message in (
        ({"status": "InProgress"}, "the labeling job Completed"),
        ({"workers": 3}, "4 people for each photograph"),
        ({"lines": found["lines"][1:]}, "1 missing, 0 more than once"),
        ({"lines": [*found["lines"], found["lines"][0]]}, "0 missing, 1 more than"),
        ({"careless": "ana"}, "the worker who does not look"),
        ({"returned": "None"}, "a dict with the keys labels, itself a dict, and"),
    ):
        with pytest.raises(CheckFailed, match=message):
            verdict(13, found | wrong)


def test_labels_that_miss_one_or_are_as_good_as_the_best_person() -> None:
    found = evidence(13)
    short = dict(list(found["labels"].items())[1:])
    with pytest.raises(CheckFailed, match="119 labels, 1 keys without one"):
        verdict(13, found | {"labels": short})
    uris = {f"s3://bucket/{key}": label for key, label in found["labels"].items()}
    with pytest.raises(CheckFailed, match="the first is for 's3://bucket/photo"):
        verdict(13, found | {"labels": uris})
    with pytest.raises(CheckFailed, match="more often than the best annotator"):
        verdict(13, evidence(13, right=0.7))


class Jobs:
    """Twelve labeling jobs on two pages, and the job that is described next."""

    def get_paginator(self, _name: str) -> "Jobs":
        return self

    def paginate(self, NameContains: str) -> list[dict[str, Any]]:
        names = [f"{NameContains}-{number}" for number in range(12)]
        pages = names[:10], names[10:]
        return [{"LabelingJobSummaryList": list(page)} for page in pages]


def test_a_name_is_free_after_more_tries_than_a_page_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    landed: list[str] = []

    def land(given: dict[str, Any], _aws: object) -> dict[str, Any]:
        landed.append(given["job"])
        return {"job": given["job"]}

    monkeypatch.setattr(garment_labels, "land", land)
    monkeypatch.setattr("helpers.cloud.role", lambda: "role")
    found = CHECK.probe(CHECK.inputs(13), lambda *_: None, lambda _: Jobs())
    assert found == {"returned": "None"}
    assert landed[0].endswith("-12")


def test_each_seed_has_photographs_and_a_crowd_of_its_own() -> None:
    assert len(truth(13)) == IMAGES
    assert truth(13) != truth(1)
    assert len({*CROWDS}) == len(CROWDS)
