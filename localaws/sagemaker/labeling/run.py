"""One labeling job from its start to its end."""

import datetime as dt
import logging
import threading
from typing import Any

from botocore.exceptions import ClientError

from localaws.sagemaker.engine import Engine
from localaws.sagemaker.job_run import STORING
from localaws.sagemaker.labeling import manifest
from localaws.sagemaker.labeling.consolidating import Consolidating
from localaws.sagemaker.labeling.crowd_work import CrowdWork, Terms
from localaws.sagemaker.labeling.functions import Functions
from localaws.sagemaker.labeling.kinds import Kind, kind
from localaws.sagemaker.labeling.output import Output
from localaws.sagemaker.labeling.portal import Portal
from localaws.sagemaker.labeling.preparing import Preparing
from localaws.sagemaker.labeling.progress import Progress
from localaws.sagemaker.labeling.rights import Rights
from localaws.sagemaker.labeling.tasks import LabelingFailed, Task
from localaws.sagemaker.labeling.templates import presigner
from localaws.sagemaker.roles import assume

Members = dict[str, Any]
End = tuple[str, str | None]
_STARTING = 60
_CLASSES = 2
log = logging.getLogger(__name__)


class LabelingRun:
    """Runs one labeling job.

    Args:
        engine: What it acts with.
        document: The stored job, which it changes.
        again: Whether an endpoint that was killed had begun it.
    """

    def __init__(self, engine: Engine, document: Members, again: bool = False) -> None:
        self.engine = engine
        self.document = document
        self.stopped = threading.Event()
        self._again = again
        self._closed = False
        self._since: dt.datetime = document["CreationTime"]
        self._lines: list[Members] = []
        self._done: list[Task] = []
        asked = document["HumanTaskConfig"]
        self.public = document["WorkteamArn"].endswith(":workteam/public-crowd/default")
        self._batch: int = asked["MaxConcurrentTaskCount"]
        self._terms = Terms(
            asked["NumberOfHumanWorkersPerDataObject"],
            asked["TaskTimeLimitInSeconds"],
            asked["TaskAvailabilityLifetimeInSeconds"],
        )

    def stop(self) -> None:
        """End the job with what is labelled so far."""
        self.stopped.set()
        with self.engine.store.changed:
            self.engine.store.changed.notify_all()

    def close(self) -> None:
        """Leave the job as it is: the next endpoint takes it up again."""
        self._closed = True
        self.stop()

    def __call__(self) -> None:
        """Run the job to its end, whatever happens, and store how it ended."""
        engine, document = self.engine, self.document
        if document["LabelingJobStatus"] == "Stopping":
            self.stopped.set()
        self.progress = Progress(engine, document)
        try:
            if self.public:
                with engine.slot(self.stopped) as free:
                    end = self._run() if free else ("Stopped", None)
            else:
                end = self._run()
        except Exception as error:
            end = "Failed", self._reason(error)
        if self._closed:
            return
        engine.release(document["LabelingJobArn"])
        with engine.store.lock:
            if document["LabelingJobStatus"] == "Stopping":
                end = "Stopped", None
            document[STORING] = True
        self._finish(*end)

    def _reason(self, error: Exception) -> str:
        if isinstance(error, LabelingFailed):
            return str(error)
        if isinstance(error, ClientError):
            return f"ClientError: {error}"
        log.error("labeling %s", self.document["LabelingJobName"], exc_info=error)
        return f"InternalServerError: {error!r}"

    def _finish(self, status: str, reason: str | None) -> None:
        why = {"FailureReason": reason[:1024]} if reason else {}
        self.progress.say(f"LABELING_JOB_{status.upper()}", reason or status)
        self.progress.charge(self._done, self._price())
        self.progress.end(status)
        self.engine.store.change(self.document, LabelingJobStatus=status, **why)

    def _price(self) -> float | None:
        given = self.document["HumanTaskConfig"].get("PublicWorkforceTaskPrice")
        if not given or not self.public:
            return None
        amount = given.get("AmountInUsd", {})
        return (
            amount.get("Dollars", 0)
            + amount.get("Cents", 0) / 100
            + amount.get("TenthFractionsOfACent", 0) / 1000
        )

    def _run(self) -> End:
        engine, document, asked = self.engine, self.document, self._asked
        rights = Rights(engine.aws, document["RoleArn"])
        source = document["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"]
        template = asked["UiConfig"]["UiTemplateS3Uri"]
        labels = document.get("LabelCategoryConfigS3Uri")
        for uri in filter(None, (source, template, labels)):
            rights.demand_object("s3:GetObject", uri)
        session = assume(engine.aws, document["RoleArn"])
        s3 = engine.aws.client("s3", session)
        path = document["OutputConfig"]["S3OutputPath"]
        self._output = Output(s3, path, document["LabelingJobName"])
        rights.demand_object("s3:PutObject", self._output.manifest)
        if self._again:
            self._output.clear()
        before, after = self._kinds()
        least = _CLASSES if "MultiClass" in after.name else 1
        found = manifest.categories(s3, labels, least) if labels else []
        text = manifest.read(s3, template).decode()
        self._lines = manifest.lines(s3, source)
        functions = Functions(engine.aws.client("lambda", session), rights)
        presign = presigner(engine.aws, session)
        self._prepare = Preparing(document, before, text, found, functions, presign)
        self._consolidate = Consolidating(
            document, after, found, functions, self._output
        )

        def look(line: Members) -> bytes | str:
            if "source" in line:
                return str(line["source"])
            rights.demand_object("s3:GetObject", line["source-ref"])
            return manifest.read(s3, line["source-ref"])

        self._crowd = CrowdWork(engine.crowd, engine.clock, look, self._terms)
        self._since = engine.clock.elapse(self._since, _STARTING)
        self._count("InProgress")
        self._say_who()
        return self._label_all()

    @property
    def _asked(self) -> Members:
        return self.document["HumanTaskConfig"]

    def _kinds(self) -> tuple[Kind, Kind]:
        config = self._asked.get("AnnotationConsolidationConfig", {})
        return (
            kind(self._asked.get("PreHumanTaskLambdaArn"), "PRE", ""),
            kind(config.get("AnnotationConsolidationLambdaArn"), "ACS", ""),
        )

    def _say_who(self) -> None:
        told = "People of the work team answer through the endpoint's control API."
        if self.public:
            told = (
                "localaws: the workers are simulated. A pool drawn by a seed "
                f"({len(self.engine.crowd.workers)} workers) knows the truth that was "
                "told to the endpoint, and errs by confusion matrices of its own."
            )
        self.progress.say("LABELING_JOB_STARTED", told)

    def _label_all(self) -> End:
        """Give out the objects in batches until all, or enough, are labelled."""
        most = self._most()
        place = batch = 0
        while place < len(self._lines) and not self.stopped.is_set():
            room = min(self._batch, most - self._labelled())
            if room <= 0:
                break
            chosen = range(place, min(place + room, len(self._lines)))
            place = chosen.stop
            batch += 1
            self._label([self._task(number) for number in chosen])
            self._output.write(self._lines, batch)
        self._output.write(self._lines)
        self.engine.store.change(
            self.document,
            LabelingJobOutput={"OutputDatasetS3Uri": self._output.manifest},
        )
        failed = [task for task in self._done if task.failure]
        if self.stopped.is_set() or place < len(self._lines):
            return "Stopped", None
        if failed and not self._labelled():
            return "Failed", failed[0].failure
        return "Completed", None

    def _most(self) -> int:
        """Return at how many labelled objects the job stops."""
        total = len(self._lines)
        given = self.document.get("StoppingConditions", {})
        share = given.get("MaxPercentageOfInputDatasetLabeled", 100)
        most = max(1, total * share // 100)
        return min(most, given.get("MaxHumanLabeledObjectCount", total))

    def _task(self, number: int) -> Task:
        name = f"{self.document['LabelingJobName']}-{number}"
        return Task(number, name, self._lines[number])

    def _labelled(self) -> int:
        return sum(task.failure is None for task in self._done)

    def _label(self, tasks: list[Task]) -> None:
        shown = [task for task in tasks if self._prepare(task)]
        document, since = self.document, self._since
        if self.public:
            end = self._crowd(shown, since)
        else:
            portal = self.engine.part(Portal)
            end = portal.work(document, shown, self._terms, since, self.stopped)
            if self._closed:
                raise LabelingFailed("the endpoint is being closed")
            self.progress.submitted(shown)
        self._since = end
        for task in shown:
            self._output.answers(task)
        answered = [task for task in shown if task.answers and not task.failure]
        if self.stopped.is_set():
            wanted = self._terms.workers
            answered = [task for task in answered if len(task.answers) == wanted]
        if answered:
            found = self._consolidate(answered, end)
            for number, members in found.items():
                self._lines[number] = {**self._lines[number], **members}
        self._mark([task for task in tasks if task.failure])
        self._done += [
            *answered,
            *(t for t in tasks if t.failure and t not in answered),
        ]
        self._count()

    def _mark(self, failed: list[Task]) -> None:
        """Say in the manifest and in the log why objects have no label."""
        name = f"{self.document['LabelAttributeName']}-metadata"
        for task in failed:
            told = {
                "job-name": f"labeling-job/{self.document['LabelingJobName']}",
                "human-annotated": "yes",
                "failure-reason": task.failure,
            }
            self._lines[task.number] = {**self._lines[task.number], name: told}
            self.progress.say(
                "DATASET_OBJECT_FAILED", f"Object {task.number}: {task.failure}"
            )

    def _count(self, status: str | None = None) -> None:
        labelled = self._labelled()
        failed = len(self._done) - labelled
        counters = {
            "TotalLabeled": labelled,
            "HumanLabeled": labelled,
            "MachineLabeled": 0,
            "FailedNonRetryableError": failed,
            "Unlabeled": len(self._lines) - labelled - failed,
        }
        members: Members = {"LabelCounters": counters}
        with self.engine.store.lock:
            if status and self.document["LabelingJobStatus"] == "Initializing":
                members["LabelingJobStatus"] = status
            self.engine.store.change(self.document, **members)
        self.progress.count(counters)
