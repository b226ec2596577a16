"""One processing job from its start to its end."""

import codecs
import json
from pathlib import Path
from typing import Any, ClassVar

from localaws.jobs import Command, Outcome, Workspace
from localaws.loopback import Session
from localaws.sagemaker.cluster import Host
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.images import processor
from localaws.sagemaker.job_run import End, JobRun
from localaws.sagemaker.output_keys import output_client
from localaws.sagemaker.program import JobFailed, as_command
from localaws.sagemaker.roles import assume
from localaws.sagemaker.sync import Sync
from localaws.sagemaker.transfer import download, download_manifest, upload_tree

# FrameworkProcessor's own script calls pip, which shall find what is installed here.
_OFFLINE = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
# Inputs of the SDK's processors that hold programs.
_CODE = ("code", "entrypoint")
_TOLD = (
    "ProcessingJobArn",
    "ProcessingJobName",
    "AppSpecification",
    "Environment",
    "ProcessingInputs",
    "ProcessingOutputConfig",
    "ProcessingResources",
    "RoleArn",
    "StoppingCondition",
)


class ProcessingRun(JobRun):
    """Runs one processing job.

    Args:
        engine: What it acts with.
        document: The stored job, which it changes.
    """

    noun = "ProcessingJob"
    group = "/aws/sagemaker/ProcessingJobs"
    phases: ClassVar[dict[str, int]] = {
        "Starting": 60,
        "Downloading": 15,
        "Processing": 60,
        "Uploading": 5,
    }

    def __init__(self, engine: Engine, document: dict[str, Any]) -> None:
        resources = document["ProcessingResources"]["ClusterConfig"]
        network = document.get("NetworkConfig", {})
        isolated = bool(network.get("EnableNetworkIsolation"))
        super().__init__(engine, document, resources, isolated)

    def run(self, root: Path) -> End:
        """Fetch the inputs, run the command on each host, store the outputs."""
        engine, document = self.engine, self.document
        session = assume(engine.aws, document["RoleArn"])
        s3 = engine.aws.client("s3", session)
        self.enter("Downloading")
        engine.store.change(document, ProcessingStartTime=self.since)
        hosts = [self._host(s3, root, name, session) for name in self.hosts]
        if self.stopped.is_set():
            return "Stopped", None
        self.enter("Processing")
        seconds = document["StoppingCondition"]["MaxRuntimeInSeconds"]
        config = document.get("ProcessingOutputConfig", {})
        outputs = output_client(engine.aws, session, config)
        copies = [
            Sync(outputs, self._folder(host.workspace, output), output["S3Uri"])
            for host in hosts
            for output in self._outputs("Continuous")
        ]
        host, outcome = self.execute(hosts, seconds, lambda line: None, *copies)
        self._say_what_is_modelled(hosts[0])
        end, reason = self.verdict(host, outcome)
        self._read_messages(hosts)
        if end == "Completed":
            self.enter("Uploading")
            for host in hosts:
                for output in self._outputs("EndOfJob"):
                    folder = self._folder(host.workspace, output)
                    upload_tree(outputs, folder, output["S3Uri"])
        return end, reason

    def _say_what_is_modelled(self, host: Host) -> None:
        if self.engine.clock.standing:
            phases = ", ".join(f"{name} {s} s" for name, s in self.phases.items())
            host.log.write(f"Durations are simulated: {phases}")
            host.log.flush()

    def _outputs(self, mode: str | None = None) -> list[dict[str, Any]]:
        outputs = self.document.get("ProcessingOutputConfig", {}).get("Outputs", ())
        found = [
            output["S3Output"]
            for output in outputs
            if "S3Output" in output and not output.get("AppManaged")
        ]
        return [one for one in found if mode in (None, one["S3UploadMode"])]

    def _folder(self, workspace: Workspace, place: dict[str, Any]) -> Path:
        folder = Path(workspace.localise(place["LocalPath"]))
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _host(self, s3: Any, root: Path, name: str, session: Session) -> Host:
        document = self.document
        workspace = self.workspace(root, name)
        log = self.stream(name)
        specification = document["AppSpecification"]
        command = [
            *specification.get("ContainerEntrypoint", ()),
            *specification.get("ContainerArguments", ()),
        ]
        for given in document.get("ProcessingInputs", ()):
            place = given["S3Input"]
            folder = self._folder(workspace, place)
            manifest = place["S3DataType"] == "ManifestFile"
            fetch = download_manifest if manifest else download
            shard = self.shard(name, place.get("S3DataDistributionType"))
            fetch(s3, place["S3Uri"], folder, shard=shard)
            path = f"{place['LocalPath'].rstrip('/')}/"
            if given["InputName"] in _CODE or any(p.startswith(path) for p in command):
                workspace.rewrite(folder)
        for output in self._outputs():
            self._folder(workspace, output)
        self._write_config(workspace, name)
        return Host(name, workspace, self._command(workspace, command, session), log)

    def _command(
        self, workspace: Workspace, argv: list[str], session: Session
    ) -> Command:
        variables = {
            **self.base(workspace, session),
            **_OFFLINE,
            **self.document.get("Environment", {}),
        }
        env = {name: workspace.localise(value) for name, value in variables.items()}
        local = [workspace.localise(part) for part in argv]
        opt, isolated, module = workspace.opt, self.isolated, self._module
        if module:
            local.insert(0, str(opt))
            return Command(env, opt, module=module, argv=local, isolated=isolated)
        return as_command(local, env, opt, isolated)

    @property
    def _module(self) -> str | None:
        """The entry point that the image brings, where the job names none."""
        specification = self.document["AppSpecification"]
        if specification.get("ContainerEntrypoint"):
            return None
        return processor(specification["ImageUri"])

    def _write_config(self, workspace: Workspace, host: str) -> None:
        told = {name: self.document.get(name) for name in _TOLD}
        config = workspace.opt / "config"
        config.mkdir()
        text = workspace.localise(json.dumps(told))
        (config / "processingjobconfig.json").write_text(text)
        where = {"current_host": host, "hosts": list(self.hosts)}
        (config / "resourceconfig.json").write_text(json.dumps(where))

    def _read_messages(self, hosts: list[Host]) -> None:
        """Keep what the containers wrote to `/opt/ml/output/message`: 1 KB of it."""
        said = ""
        for host in hosts:
            path = host.workspace.output / "message"
            if path.is_file() and not path.is_symlink():
                # a character that the limit cuts in two is no error, and is left out
                decoder = codecs.getincrementaldecoder("utf-8")()
                with path.open("rb") as file:
                    try:
                        said += host.workspace.publish(decoder.decode(file.read(1024)))
                    except UnicodeDecodeError as error:
                        raise JobFailed(
                            "ClientError: /opt/ml/output/message is not UTF-8 text."
                        ) from error
        if said:
            self.engine.store.change(self.document, ExitMessage=said[:1024])

    def complaint(self, host: Host, outcome: Outcome) -> str:
        """Return the reason of a command that failed: its log says more."""
        told = (self._module and host.workspace.failure()) or ""
        if told.startswith("ClientError: "):
            return told[:1024]
        code = f", exit code: {outcome.exit_code}"
        return f"AlgorithmError: {told[: 1000 - len(code)]}{code}"

    def finish(self, end: str, reason: str | None) -> None:
        """Store how the job ended, and what it would have cost."""
        document = self.document
        self.enter(end)
        members: dict[str, Any] = {
            "ProcessingJobStatus": "Stopped" if end == "MaxRuntimeExceeded" else end
        }
        if reason:
            members["FailureReason"] = reason[:1024]
        started = document.get("ProcessingStartTime")
        if started:
            members["ProcessingEndTime"] = self.since
            self.bill(
                "processing", max(1, round((self.since - started).total_seconds()))
            )
        self.engine.store.change(document, **members)
