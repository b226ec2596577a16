"""A tuning job against the same runs of its script in one warm pool of processes.

The script works for one second, so that both sides have the same work whatever else
the machine does. The pool runs what the tuning job chose, as many side by side; its
processes have what the script imports already, and nothing is stored.
"""

import contextlib
import io
import json
import re
import runpy
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.bench.endpoint import clients, endpoint, wait_for
from tests.bench.ratio import Plan, Row, alternate, ratios
from tests.bench.work import BUCKET, IMAGE, Jobs, packed, table

SCRIPT = Path(__file__).parent / "tuned" / "train.py"
TRIALS, SIDE_BY_SIDE = 20, 2
GOAL = 1.3
Values = dict[str, str]


def measure(plan: Plan) -> list[Row]:
    """Measure a tuning job of 20 trials and the pool in turn."""
    with (
        endpoint() as connection,
        ProcessPoolExecutor(SIDE_BY_SIDE, initializer=_warm) as pool,
    ):
        jobs = Jobs(clients(connection), table(10))
        jobs.s3.put_object(
            Bucket=BUCKET, Key="tuned.tar.gz", Body=packed(SCRIPT.parent)
        )
        list(pool.map(run, [{"rate": "0.5"}] * SIDE_BY_SIDE))
        tuner = Tuner(jobs)
        tuner.tune(SIDE_BY_SIDE)
        chosen: list[tuple[Values, float]] = []

        def tuned() -> float:
            begun = time.perf_counter()
            chosen[:] = tuner.tune(TRIALS)
            return time.perf_counter() - begun

        def pooled() -> float:
            values = [one for one, _ in chosen or tuner.known]
            begun = time.perf_counter()
            found = list(pool.map(run, values))
            seconds = time.perf_counter() - begun
            assert found == [score for _, score in chosen or tuner.known], "differ"
            return seconds

        tuned()
        pairs = alternate(min(plan.rounds, 3), tuned, pooled)
    walls = [sorted(side)[len(side) // 2] for side in zip(*pairs, strict=True)]
    note = "s: {:.1f} tuning job, {:.1f} pool".format(*walls)
    what = f"{TRIALS} trials of 1 s, {SIDE_BY_SIDE} side by side"
    return [Row(what, "warm process pool", ratios(pairs), goal=GOAL, note=note)]


class Tuner:
    """Tuning jobs of the script on one endpoint.

    Args:
        jobs: What made the bucket and the role.
    """

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._number = 0
        self.known: list[tuple[Values, float]] = []

    def tune(self, trials: int) -> list[tuple[Values, float]]:
        """Run a tuning job; return what each trial had and told, in their order."""
        self._number += 1
        name = f"tune-{self._number}"
        self._jobs.sagemaker.create_hyper_parameter_tuning_job(
            **_request(name, trials, self._jobs.role)
        )
        wait_for(lambda: self._status(name) != "InProgress", poll=0.01)
        assert self._status(name) == "Completed"
        found = self._jobs.sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name, MaxResults=100
        )["TrainingJobSummaries"]
        self.known = [
            (
                one["TunedHyperParameters"],
                one["FinalHyperParameterTuningJobObjectiveMetric"]["Value"],
            )
            for one in found
        ]
        assert len(self.known) == trials
        return self.known

    def _status(self, name: str) -> str:
        found = self._jobs.sagemaker.describe_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name
        )
        return found["HyperParameterTuningJobStatus"]


def run(values: Values) -> float:
    """Run the script in this process, and return what it told."""
    arguments = [part for name, one in values.items() for part in (f"--{name}", one)]
    before, sys.argv = sys.argv, [str(SCRIPT), *arguments]
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            runpy.run_path(str(SCRIPT), run_name="__main__")
    finally:
        sys.argv = before
    found = re.search(r"score=([0-9.]+)", said.getvalue())
    assert found, said.getvalue()
    return float(found[1])


def _warm() -> None:
    import numpy  # noqa: F401


def _request(name: str, trials: int, role: str) -> dict[str, object]:
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "RandomSeed": 13,
            "HyperParameterTuningJobObjective": {
                "Type": "Maximize",
                "MetricName": "score",
            },
            "ResourceLimits": {
                "MaxNumberOfTrainingJobs": trials,
                "MaxParallelTrainingJobs": SIDE_BY_SIDE,
            },
            "ParameterRanges": {
                "ContinuousParameterRanges": [
                    {"Name": "rate", "MinValue": "0", "MaxValue": "1"}
                ]
            },
        },
        "TrainingJobDefinition": {
            "StaticHyperParameters": {
                "sagemaker_program": json.dumps("train.py"),
                "sagemaker_submit_directory": json.dumps(f"s3://{BUCKET}/tuned.tar.gz"),
            },
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
                "MetricDefinitions": [{"Name": "score", "Regex": "score=([0-9.]+)"}],
            },
            "RoleArn": role,
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/out"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 1,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        },
    }
