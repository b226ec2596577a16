"""One training job from Starting to its end."""

import time
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from localaws.algorithms import Algorithm, of_image
from localaws.jobs import Channel, Command, Outcome, Resource, Workspace
from localaws.loopback import Session
from localaws.sagemaker import script_mode
from localaws.sagemaker.artifacts import store_model, store_output
from localaws.sagemaker.channels import fetch_channels
from localaws.sagemaker.cluster import Host
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.job_run import End, JobRun, is_internal
from localaws.sagemaker.logs import Metrics
from localaws.sagemaker.output_keys import output_client
from localaws.sagemaker.program import as_command, find_program
from localaws.sagemaker.roles import assume
from localaws.sagemaker.spot import CHECKPOINTS, PRICE, TAG, Interruptions
from localaws.sagemaker.sync import Sync
from localaws.sagemaker.transfer import download

# What each phase is told as.
MESSAGES = {
    "Starting": "Starting the training job",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Interrupted": "Training job interrupted: simulated Spot interruption",
    "Restarting": "Restarting the training job after an internal error",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "MaxWaitTimeExceeded": "Training job runtime exceeded MaxWaitTimeInSeconds "
    "provided",
}


class TrainingRun(JobRun):
    """Runs one training job, again where Spot capacity or a retry asks for it.

    Args:
        engine: What it acts with.
        document: The stored job, which it changes.
        algorithm: The built-in algorithm, or None for the user's program.
    """

    noun = "TrainingJob"
    group = "/aws/sagemaker/TrainingJobs"
    phases: ClassVar[dict[str, int]] = {
        "Starting": 60,
        "Downloading": 15,
        "Training": 60,
        "Interrupted": 300,
        "Restarting": 60,
        "Uploading": 5,
    }

    def __init__(
        self, engine: Engine, document: dict[str, Any], algorithm: Algorithm | None
    ) -> None:
        self._algorithm = algorithm
        self._trained = 0.0
        self._on_instances = 0.0
        self._interrupted = False
        isolated = bool(document.get("EnableNetworkIsolation"))
        super().__init__(engine, document, document["ResourceConfig"], isolated)
        definitions = [
            (metric["Name"], metric["Regex"])
            for metric in document["AlgorithmSpecification"].get(
                "MetricDefinitions", ()
            )
        ]
        if known := of_image(document["AlgorithmSpecification"]["TrainingImage"]):
            definitions += known.metrics
        self.metrics = Metrics(definitions, engine.clock.now)
        self._spot = bool(document.get("EnableManagedSpotTraining"))
        tag = engine.store.tagged(self.arn).get(TAG, "") if self._spot else ""
        self._interruptions = Interruptions(tag, self._interrupt)

    def run(self, root: Path) -> End:
        """Attempt the job until it ends by more than an interruption."""
        retries = self.document.get("RetryStrategy", {}).get("MaximumRetryAttempts", 0)
        try:
            while True:
                end, reason = self._attempt(root)
                if end == "Interrupted":
                    self.enter("Interrupted")
                    self.clear()
                    self.enter("Starting")
                elif is_internal(reason) and retries > 0 and not self.stopped.is_set():
                    retries -= 1
                    self.enter("Restarting")
                    self.clear()
                else:
                    return end, reason
        finally:
            dimension = ("TrainingJobName", self.name)
            self.metrics.publish(self.engine.aws, self.group, dimension)
            final = self.metrics.final()
            self.engine.store.change(self.document, FinalMetricDataList=final)

    def _interrupt(self) -> None:
        self._interrupted = True
        self.halt()

    def _attempt(self, root: Path) -> End:
        engine, document = self.engine, self.document
        seconds, limit = self._patience()
        if self.stopped.is_set():
            return "Stopped", None
        if seconds <= 0:
            return limit, None
        session = assume(engine.aws, document["RoleArn"])
        s3 = engine.aws.client("s3", session)
        self.enter("Downloading")
        if "TrainingStartTime" not in document:
            engine.store.change(document, TrainingStartTime=self.since)
        hosts = [self._host(s3, root, name, session) for name in self.hosts]
        if self.stopped.is_set():
            return "Stopped", None
        self.enter("Training")
        self._interrupted = False
        began = time.monotonic()
        host, outcome = self.execute(
            hosts, seconds, self._read, *self._copies(s3, hosts), self._interruptions
        )
        self._trained += time.monotonic() - began
        if outcome.cause == "stopped" and self._interrupted:
            return ("Stopped" if self.stopped.is_set() else "Interrupted"), None
        end, reason = self.verdict(host, outcome)
        if is_internal(reason):
            return end, reason
        self.enter("Uploading")
        s3 = output_client(engine.aws, session, document["OutputDataConfig"])
        self._upload(s3, root, hosts, model=end != "Failed")
        return (limit if end == "MaxRuntimeExceeded" else end), reason

    def _patience(self) -> tuple[float, str]:
        """Return the real seconds that are left, and what ends the job after them."""
        condition = self.document["StoppingCondition"]
        run = condition.get("MaxRuntimeInSeconds", 86_400) - self._trained
        wait = condition.get("MaxWaitTimeInSeconds")
        if wait is not None:
            wait -= (self.since - self.document["CreationTime"]).total_seconds()
            if wait < run:
                return wait, "MaxWaitTimeExceeded"
        return run, "MaxRuntimeExceeded"

    def _read(self, line: str) -> None:
        self.metrics.read(line)
        self._interruptions.read(line)

    def _host(self, s3: Any, root: Path, name: str, session: Session) -> Host:
        engine, document = self.engine, self.document
        workspace = self.workspace(root, name)
        log = self.stream(name)
        shard = partial(self.shard, name)
        channels = fetch_channels(engine, s3, document, workspace, shard, log.write)
        config = document.get("CheckpointConfig")
        if config:
            folder = self._checkpoints(workspace)
            download(s3, f"{config['S3Uri'].rstrip('/')}/", folder, required=False)
        resource = Resource(self.resources["InstanceType"], host=name, hosts=self.hosts)
        workspace.write_config(document.get("HyperParameters", {}), channels, resource)
        command = self._command(s3, workspace, channels, session, resource)
        return Host(name, workspace, command, log)

    def _checkpoints(self, workspace: Workspace) -> Path:
        config = self.document["CheckpointConfig"]
        folder = Path(workspace.localise(config.get("LocalPath", CHECKPOINTS)))
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _copies(self, s3: Any, hosts: list[Host]) -> list[Sync]:
        config = self.document.get("CheckpointConfig")
        if not config:
            return []
        return [
            Sync(s3, self._checkpoints(host.workspace), config["S3Uri"])
            for host in hosts
        ]

    def _command(
        self,
        s3: Any,
        workspace: Workspace,
        channels: dict[str, Channel],
        session: Session,
        resource: Resource,
    ) -> Command:
        document = self.document
        hyperparameters = document.get("HyperParameters", {})
        scripted = self._algorithm is None
        program = find_program(s3, document, workspace, scripted=scripted)
        base = {
            **self.base(workspace, session),
            **document.get("Environment", {}),
            "TRAINING_JOB_NAME": self.name,
            "TRAINING_JOB_ARN": self.arn,
        }
        env = workspace.environment(
            hyperparameters,
            channels,
            program.script or "",
            resource=resource,
            job_name=self.name,
            region=self.engine.store.region,
            base=base,
            driven=program.driven,
        )
        if program.entrypoint:
            return as_command(program.entrypoint, env, workspace.opt, self.isolated)
        if program.script:
            return script_mode.script_command(
                program,
                workspace,
                hyperparameters,
                env,
                document["AlgorithmSpecification"]["TrainingImage"],
                resource,
                isolated=self.isolated,
            )
        assert self._algorithm is not None
        return Command(
            env,
            workspace.opt,
            module="localaws.algorithms",
            argv=[self._algorithm.name, str(workspace.opt)],
            isolated=self.isolated,
        )

    def _upload(self, s3: Any, root: Path, hosts: list[Host], *, model: bool) -> None:
        output = self.document["OutputDataConfig"]
        where = f"{output['S3OutputPath'].rstrip('/')}/{self.name}/output"
        store_output(s3, where, root, hosts)
        if model:
            compress = output.get("CompressionType") != "NONE"
            if uri := store_model(s3, where, root, hosts, compress=compress):
                artifacts = {"S3ModelArtifacts": uri}
                self.engine.store.change(self.document, ModelArtifacts=artifacts)

    def complaint(self, host: Host, outcome: Outcome) -> str:
        """Return what the program wrote to its failure file, or what it printed."""
        return script_mode.reason(self.document, host.workspace, outcome)

    def enter(self, phase: str) -> None:
        """Close the phase before, at its modelled or real end, and open this one."""
        # a stop in between would stand before this phase and have begun after it
        with self.engine.store.lock:
            self._advance(phase)
            if not self._stopping or phase == "Uploading":
                self._tell(phase)
                self.engine.store.change(self.document, SecondaryStatus=phase)

    def _advance(self, phase: str) -> None:
        before, closed = self.since, self._phase
        super().enter(phase)
        if closed in ("Downloading", "Training", "Uploading"):
            self._on_instances += (self.since - before).total_seconds()

    def _tell(self, phase: str) -> None:
        steps = self.document["SecondaryStatusTransitions"]
        if steps:
            steps[-1]["EndTime"] = self.since
        said, seconds = MESSAGES[phase], self.phases.get(phase)
        if seconds and self.engine.clock.standing:
            said += f" (simulated: {seconds} s)"
        steps.append({"Status": phase, "StartTime": self.since, "StatusMessage": said})
        if not seconds:
            steps[-1]["EndTime"] = self.since

    def finish(self, end: str, reason: str | None) -> None:
        """Store how the job ended, and what it would have cost."""
        document = self.document
        self._advance(end)
        self._tell(end)
        members: dict[str, Any] = {
            "TrainingJobStatus": "Stopped" if end.endswith("Exceeded") else end,
            "SecondaryStatus": end,
        }
        if reason:
            members["FailureReason"] = reason[:1024]
        if "TrainingStartTime" in document:
            whole = (self.since - document["TrainingStartTime"]).total_seconds()
            billable = self._on_instances * (PRICE if self._spot else 1)
            members |= {
                "TrainingEndTime": self.since,
                "TrainingTimeInSeconds": max(1, round(whole)),
                "BillableTimeInSeconds": max(1, round(billable)),
            }
            self.bill("training", members["BillableTimeInSeconds"])
            if self._spot:
                document["SecondaryStatusTransitions"][-1]["StatusMessage"] += (
                    f" (simulated: Spot bills {PRICE:.0%} of the time on instances)"
                )
        self.engine.store.change(document, **members)
