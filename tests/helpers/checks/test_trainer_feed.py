"""Lab 1.3, task 5: jobs that read elsewhere, other models, numbers that are not so."""

import copy
from functools import cache
from hashlib import sha256
from runpy import run_path
from typing import Any

import pytest

from helpers.check import CheckFailed
from helpers.checks.trainer_feed import SIZES, WAYS
from helpers.checks.trainer_feed import feed_the_trainer as CHECK
from helpers.garments import feeding
from helpers.samples import sample

SEED = 13
SECONDS = {"s3": 80, "efs": 80, "lustre": 95}
PRICES = {"s3": 0.023, "efs": 0.3, "lustre": 0.14}
SOURCES = {
    "s3": {"uri": "s3://shelf/shelf/"},
    "efs": {"id": "fs-1", "path": "/shelf"},
    "lustre": {"id": "fs-2", "path": "/mount/shelf"},
}
Evidence = dict[str, Any]


@cache
def predicted() -> list[str]:
    script, drawn = run_path(str(sample(feeding.SCRIPT))), feeding.draw(SEED)
    model = script["fit"](drawn.train.sort_values("number"))
    return script["predict_fn"](drawn.hidden, model)


def source(way: str) -> Evidence:
    """Give what DescribeTrainingJob tells of a right channel."""
    if way == "s3":
        place = {"S3DataType": "S3Prefix", "S3Uri": SOURCES[way]["uri"]}
        return {"mode": "FastFile", "source": {"S3DataSource": place}}
    place = {
        "FileSystemId": SOURCES[way]["id"],
        "FileSystemType": {"efs": "EFS", "lustre": "FSxLustre"}[way],
        "FileSystemAccessMode": "ro",
        "DirectoryPath": SOURCES[way]["path"],
    }
    return {"mode": "File", "source": {"FileSystemDataSource": place}}


def evidence(**returned: Any) -> Evidence:
    """Give what the probe would of right jobs, and of right numbers or those given."""
    inputs, script = CHECK.inputs(SEED), sample(feeding.SCRIPT).read_bytes()
    charged = {way: SECONDS[way] * 0.115 / 3600 for way in WAYS}
    stores = {way: SOURCES[way].get("id", inputs["bucket"]) for way in WAYS}
    stored = {way: inputs["gigabytes"] for way in WAYS}
    stored["lustre"] = inputs["capacity"]
    dollars = {
        way: inputs["nights"] * charged[way] + stored[way] * PRICES[way] for way in WAYS
    }
    right = {"seconds": SECONDS, "dollars": dollars, "by_time": [*WAYS]}
    right["by_cost"] = sorted(dollars, key=lambda way: dollars[way])
    lines = [
        {"resource": f"job-{way}", "unit": "hours", "unit_price": 0.115, "cost": cost}
        for way, cost in charged.items()
    ]
    # A line of the bucket that is no storage.
    lines.append(
        {"resource": stores["s3"], "unit": "1,000", "unit_price": 5, "cost": 1}
    )
    for way, price in PRICES.items():
        line = {"resource": stores[way], "unit": "GB-month", "unit_price": price}
        lines.append(line | {"cost": 0.0})
    job = {"state": "Completed", "scripts": [sha256(script).hexdigest()]}
    jobs = {
        way: job
        | {
            "seconds": SECONDS[way],
            "inputs": [source(way)],
            "predicted": [*predicted()],
        }
        for way in WAYS
    }
    return copy.deepcopy(
        {
            "sources": SOURCES,
            "jobs": jobs,
            "bill": {"lines": lines, "jobs": {way: f"job-{way}" for way in WAYS}},
            "capacity": inputs["capacity"],
            "returned": right | returned,
        }
    )


def refused(found: Evidence) -> str:
    with pytest.raises(CheckFailed) as failure:
        CHECK.verdict(CHECK.inputs(SEED), found)
    return str(failure.value)


def test_right_jobs_and_numbers_pass_and_equal_ones_stand_either_way() -> None:
    said = CHECK.verdict(CHECK.inputs(SEED), evidence())
    assert said.startswith("three equal models; s3 80 s 23.06 USD, efs 80 s 300.06 USD")
    swapped = evidence(by_time=["efs", "s3", "lustre"])
    assert CHECK.verdict(CHECK.inputs(SEED), swapped) == said


@pytest.mark.parametrize("seed", [13, 2, 5])
def test_no_two_stores_are_near_each_other_in_cost(seed: int) -> None:
    inputs = CHECK.inputs(seed)
    assert inputs["gigabytes"] <= inputs["capacity"]
    for capacity, sizes in SIZES.items():
        efs, lustre = [size * PRICES["efs"] for size in sizes], capacity * 0.14
        assert all(abs(each - lustre) > 0.2 * lustre for each in efs)
        assert min(efs) < lustre < max(efs)


@pytest.mark.parametrize("way", WAYS)
def test_a_channel_that_reads_elsewhere_or_otherwise_is_named(way: str) -> None:
    kind = "S3DataSource" if way == "s3" else "FileSystemDataSource"
    changes: list[tuple[str, str]] = [("S3Uri", "s3://shelf/other/")]
    if way != "s3":
        changes = [("FileSystemId", "fs-9"), ("DirectoryPath", "/")]
        changes += [("FileSystemAccessMode", "rw"), ("FileSystemType", "NFS")]
    for member, value in changes:
        wrong = evidence()
        wrong["jobs"][way]["inputs"][0]["source"][kind][member] = value
        said = refused(wrong)
        assert f"{way}: one channel of data" in said
        # Only what differs is told.
        assert value.rstrip("/") in said
        assert "mode" not in said
    wrong = evidence()
    wrong["jobs"][way]["inputs"][0]["mode"] = "Pipe"
    assert "Pipe" in refused(wrong)
    wrong["jobs"][way]["inputs"] = [source("s3"), source("efs")]
    assert f"{way}: one channel of data" in refused(wrong)
    wrong["jobs"][way]["inputs"] = []
    assert "no channel" in refused(wrong)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"state": "Failed"}, "Failed"),
        ({"state": "no such job (ValidationException)"}, "no such job"),
        ({"scripts": ["0" * 64]}, "the script that was given"),
        ({"predicted": []}, "on 0%"),
    ],
)
def test_a_job_that_is_another_is_named(
    way: str, change: Evidence, message: str
) -> None:
    wrong = evidence()
    wrong["jobs"][way] |= change
    said = refused(wrong)
    assert way in said
    assert message in said


def test_three_equal_models_of_something_else_are_refused() -> None:
    wrong = evidence()
    for way in WAYS:
        wrong["jobs"][way]["predicted"] = ["coat"] * len(predicted())
    assert "agrees with one trained here" in refused(wrong)
    wrong = evidence()
    wrong["jobs"]["lustre"]["predicted"][0] = "hat"
    assert "fed from lustre agrees with one trained here on 99%" in refused(wrong)


def test_numbers_and_orders_that_are_not_so_are_refused() -> None:
    right = evidence()["returned"]
    slower = right["seconds"] | {"s3": 60}
    assert "BillableTimeInSeconds" in refused(evidence(seconds=slower))
    used = right["dollars"] | {"lustre": CHECK.inputs(SEED)["gigabytes"] * 0.14}
    assert "capacity that is provided" in refused(evidence(dollars=used))
    nightly = CHECK.inputs(SEED)["nights"] * SECONDS["s3"] * 0.115 / 3600
    once = right["dollars"] | {"s3": right["dollars"]["s3"] - nightly + 0.0026}
    assert "for each night" in refused(evidence(dollars=once))
    fewer = {way: right["dollars"][way] for way in WAYS[:2]}
    assert "dollars: " in refused(evidence(dollars=fewer))
    assert "the least first" in refused(evidence(by_time=["lustre", "s3", "efs"]))
    assert "the least first" in refused(evidence(by_cost=[*WAYS]))
    assert "the least first" in refused(evidence(by_cost=["s3"]))
    assert "the least first" in refused(evidence(by_time=["s3", "s3", "efs", "lustre"]))


def test_something_else_that_was_returned_is_shown() -> None:
    other = evidence() | {"other": "None"}
    del other["returned"]
    assert "None" in refused(other)
    broken = evidence() | {"returned": {"none": "not a number: {'seconds': 'x'}"}}
    assert "not a number" in refused(broken)
