"""Script mode: what a job's script is given, and the reason of one that failed."""

from collections.abc import Mapping
from typing import Any

from localaws.errors import NotImplementedHere
from localaws.jobs import (
    Command,
    Outcome,
    Resource,
    Workspace,
    container,
    drivers,
    pytorch,
)
from localaws.jobs.entry_point import command, command_line, failure
from localaws.sagemaker.images import PYTORCH, repository
from localaws.sagemaker.program import Program, plain_script

_LONGEST = 1024
_BLAME = "AlgorithmError: "


def check_launchers(uri: str, hyperparameters: Mapping[str, str]) -> None:
    """Raise `NotImplementedHere` for a launcher that is not here: all but torchrun.

    Args:
        uri: The image.
        hyperparameters: Of the job; some ask for a launcher.
    """
    for name in container.launchers(hyperparameters):
        if name == pytorch.LAUNCHER and repository(uri) == PYTORCH:
            continue
        raise NotImplementedHere(
            f"sagemaker:CreateTrainingJob HyperParameters.{name}=true",
            "starts the script on every host through that launcher",
        )


def script_command(
    program: Program,
    workspace: Workspace,
    hyperparameters: Mapping[str, str],
    env: Mapping[str, str],
    uri: str,
    resource: Resource,
    *,
    isolated: bool,
) -> Command:
    """Return the command of a job's script.

    Args:
        program: What `find_program` found.
        workspace: Of the host.
        hyperparameters: Of the job.
        env: The whole environment.
        uri: The image.
        resource: The host.
        isolated: Whether it is cut off the network.
    """
    folder, script = program.folder, program.script
    assert script is not None
    if program.driven:
        local = {k: workspace.localise(v) for k, v in hyperparameters.items()}
        argv = drivers.arguments(local)
        return Command(
            env, folder, script=folder / script, argv=argv, isolated=isolated
        )
    argv = workspace.arguments(hyperparameters)
    if repository(uri) != PYTORCH:
        return command(folder, script, argv, env, isolated=isolated)
    env = {**env, **pytorch.environment(workspace.root.parent)}
    if pytorch.LAUNCHER in container.launchers(hyperparameters):
        return pytorch.torchrun(
            folder, script, argv, env, hyperparameters, resource, isolated=isolated
        )
    return command(folder, script, argv, env, isolated=isolated)


def reason(document: dict[str, Any], workspace: Workspace, outcome: Outcome) -> str:
    """Return the FailureReason of a job whose program failed.

    Args:
        document: The stored training job.
        workspace: Of the host that failed.
        outcome: How its program ended.

    Returns:
        What stands in `output/failure`, with the exit code of the container. Where the
        program left none, the toolkit writes its own, and then exits with 1.
    """
    code = outcome.exit_code
    hyperparameters = document.get("HyperParameters", {})
    said, line = workspace.failure(), None
    if document["AlgorithmSpecification"].get("ContainerEntrypoint"):
        script = plain_script(workspace)
        if script:
            line = ["python", script, *drivers.arguments(hyperparameters)]
    elif "sagemaker_program" in hyperparameters:
        script = str(container.decoded(hyperparameters["sagemaker_program"]))
        argv = workspace.arguments(hyperparameters)
        line = command_line(workspace.code, script, argv)
    if said is None and line:
        said = failure("ExecuteUserScriptError", code, outcome.tail, line)
    if "sagemaker_program" in hyperparameters:
        code = 1
    said = workspace.publish(said or "")
    prefix = "" if said.startswith(("ClientError", "AlgorithmError")) else _BLAME
    suffix = f", exit code: {code}"
    return f"{prefix}{said[: _LONGEST - len(prefix) - len(suffix)]}{suffix}"
