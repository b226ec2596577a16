"""One training job from Starting to its end."""

import logging
import threading
from pathlib import Path
from typing import Any

from localaws.algorithms import Algorithm
from localaws.jobs import (
    Channel,
    Command,
    Job,
    Limits,
    Outcome,
    Resource,
    Workspace,
    pack,
)
from localaws.loopback import Session
from localaws.meter import memory_bytes
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.logs import LogStream, Metrics
from localaws.sagemaker.program import JobFailed, find_program
from localaws.sagemaker.roles import assume
from localaws.sagemaker.transfer import (
    TransferError,
    download,
    download_manifest,
    upload,
)

GROUP = "/aws/sagemaker/TrainingJobs"
# What each phase is told as, and how long it is modelled to take on a standing clock.
PHASES = {
    "Starting": ("Starting the training job", 60),
    "Downloading": ("Downloading input data", 15),
    "Training": ("Training image download completed. Training in progress.", 60),
    "Uploading": ("Uploading generated training model", 5),
}
ENDS = {
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}
log = logging.getLogger(__name__)


class TrainingRun:
    """Runs one job in a workspace of its own.

    Args:
        engine: What it acts with.
        document: The stored job, which it changes.
        algorithm: The built-in algorithm, or None for the user's script.
    """

    def __init__(
        self, engine: Engine, document: dict[str, Any], algorithm: Algorithm | None
    ) -> None:
        self._engine = engine
        self._document = document
        self._algorithm = algorithm
        self._name = document["TrainingJobName"]
        self._job: Job | None = None
        self._stopped = threading.Event()
        self._since = document["CreationTime"]
        self._enter("Starting")

    def stop(self) -> None:
        """End the job: at once where nothing runs yet, else by signal."""
        self._stopped.set()
        if self._job:
            self._job.stop()

    def __call__(self) -> None:
        """Run the job to its end, whatever happens, and store how it ended."""
        engine, document = self._engine, self._document
        workspace = Workspace(engine.folder(self._name))
        try:
            with engine.slot(self._stopped) as free:
                status, reason = self._run(workspace) if free else ("Stopped", None)
        except JobFailed as error:
            status, reason = "Failed", str(error)
        except TransferError as error:
            status, reason = "Failed", f"ClientError: {error}"
        except Exception as error:
            log.exception("training job %s", self._name)
            status, reason = "Failed", f"InternalServerError: {error!r}"
        finally:
            workspace.remove()
            engine.release(document["TrainingJobArn"])
        self._finish(status, reason)

    def _run(self, workspace: Workspace) -> tuple[str, str | None]:
        engine, document = self._engine, self._document
        session = assume(engine.aws, document["RoleArn"])
        s3 = engine.aws.client("s3", session)
        self._enter("Downloading")
        engine.store.change(document, TrainingStartTime=self._since)
        channels = self._download(s3, workspace)
        command = self._command(s3, workspace, channels, session)
        if self._stopped.is_set():
            return "Stopped", None
        self._enter("Training")
        outcome = self._train(workspace, command)
        self._enter("Uploading")
        status, reason = self._verdict(workspace, outcome)
        self._upload(s3, workspace.output / "data", "output.tar.gz")
        if status != "Failed":
            artifact = self._upload(s3, workspace.model, "model.tar.gz")
            if artifact:
                artifacts = {"S3ModelArtifacts": artifact}
                engine.store.change(document, ModelArtifacts=artifacts)
        return status, reason

    def _download(self, s3: Any, workspace: Workspace) -> dict[str, Channel]:
        channels = {}
        for given in self._document.get("InputDataConfig", ()):
            name, source = given["ChannelName"], given["DataSource"]["S3DataSource"]
            folder = workspace.channel(name)
            manifest = source["S3DataType"] == "ManifestFile"
            (download_manifest if manifest else download)(s3, source["S3Uri"], folder)
            if name in ("code", "sm_drivers"):
                workspace.rewrite(folder)
            channels[name] = Channel(content_type=given.get("ContentType"))
        resource = Resource(self._document["ResourceConfig"]["InstanceType"])
        workspace.write_config(
            self._document.get("HyperParameters", {}), channels, resource
        )
        return channels

    def _command(
        self,
        s3: Any,
        workspace: Workspace,
        channels: dict[str, Channel],
        session: Session,
    ) -> Command:
        document = self._document
        hyperparameters = document.get("HyperParameters", {})
        program = find_program(s3, document, workspace)
        base = {
            **self._engine.environment(workspace.root, session),
            **document.get("Environment", {}),
            "TRAINING_JOB_NAME": self._name,
            "TRAINING_JOB_ARN": document["TrainingJobArn"],
        }
        env = workspace.environment(
            hyperparameters,
            channels,
            program.script or "",
            resource=Resource(document["ResourceConfig"]["InstanceType"]),
            job_name=self._name,
            region=self._engine.store.region,
            base=base,
        )
        if program.entrypoint:
            return Command(env, workspace.opt, argv=program.entrypoint)
        if program.script:
            argv = workspace.arguments(hyperparameters)
            script = program.folder / program.script
            return Command(env, program.folder, script=script, argv=argv)
        assert self._algorithm is not None
        return Command(
            env,
            workspace.opt,
            module="localaws.algorithms",
            argv=[self._algorithm.name, str(workspace.opt)],
        )

    def _train(self, workspace: Workspace, command: Command) -> Outcome:
        engine, document = self._engine, self._document
        definitions = [
            (metric["Name"], metric["Regex"])
            for metric in document["AlgorithmSpecification"].get(
                "MetricDefinitions", ()
            )
        ]
        if self._algorithm:
            definitions += self._algorithm.metrics
        metrics = Metrics(definitions, engine.clock.now)
        stamp = int(self._since.timestamp())
        stream = LogStream(
            engine.aws, engine.clock, GROUP, f"{self._name}/algo-1-{stamp}"
        )

        def on_line(line: str) -> None:
            metrics.read(line)
            stream.write(line)

        resources = document["ResourceConfig"]
        self._job = Job(
            command,
            Limits(
                seconds=document["StoppingCondition"].get(
                    "MaxRuntimeInSeconds", 86_400
                ),
                disk_bytes=resources["VolumeSizeInGB"] * 2**30,
                memory_bytes=memory_bytes(resources["InstanceType"]),
            ),
            on_line,
            engine.warm,
            workspace.root,
            publish=workspace.publish,
        )
        if self._stopped.is_set():
            self._job.stop()
        outcome = self._job.run()
        stream.flush()
        metrics.publish(engine.aws, GROUP, ("TrainingJobName", self._name))
        engine.store.change(document, FinalMetricDataList=metrics.final())
        return outcome

    def _upload(self, s3: Any, folder: Path, name: str) -> str | None:
        """Store what a folder holds as an archive, and return its URI."""
        if not any(folder.iterdir()):
            return None
        archive = folder.parent / name
        pack(folder, archive)
        where = self._document["OutputDataConfig"]["S3OutputPath"].rstrip("/")
        uri = f"{where}/{self._name}/output/{name}"
        upload(s3, archive, uri)
        return uri

    def _verdict(
        self, workspace: Workspace, outcome: Outcome
    ) -> tuple[str, str | None]:
        if outcome.cause == "stopped":
            return "Stopped", None
        if outcome.cause == "timeout":
            return "MaxRuntimeExceeded", None
        if outcome.cause != "exited":
            return "Failed", _LIMITS[outcome.cause]
        if outcome.exit_code == 0:
            return "Completed", None
        said = workspace.failure() or _last_traceback("\n".join(outcome.tail))
        if said.startswith(("ClientError", "AlgorithmError")):
            return "Failed", f"{said}, exit code: {outcome.exit_code}"
        return "Failed", (
            f"AlgorithmError: ExecuteUserScriptError:\nExitCode {outcome.exit_code}\n"
            f'ErrorMessage "{said[-900:]}", exit code: {outcome.exit_code}'
        )

    def _enter(self, phase: str) -> None:
        """Close the phase before, at its modelled or real end, and open this one."""
        engine, document = self._engine, self._document
        steps = document["SecondaryStatusTransitions"]
        if steps:
            modelled = PHASES[steps[-1]["Status"]][1]
            self._since = engine.clock.elapse(self._since, modelled)
            steps[-1]["EndTime"] = self._since
        message = PHASES[phase][0] if phase in PHASES else ENDS[phase]
        if phase in PHASES and engine.clock.standing:
            message += f" (simulated: {PHASES[phase][1]} s)"
        steps.append(
            {"Status": phase, "StartTime": self._since, "StatusMessage": message}
        )
        if phase in ENDS:
            steps[-1]["EndTime"] = self._since
        engine.store.change(document, SecondaryStatus=phase)

    def _finish(self, end: str, reason: str | None) -> None:
        engine, document = self._engine, self._document
        self._enter(end)
        status = "Stopped" if end == "MaxRuntimeExceeded" else end
        members: dict[str, Any] = {"TrainingJobStatus": status}
        if reason:
            members["FailureReason"] = reason[:1024]
        started = document.get("TrainingStartTime")
        if started:
            seconds = max(1, round((self._since - started).total_seconds()))
            members |= {
                "TrainingEndTime": self._since,
                "TrainingTimeInSeconds": seconds,
                "BillableTimeInSeconds": seconds,
            }
            resources = document["ResourceConfig"]
            engine.meter.add(
                "training",
                seconds * resources["InstanceCount"],
                instance=resources["InstanceType"],
                resource=self._name,
            )
        engine.store.change(document, **members)


_LIMITS = {
    "disk": "ClientError: the job filled its volume: VolumeSizeInGB is too small.",
    "log": "AlgorithmError: the job printed more than the 64 MiB of log that the "
    "local endpoint keeps.",
    "memory": "AlgorithmError: OutOfMemory: the instance type has less memory.",
    "lost": "InternalServerError: the job's process disappeared.",
}


def _last_traceback(text: str) -> str:
    """Return the text from its last traceback on, or all of it."""
    start = text.rfind("Traceback (most recent call last):")
    return text[max(start, 0) :]
