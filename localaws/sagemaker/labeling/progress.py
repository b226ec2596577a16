"""What CloudWatch and the bill see of a labeling job."""

import json
from typing import Any

from localaws.sagemaker.engine import Engine
from localaws.sagemaker.labeling.tasks import Task
from localaws.sagemaker.logs import Logs

Members = dict[str, Any]
_GROUP = "/aws/sagemaker/LabelingJobs"
_NAMESPACE = "AWS/SageMaker"
_ENDS = {"Completed": "JobsSucceeded", "Failed": "JobsFailed", "Stopped": "JobsStopped"}


class Progress:
    """Tells of one job.

    Args:
        engine: Where logs, metrics and the meter are.
        document: The stored job.
    """

    def __init__(self, engine: Engine, document: Members) -> None:
        self._engine = engine
        self._document = document
        self._name: str = document["LabelingJobName"]
        self._log = engine.part(Logs).open(_GROUP, self._name)

    def say(self, event: str, message: str) -> None:
        """Write an event to the job's log."""
        line = {
            "labeling-job-name": self._name,
            "event-name": event,
            "event-log-message": message,
        }
        self._log.write(json.dumps(line))

    def count(self, counters: Members) -> None:
        """Publish how many objects are labelled."""
        values = {
            "DatasetObjectsHumanAnnotated": counters["HumanLabeled"],
            "DatasetObjectsLabelingFailed": counters["FailedNonRetryableError"],
            "TotalDatasetObjectsLabeled": counters["TotalLabeled"],
        }
        self._put(_NAMESPACE, values, LabelingJobName=self._name)

    def submitted(self, tasks: list[Task]) -> None:
        """Publish what the members of a private work team did."""
        team = self._document["WorkteamArn"].rpartition("/")[2]
        answers = [answer for task in tasks for answer in task.answers]
        for worker in {answer.worker for answer in answers}:
            mine = [answer for answer in answers if answer.worker == worker]
            values = {
                "ActiveWorkers": 1,
                "TasksSubmitted": len(mine),
                "TimeSpent": sum(answer.seconds for answer in mine),
            }
            self._put(f"{_NAMESPACE}/Workteam", values, Workteam=team)

    def end(self, status: str) -> None:
        """Publish how the job ended."""
        self._put(_NAMESPACE, {_ENDS[status]: 1})
        self._log.flush()

    def charge(self, tasks: list[Task], price: float | None) -> None:
        """Add what AWS charges for labelled objects, and for their workers.

        Args:
            tasks: Those that were given out.
            price: US dollars of one public worker's task; None for other workers.
        """
        meter = self._engine.meter
        labelled = sum(task.failure is None for task in tasks)
        meter.add("labeling-object", labelled, resource=self._name)
        if price is not None:
            answers = sum(len(task.answers) for task in tasks)
            meter.add("labeling-public-task", answers * price, resource=self._name)

    def _put(self, namespace: str, values: Members, **dimensions: str) -> None:
        named = [{"Name": n, "Value": v} for n, v in dimensions.items()]
        data = [
            {
                "MetricName": name,
                "Dimensions": named,
                "Value": value,
                "Timestamp": self._engine.clock.now(),
            }
            for name, value in values.items()
        ]
        client = self._engine.aws.client("cloudwatch")
        client.put_metric_data(Namespace=namespace, MetricData=data)
