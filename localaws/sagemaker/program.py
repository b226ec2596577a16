"""What a training job runs: a script, an entrypoint, or a built-in algorithm."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localaws.jobs import ArchiveError, Command, Workspace, unpack
from localaws.sagemaker.transfer import fetch_one


class JobFailed(Exception):
    """The job cannot go on; the text is its FailureReason."""


@dataclass(frozen=True)
class Program:
    """What to run; with neither script nor entrypoint, the built-in algorithm.

    Attributes:
        folder: Where the script is, and the working directory.
        script: File name of a Python script below `folder`.
        entrypoint: A whole command line.
    """

    folder: Path
    script: str | None = None
    entrypoint: list[str] | None = None


def find_program(
    s3: Any, document: dict[str, Any], workspace: Workspace, *, scripted: bool
) -> Program:
    """Find what a job's entrypoint, drivers or hyperparameters ask for.

    Args:
        s3: Client with the execution role's credentials.
        document: The stored training job.
        workspace: Its tree, with the channels in place.
        scripted: Whether the image has no algorithm of its own to run.

    Raises:
        JobFailed: The script is not there, or its archive is damaged.
        TransferError: The archive cannot be fetched.
    """
    algorithm = document["AlgorithmSpecification"]
    entrypoint = [
        *algorithm.get("ContainerEntrypoint", ()),
        *algorithm.get("ContainerArguments", ()),
    ]
    if entrypoint:
        script = _plain_script(workspace.channel("sm_drivers"))
        if script:
            return _checked(Program(workspace.channel("code"), script))
        command = [workspace.localise(part) for part in entrypoint]
        return Program(workspace.opt, entrypoint=command)
    hyperparameters = document.get("HyperParameters", {})
    if "sagemaker_program" not in hyperparameters:
        if scripted:
            raise JobFailed(
                "AlgorithmError: the image runs your script, and no hyperparameter "
                "sagemaker_program names one."
            )
        return Program(workspace.opt)
    source = _decoded(hyperparameters.get("sagemaker_submit_directory", ""))
    if not source.startswith("s3://"):
        raise JobFailed(
            "AlgorithmError: sagemaker_submit_directory names no archive in S3; "
            f"found {source!r}."
        )
    archive = workspace.root / "sourcedir.tar.gz"
    fetch_one(s3, source, archive)
    try:
        unpack(archive, workspace.code)
    except ArchiveError as error:
        raise JobFailed(f"AlgorithmError: {source}: {error}") from error
    workspace.rewrite(workspace.code)
    script = _decoded(hyperparameters["sagemaker_program"])
    return _checked(Program(workspace.code, script))


def _checked(program: Program) -> Program:
    assert program.script is not None
    script = (program.folder / program.script).resolve()
    if not script.is_file() or not script.is_relative_to(program.folder.resolve()):
        found = sorted(path.name for path in program.folder.iterdir())
        raise JobFailed(
            f"AlgorithmError: the entry point {program.script!r} is not in the source "
            f"directory, which holds {', '.join(found) or 'nothing'}."
        )
    return program


def _decoded(value: str) -> str:
    """Read a hyperparameter that the SDK may have JSON-encoded."""
    try:
        decoded = json.loads(value)
    except ValueError:
        return value
    return decoded if isinstance(decoded, str) else value


def _plain_script(drivers: Path) -> str | None:
    """Return the script of a ModelTrainer job that needs nothing but Python.

    With requirements, a command or a distribution the SDK's own driver runs instead.
    """
    driver = drivers / "sm_train.sh"
    if not driver.is_file():
        return None
    text = driver.read_text()
    if "basic_script_driver.py" not in text or "install_requirements" in text:
        return None
    source = json.loads((drivers / "sourcecode.json").read_text())
    script = source.get("entry_script") or ""
    return script if script.endswith(".py") else None


def as_command(
    argv: list[str], env: dict[str, str], folder: Path, isolated: bool
) -> Command:
    """Return the command of an entrypoint; `python` is this environment's interpreter.

    Args:
        argv: The entrypoint and its arguments, paths localised.
        env: The whole environment.
        folder: The working directory.
        isolated: Whether it is cut off the network.
    """
    if argv[0].rpartition("/")[2] not in ("python", "python3"):
        return Command(env, folder, argv=argv, isolated=isolated)
    if len(argv) > 1 and argv[1].endswith(".py") and Path(argv[1]).is_file():
        script, arguments = Path(argv[1]), argv[2:]
        return Command(env, folder, script=script, argv=arguments, isolated=isolated)
    return Command(env, folder, argv=[sys.executable, *argv[1:]], isolated=isolated)


def last_traceback(text: str) -> str:
    """Return the text from its last traceback on, or all of it."""
    start = text.rfind("Traceback (most recent call last):")
    return text[max(start, 0) :]
