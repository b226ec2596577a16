"""Warm start: what a tuning job learns from earlier ones."""

from typing import Any

from localaws.errors import AwsError, NotImplementedHere, ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.tuning_trials import Definition, Trial, definitions

Members = dict[str, Any]
_ENDED = ("Completed", "Failed", "Stopped")


def parents_of(
    engine: Engine, request: Members, one: Definition
) -> list[tuple[str, Trial]]:
    """Return the trials of a tuning job's parents, each with its tuning job's name.

    Args:
        engine: What it acts with.
        request: The input of CreateHyperParameterTuningJob.
        one: Its training job definition.

    Raises:
        ValidationError: A parent is missing, runs, or tunes something else.
    """
    given = request.get("WarmStartConfig")
    if given is None:
        return []
    strategy = request["HyperParameterTuningJobConfig"]["Strategy"]
    if strategy in ("Grid", "Hyperband"):
        raise NotImplementedHere(
            f"sagemaker:CreateHyperParameterTuningJob WarmStartConfig with {strategy}",
            "depends on the strategy whether it is accepted",
        )
    if "TrainingJobDefinitions" in request:
        raise ValidationError(
            "WarmStartConfig is not supported with TrainingJobDefinitions."
        )
    names = [
        parent.get("HyperParameterTuningJobName", "")
        for parent in given["ParentHyperParameterTuningJobs"]
    ]
    if len(set(names)) < len(names):
        raise ValidationError("Parent tuning jobs must be unique.")
    found = []
    for name in names:
        parent = _parent(engine, name)
        _check(name, definitions(parent)[0], one, given["WarmStartType"])
        found += [(name, trial) for trial in parent["__trials"]]
    return found


def _parent(engine: Engine, name: str) -> Members:
    try:
        parent = engine.store.find("HyperParameterTuningJob", name)
    except AwsError as error:
        raise ValidationError(f"Parent tuning job {name} does not exist.") from error
    status = parent["HyperParameterTuningJobStatus"]
    if status not in _ENDED:
        raise ValidationError(
            f"Parent tuning job {name} is {status}; it must have ended."
        )
    return parent


def _check(name: str, parent: Definition, one: Definition, kind: str) -> None:
    if parent.objective != one.objective:
        raise ValidationError(
            f"The objective metric must be the same as that of parent {name}: "
            f"{parent.objective['Type']} {parent.objective['MetricName']}."
        )
    if _names(parent) != _names(one):
        raise ValidationError(
            "The number of static plus tunable hyperparameters must be that of parent "
            f"{name}: {', '.join(sorted(_names(parent)))}."
        )
    if kind != "IdenticalDataAndAlgorithm":
        return
    for what, before, now in (
        ("training image", _image(parent), _image(one)),
        ("input data", _data(parent), _data(one)),
    ):
        if before != now:
            raise ValidationError(
                f"IdenticalDataAndAlgorithm needs the {what} of parent {name}."
            )


def _names(one: Definition) -> set[str]:
    ranged = {given["Name"] for ranges in one.ranges.values() for given in ranges}
    return ranged | one.given.get("StaticHyperParameters", {}).keys()


def _image(one: Definition) -> str:
    return one.given["AlgorithmSpecification"]["TrainingImage"]


def _data(one: Definition) -> list[tuple[str, str]]:
    return [
        (channel["ChannelName"], channel["DataSource"]["S3DataSource"]["S3Uri"])
        for channel in one.given.get("InputDataConfig", ())
    ]
