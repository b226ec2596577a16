"""Arguments of a job, as `awsglue.utils` reads them."""

import argparse
from typing import NoReturn

_RESERVED = ("job-bookmark-option", "job-bookmark-from", "job-bookmark-to")
_RUN = ("JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION")


class GlueArgumentError(Exception):
    """A job's arguments are not what its script asks for."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise GlueArgumentError(message)


def getResolvedOptions(args: list[str], options: list[str]) -> dict[str, str]:
    """Return the values of a job's arguments.

    Args:
        args: `sys.argv`.
        options: Names, without the two hyphens; each is required.

    Raises:
        GlueArgumentError: One is missing.
    """
    for name in options:
        if name.replace("_", "-") in _RESERVED:
            raise RuntimeError(f"Using reserved arguments {name}")
    parser = _Parser(allow_abbrev=False, add_help=False)
    for name in _RESERVED:
        parser.add_argument(f"--{name}")
    for name in _RUN:
        if name not in options:
            parser.add_argument(f"--{name}")
    for name in options:
        parser.add_argument(f"--{name}", required=True)
    found, _ = parser.parse_known_args(args[1:])
    return {name: value for name, value in vars(found).items() if value is not None}
