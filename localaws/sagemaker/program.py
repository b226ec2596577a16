"""What a training job runs: a script, an entrypoint, or a built-in algorithm."""

import json
import shutil
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
        script: File name of the user's entry point below `folder`.
        entrypoint: A whole command line.
        driven: Whether the SDK's drivers would start the script, not the toolkit.
    """

    folder: Path
    script: str | None = None
    entrypoint: list[str] | None = None
    driven: bool = False


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
        script = plain_script(workspace)
        if script:
            code = workspace.channel("code")
            return _checked(Program(code, script, driven=True))
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
    archive = workspace.root / "sourcedir.tar.gz"
    if source.startswith("s3://"):
        fetch_one(s3, source, archive)
    elif source.startswith("/opt/ml/input/data/"):
        archive = Path(workspace.localise(source))
    else:
        raise JobFailed(
            "AlgorithmError: sagemaker_submit_directory names no archive in S3, and "
            f"none of a channel; found {source!r}."
        )
    try:
        if archive.is_dir():
            shutil.copytree(archive, workspace.code, dirs_exist_ok=True)
        else:
            unpack(archive, workspace.code)
    except (ArchiveError, OSError) as error:
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


def plain_script(workspace: Workspace) -> str | None:
    """Return the script of a ModelTrainer job that needs nothing but Python.

    With requirements, a command or a distribution the SDK's own driver runs instead.
    """
    drivers = workspace.channel("sm_drivers")
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
