"""A pipeline against the jobs that it runs, started by hand one after another."""

import json
import time
from typing import Any

from tests.bench.endpoint import clients, endpoint, wait_for
from tests.bench.ratio import Plan, Row, alternate, differences
from tests.bench.work import Jobs, table

STEPS = 10


class Pipelines:
    """Executions of two pipelines of ten steps: one trains, one only decides."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self.models: set[str] = set()
        condition = {"Type": "Equals", "LeftValue": 1, "RightValue": 1}
        self._create("train", "Training", jobs.request())
        self._create("decide", "Condition", {"Conditions": [condition]})

    def train(self) -> float:
        """Run the ten training steps; return the wall time of one."""
        wall, last = self._run("train")
        self.models.add(self._jobs.model_of(last.rpartition("/")[2]))
        return wall

    def decide(self) -> float:
        """Run the ten condition steps; return the wall time of one."""
        return self._run("decide")[0]

    def by_hand(self) -> float:
        """Run ten jobs one after another; return the wall time of one."""
        trained = [self._jobs.train() for _ in range(STEPS)]
        self.models |= {training.model for training in trained}
        return sum(training.wall for training in trained) / STEPS

    def _create(self, name: str, kind: str, arguments: dict[str, Any]) -> None:
        steps = [
            {
                "Name": f"Step{number}",
                "Type": kind,
                "Arguments": arguments,
                "DependsOn": [f"Step{number - 1}"] if number else [],
            }
            for number in range(STEPS)
        ]
        self._jobs.sagemaker.create_pipeline(
            PipelineName=name,
            PipelineDefinition=json.dumps({"Version": "2020-12-01", "Steps": steps}),
            RoleArn=self._jobs.role,
        )

    def _run(self, name: str) -> tuple[float, str]:
        sagemaker = self._jobs.sagemaker
        wall = time.perf_counter()
        started = sagemaker.start_pipeline_execution(PipelineName=name)
        arn = {"PipelineExecutionArn": started["PipelineExecutionArn"]}

        def status() -> str:
            found = sagemaker.describe_pipeline_execution(**arn)
            return found["PipelineExecutionStatus"]

        wait_for(lambda: status() != "Executing", poll=0.01)
        wall = time.perf_counter() - wall
        listed = sagemaker.list_pipeline_execution_steps(**arn)
        steps = listed["PipelineExecutionSteps"]
        assert status() == "Succeeded" and len(steps) == STEPS, steps
        made = steps[0]["Metadata"].get("TrainingJob", {})
        return wall / STEPS, made.get("Arn", "")


def measure(plan: Plan) -> list[Row]:
    """Measure what a step costs beside its job."""
    with endpoint() as one:
        pipelines = Pipelines(Jobs(clients(one), table()))
        # The first job of an endpoint also starts the parent that the next ones share.
        pipelines.by_hand()
        walls = alternate(plan.rounds, pipelines.train, pipelines.by_hand)
        decided = [pipelines.decide() for _ in range(plan.rounds)]
    assert len(pipelines.models) == 1, "steps and jobs made different models"
    plain = f"the job, {sorted(w[1] for w in walls)[len(walls) // 2]:.2f} s"
    return [
        Row("pipeline, a training step: overhead", plain, differences(walls), "s", 0.5),
        Row("pipeline, a condition step: wall", "plain time", decided, "s", 0.5),
    ]
