"""Lab 1.3, task 5: one training job, fed in three ways, and what each takes."""

from collections.abc import Callable
from hashlib import sha256
from operator import eq
from typing import Any
from uuid import uuid4

from helpers.check import JSON, Check, CheckFailed, Clients
from helpers.checks.jobs import scores, scripts
from helpers.garments import feeding
from helpers.payments.naming import dice, named
from helpers.samples import sample

WAYS = ("s3", "efs", "lustre")
ORDERS = ("by_time", "by_cost")
NUMBERS = ("seconds", "dollars")
STORES = {"efs": "EFS", "lustre": "FSxLustre"}
# Of each size of Lustre some that EFS stores for less, and some that it does not.
SIZES = {1_200: (80, 240, 400, 750, 1_000), 2_400: (160, 500, 800, 1_400, 2_000)}
# The bill rounds what a job costs to a millionth of a dollar, for up to 31 nights.
NEAR = 1e-4
ALIKE = 0.95


def drawn(seed: int) -> JSON:
    """Draw names, and how much is stored and how often a job runs."""
    chance = dice(seed, "feeding")
    capacity = chance.choice(sorted(SIZES))
    return {
        "seed": seed,
        "bucket": named(seed, "shelf"),
        "jobs": {way: named(seed, f"garments-{way}") for way in WAYS},
        "capacity": capacity,
        "gigabytes": chance.choice(SIZES[capacity]),
        "nights": chance.randint(20, 31),
    }


def _probe(inputs: JSON, answer: Callable[..., Any], aws: Clients) -> JSON:
    from helpers import cloud

    __tracebackhide__ = True
    given = feeding.feed(inputs, aws)
    mark = uuid4().hex[:6]
    given["jobs"] = {way: f"{name}-{mark}" for way, name in inputs["jobs"].items()}
    returned = answer(**given, role=cloud.role())
    evidence: JSON = {
        "sources": given["sources"],
        "jobs": {way: _job(given["jobs"][way], inputs["seed"], aws) for way in WAYS},
        "bill": _bill(given),
        "capacity": _capacity(given["sources"]["lustre"]["id"], aws),
    }
    shape = isinstance(returned, dict) and sorted(returned) == sorted(NUMBERS + ORDERS)
    return evidence | {"returned" if shape else "other": _plain(returned, shape)}


def _plain(returned: Any, shape: bool) -> Any:
    """Give numbers and orders as JSON, or what stands in their place."""
    try:
        if shape:
            numbers = {
                name: {str(way): float(each) for way, each in returned[name].items()}
                for name in NUMBERS
            }
            orders = {name: [str(each) for each in returned[name]] for name in ORDERS}
            return numbers | orders
    except (AttributeError, TypeError, ValueError) as error:
        return {"none": f"{error}: {returned!r}"[:300]}
    return repr(returned)[:300]


def _job(name: str, seed: int, aws: Clients) -> JSON:
    from botocore.exceptions import ClientError

    try:
        told = aws("sagemaker").describe_training_job(TrainingJobName=name)
    except ClientError as error:
        return {"state": f"no such job ({error.response['Error']['Code']})"}
    found: JSON = {"state": told["TrainingJobStatus"]}
    usual = told["AlgorithmSpecification"]["TrainingInputMode"]
    found["inputs"] = [
        {"mode": each.get("InputMode", usual), "source": each["DataSource"]}
        for each in told.get("InputDataConfig", [])
        if each["ChannelName"] != "code"
    ]
    if found["state"] == "Completed":
        found["seconds"] = told["BillableTimeInSeconds"]
        found["scripts"] = scripts(told, aws("s3"))
        found["predicted"] = _predicted(told, seed, aws)
    return found


def _predicted(told: JSON, seed: int, aws: Clients) -> list[str]:
    """Give what a job's model says of the hidden photographs: nothing if it cannot."""
    hidden = feeding.draw(seed).hidden
    try:
        said = scores(told, sample(feeding.SCRIPT), hidden, aws("s3"))
    except (AttributeError, OSError, TypeError, ValueError):
        return []
    return [str(each) for each in said][: len(hidden)]


def _bill(given: JSON) -> JSON:
    """Give the bill's lines of the jobs and of the stores."""
    from helpers import cloud

    rows = cloud.bill()
    sources = given["sources"]
    names = [*given["jobs"].values(), given["bucket"]]
    names += [sources[way]["id"] for way in STORES]
    mine = rows[rows["resource"].isin(names)]
    columns = ["resource", "usage", "unit", "unit_price", "cost"]
    known = mine[columns].dropna()
    return {"lines": known.to_dict("records"), "jobs": given["jobs"]}


def _capacity(name: str, aws: Clients) -> int:
    (found,) = aws("fsx").describe_file_systems(FileSystemIds=[name])["FileSystems"]
    return int(found["StorageCapacity"])


def _verdict(inputs: JSON, evidence: JSON) -> str:
    jobs = evidence["jobs"]
    for way in WAYS:
        if jobs[way]["state"] != "Completed":
            raise CheckFailed(
                f"{way}: the job Completed",
                jobs[way]["state"],
                "FailureReason, the name in jobs, and whether you waited for its end",
            )
        _channel(way, evidence["sources"][way], jobs[way])
    _same(inputs["seed"], jobs)
    seconds = {way: jobs[way]["seconds"] for way in WAYS}
    dollars = {way: _month(way, inputs, evidence) for way in WAYS}
    if "other" in evidence or "none" in evidence["returned"]:
        raise CheckFailed(
            "a dict of seconds and dollars by way, and the lists by_time and by_cost",
            str(evidence.get("other") or evidence["returned"]["none"]),
            "your return statement",
        )
    returned = evidence["returned"]
    _numbers("seconds", returned, seconds, "BillableTimeInSeconds of each job")
    _numbers(
        "dollars",
        returned,
        dollars,
        "the job's line on the bill for each night, and a month of its store: S3 and "
        "EFS by what is stored, Lustre by the capacity that is provided; not rounded",
    )
    _order("by_time", returned, seconds)
    _order("by_cost", returned, dollars)
    told = ", ".join(
        f"{way} {seconds[way]:.0f} s {dollars[way]:.2f} USD" for way in WAYS
    )
    return f"three equal models; {told} a month."


def _channel(way: str, source: JSON, job: JSON) -> None:
    """Hold a job's one channel against where it was to read, and how."""
    asked: JSON
    if way == "s3":
        asked = {"mode": "FastFile", "uri": source["uri"].rstrip("/")}
    else:
        asked = {"mode": "File", "type": STORES[way], "id": source["id"]}
        asked |= {"path": source["path"].rstrip("/"), "access": "ro"}
    found = [_told(each) for each in job["inputs"]]
    if found != [asked]:
        alone = found[0] if len(found) == 1 and {*found[0]} == {*asked} else {}
        other = [each for each in asked if asked[each] != alone.get(each)]
        raise CheckFailed(
            f"{way}: one channel of data, with {_words(asked, other)}",
            "; ".join(_words(each, other if alone else [*each]) for each in found)
            or "no channel",
            "InputDataConfig as DescribeTrainingJob tells it",
        )
    given = sample(feeding.SCRIPT).read_bytes()
    if sha256(given).hexdigest() not in job["scripts"]:
        raise CheckFailed(
            f"{way}: the script that was given",
            "another one",
            "sagemaker_submit_directory, the archive that was given",
        )


def _words(told: JSON, names: list[str]) -> str:
    return ", ".join(f"{name} {told[name]}" for name in names)


def _told(each: JSON) -> JSON:
    """Say in few words what a channel reads."""
    objects = each["source"].get("S3DataSource")
    if objects:
        return {"mode": each["mode"], "uri": objects["S3Uri"].rstrip("/")}
    system = each["source"]["FileSystemDataSource"]
    return {
        "mode": each["mode"],
        "type": system["FileSystemType"],
        "id": system["FileSystemId"],
        "path": system["DirectoryPath"].rstrip("/"),
        "access": system["FileSystemAccessMode"],
    }


def _same(seed: int, jobs: JSON) -> None:
    """Hold what the models say against each other, and against one trained here."""
    from runpy import run_path

    script, drawn_rows = run_path(str(sample(feeding.SCRIPT))), feeding.draw(seed)
    model = script["fit"](drawn_rows.train.sort_values("number"))
    asked = script["predict_fn"](drawn_rows.hidden, model)
    for way in WAYS:
        said = jobs[way]["predicted"]
        alike = sum(map(eq, asked, said)) / len(asked)
        if said != jobs[WAYS[0]]["predicted"] or alike < ALIKE:
            raise CheckFailed(
                "three models that say the same of hidden photographs",
                f"the one fed from {way} agrees with one trained here on {alike:.0%}",
                "hyperparameters, and what lies where the job reads",
            )


def _month(way: str, inputs: JSON, evidence: JSON) -> float:
    """Work out what a way costs in a month, by the bill's prices."""
    bill, sources = evidence["bill"], evidence["sources"]
    job = sum(
        each["cost"] for each in bill["lines"] if each["resource"] == bill["jobs"][way]
    )
    store = inputs["bucket"] if way == "s3" else sources[way]["id"]
    (price,) = {
        each["unit_price"]
        for each in bill["lines"]
        if each["resource"] == store and each["unit"] == "GB-month"
    }
    stored = evidence["capacity"] if way == "lustre" else inputs["gigabytes"]
    return float(inputs["nights"] * job + stored * price)


def _numbers(name: str, returned: JSON, true: dict[str, float], look: str) -> None:
    found = returned[name]
    near = {way: abs(found.get(way, -1) - true[way]) <= NEAR for way in WAYS}
    if not all(near.values()) or len(found) != len(WAYS):
        raise CheckFailed(f"{name}: {_rounded(true)}", _rounded(found), look)


def _rounded(numbers: dict[str, float]) -> str:
    return ", ".join(f"{way} {round(each, 4)}" for way, each in numbers.items())


def _order(name: str, returned: JSON, true: dict[str, float]) -> None:
    """Want an order that rises; two that are equal may stand either way."""
    found = returned[name]
    values = [true[way] for way in found if way in true]
    if sorted(found) != sorted(WAYS) or values != sorted(values):
        raise CheckFailed(
            f"{name}: the three ways, the least first",
            f"{', '.join(found)}, with {_rounded(true)}",
            "the numbers by which you sort",
        )


feed_the_trainer = Check(drawn, _probe, _verdict)
