"""The entry point of a framework container: what is installed, what runs, how it fails.

As the SageMaker training toolkit 5.x has it; `tests/oracles` runs it beside. Run as a
module, it installs the requirements of the source directory and becomes the program.
There is no network here, so pip may only find that they are met by what is installed,
or take them from the source directory itself.
"""

import builtins
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from localaws.jobs.contract import Command

_ROOT = str(Path(__file__).resolve().parents[2])
_REQUIREMENTS = "requirements.txt"
_PACKAGES = "packages"
# a line that has one of these begins what the toolkit takes for the error
_SIGNS = (
    *(name for name in vars(builtins) if name.endswith(("Error", "Exception"))),
    *("Invalid requirement", "mpirun.real", "ORTE", "ExecuteUserScriptError"),
    *("ResourceExhaustedError", "OutOfRangeError", "InvalidArgumentError"),
)


def command_line(folder: Path, name: str, argv: Sequence[str]) -> list[str]:
    """How the toolkit runs an entry point.

    Args:
        folder: the source directory.
        name: the entry point, relative to it.
        argv: arguments of the script.

    Returns:
        A shell's command line for a `.sh` or another file that is not Python; that of
        a module where the source is a package (has a setup.py); else that of a script.
    """
    if name.endswith(".sh"):
        return _shell(name, argv)
    if (folder / "setup.py").exists():
        return ["python", "-m", name.removesuffix(".py"), *argv]
    if name.endswith(".py"):
        return ["python", "--", name, *argv]
    return _shell(name, argv)


def _shell(name: str, argv: Sequence[str]) -> list[str]:
    words = " ".join(shlex.quote(word) for word in argv)
    return ["/bin/sh", "-c", f"./{shlex.quote(name)} {words}"]


def command(
    folder: Path,
    name: str,
    argv: Sequence[str],
    env: Mapping[str, str],
    *,
    isolated: bool = False,
) -> Command:
    """The command of an entry point; see `command_line`.

    Args:
        folder: the source directory, and the working directory.
        name: the entry point, relative to it.
        argv: arguments of the script.
        env: the whole environment.
        isolated: cut off every network.
    """
    words = command_line(folder, name, argv)
    path = [str(folder)]
    installs = words[1] == "-m" or (folder / _REQUIREMENTS).exists()
    if installs:
        path += [str(_packages(folder)), _ROOT]
    env = {**env, "PYTHONPATH": os.pathsep.join((*path, env.get("PYTHONPATH", "")))}
    if words[0] != "python":
        (folder / name).chmod(0o777)
        return Command(env, folder, argv=words, isolated=isolated)
    if installs:
        return Command(
            env,
            folder,
            module="localaws.jobs.entry_point",
            argv=words[1:],
            isolated=isolated,
        )
    return Command(env, folder, script=folder / name, argv=argv, isolated=isolated)


def _packages(folder: Path) -> Path:
    return folder.parent / _PACKAGES


def failure(kind: str, code: int | None, lines: Iterable[str], line: list[str]) -> str:
    """The text of `/opt/ml/output/failure`.

    Args:
        kind: such as "ExecuteUserScriptError".
        code: exit code of the command, or the negative number of a signal.
        lines: what it printed.
        line: the command.
    """
    extra = ""
    if code == 137:
        extra = 'ExtraInfo "OutOfMemory: Process killed by SIGKILL (signal 9)"\n'
    return (
        f'{kind}:\nExitCode {code}\nErrorMessage "{_error_message(lines)}"\n'
        f'{extra}Command "{" ".join(line)}"'
    )


def _error_message(lines: Iterable[str]) -> str:
    found: dict[str, None] = {}
    for line in lines:
        if found or any(sign in line for sign in _SIGNS):
            found[line.strip(" :\n")] = None
    return "\n ".join(found)


def main(argv: list[str]) -> None:
    """Install what the source directory asks for, and become the program.

    Args:
        argv: arguments of the interpreter: `-m module ...` or `-- script ...`.
    """
    folder = Path.cwd()
    if argv[0] == "-m":
        _install("InstallModuleError", folder, ".", "--no-build-isolation")
    if (folder / _REQUIREMENTS).exists():
        _install("InstallRequirementsError", folder, "-r", _REQUIREMENTS)
    os.execv(sys.executable, [sys.executable, *argv])


def _install(kind: str, folder: Path, *what: str) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    options = ["--no-index", "--root-user-action=ignore"]
    report = folder.parent / "report.json"
    look = [*pip, *options, "--dry-run", "--report", str(report), *what]
    code, lines = _run(look)
    if code == 0:
        plan = json.loads(report.read_text())["install"]
        found = [one["download_info"]["url"] for one in plan]
        if found:
            own = ["--no-deps", "--no-build-isolation", "--target"]
            target = str(_packages(folder))
            code, lines = _run([*pip, *options, *own, target, *found])
    if code:
        said = ["python", "-m", "pip", "install", *what]
        opt = folder.parent
        (opt / "output" / "failure").write_text(failure(kind, code, lines, said))
        sys.exit(1)


def _run(words: list[str]) -> tuple[int, list[str]]:
    done = subprocess.run(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    print(done.stdout, end="", flush=True)
    return done.returncode, done.stdout.splitlines()


if __name__ == "__main__":
    main(sys.argv[1:])
