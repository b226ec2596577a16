"""The training jobs of a tuning job, and what is told of them."""

import contextlib
import hashlib
from dataclasses import dataclass, field
from typing import Any

from localaws.errors import AwsError
from localaws.sagemaker.engine import Engine

Members = dict[str, Any]
ENDED = ("Completed", "Failed", "Stopped")
_COUNTED = {"Failed": "NonRetryableError", "Stopping": "InProgress"}
_PASSED = (
    "AlgorithmSpecification",
    "RoleArn",
    "InputDataConfig",
    "VpcConfig",
    "OutputDataConfig",
    "ResourceConfig",
    "StoppingCondition",
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "CheckpointConfig",
    "RetryStrategy",
    "Environment",
)


@dataclass
class Definition:
    """One training job definition with what its trials are judged by.

    Attributes:
        given: The `HyperParameterTrainingJobDefinition`.
        objective: Its `MetricName` and `Type`.
        ranges: Its `ParameterRanges`.
    """

    given: Members
    objective: Members
    ranges: Members

    @property
    def sign(self) -> int:
        """1 if the objective is to grow, else -1."""
        return 1 if self.objective["Type"] == "Maximize" else -1

    def request(self, name: str, tuned: dict[str, str]) -> Members:
        """Return the input of CreateTrainingJob for one trial."""
        given = self.given
        request = {key: given[key] for key in _PASSED if key in given}
        if "HyperParameterTuningResourceConfig" in given:
            request["ResourceConfig"] = given["HyperParameterTuningResourceConfig"]
        return request | {
            "TrainingJobName": name,
            "HyperParameters": {
                **given.get("StaticHyperParameters", {}),
                "_tuning_objective_metric": self.objective["MetricName"],
                **tuned,
            },
        }


def definitions(request: Members) -> list[Definition]:
    """Return the training job definitions of a tuning job."""
    config = request["HyperParameterTuningJobConfig"]
    if "TrainingJobDefinition" in request:
        given = request["TrainingJobDefinition"]
        objective = config.get("HyperParameterTuningJobObjective")
        ranges = config.get("ParameterRanges")
        return [
            Definition(
                given,
                objective or given.get("TuningObjective", {}),
                ranges or given.get("HyperParameterRanges", {}),
            )
        ]
    return [
        Definition(
            one, one.get("TuningObjective", {}), one.get("HyperParameterRanges", {})
        )
        for one in request.get("TrainingJobDefinitions", ())
    ]


@dataclass
class Trial:
    """One training job of a tuning job.

    Attributes:
        number: From 0, in the order of their start.
        definition: What it was made from.
        tuned: The hyperparameters that were chosen for it.
        document: The stored training job.
        token: What the search knows it by.
        early: Whether a rule stopped it.
        values: The objective, step by step.
    """

    number: int
    definition: Definition
    tuned: dict[str, str]
    document: Members
    token: Any = None
    early: bool = False
    values: list[float] = field(default_factory=list)

    @property
    def status(self) -> str:
        """Status of the training job."""
        return self.document["TrainingJobStatus"]

    @property
    def ended(self) -> bool:
        """Whether the training job has ended."""
        return self.status in ENDED

    @property
    def objective(self) -> float | None:
        """The objective that the training job ended with."""
        if not self.ended or self.status == "Failed":
            return None
        found = self.document.get("FinalMetricDataList", ())
        wanted = self.definition.objective["MetricName"]
        return next((m["Value"] for m in found if m["MetricName"] == wanted), None)

    def watch(self, engine: Engine) -> list[float]:
        """Return the objective as the running job has told it until now."""
        run = engine.process(self.document["TrainingJobArn"])
        if run is not None:
            wanted = self.definition.objective["MetricName"]
            points = list(run.metrics.points)
            self.values = [value for name, value, _ in points if name == wanted]
        return self.values

    def summary(self, tuning_job: str | None = None) -> Members:
        """Return its `HyperParameterTrainingJobSummary`."""
        shown = (
            "TrainingJobName",
            "TrainingJobArn",
            "CreationTime",
            "TrainingStartTime",
            "TrainingEndTime",
            "TrainingJobStatus",
            "FailureReason",
        )
        value = self.objective
        found = {name: self.document.get(name) for name in shown} | {
            "TrainingJobDefinitionName": self.definition.given.get("DefinitionName"),
            "TuningJobName": tuning_job,
            "TunedHyperParameters": self.tuned,
            "ObjectiveStatus": self.outcome,
        }
        if value is not None:
            goal = {**self.definition.objective, "Value": value}
            found["FinalHyperParameterTuningJobObjectiveMetric"] = goal
        return found

    @property
    def outcome(self) -> str:
        """Status of the objective: `Succeeded`, `Pending` or `Failed`."""
        if not self.ended:
            return "Pending"
        return "Failed" if self.objective is None else "Succeeded"


def launched(trial: Trial, which: int) -> Members:
    """Return what of a trial is kept: enough for `relaunched`.

    Args:
        trial: The trial.
        which: Number of its definition.
    """
    return {
        "number": trial.number,
        "definition": which,
        "tuned": trial.tuned,
        "job": trial.document["TrainingJobName"],
    }


def relaunched(engine: Engine, document: Members) -> list[Trial]:
    """Return the trials of a tuning job that was kept, but for deleted ones."""
    found, given = [], definitions(document)
    for one in document["_launched"]:
        with contextlib.suppress(AwsError):
            job = engine.store.find("TrainingJob", one["job"])
            definition = given[one["definition"]]
            found.append(Trial(one["number"], definition, one["tuned"], job))
    return found


def best(trials: list[Trial]) -> Trial | None:
    """Return the trial with the best objective; the first of several."""
    found = [one for one in trials if one.objective is not None]
    return max(
        found, key=lambda one: one.definition.sign * (one.objective or 0), default=None
    )


def trial_name(engine: Engine, tuning_job: str, number: int) -> str:
    """Return the name of a trial's training job."""
    text = f"{tuning_job}-{number}-{engine.clock.count('trial')}"
    return (
        f"{tuning_job}-{number + 1:03d}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    )


def counters(trials: list[Trial]) -> Members:
    """Return how many trials there are of each status."""
    jobs = dict.fromkeys(
        ("Completed", "InProgress", "RetryableError", "NonRetryableError", "Stopped"), 0
    )
    objectives = dict.fromkeys(("Succeeded", "Pending", "Failed"), 0)
    for trial in trials:
        jobs[_COUNTED.get(trial.status, trial.status)] += 1
        objectives[trial.outcome] += 1
    return {"TrainingJobStatusCounters": jobs, "ObjectiveStatusCounters": objectives}
