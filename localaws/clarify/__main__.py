"""Run an analysis: `python -m localaws.clarify OPT`."""

import sys
import traceback
from pathlib import Path

from localaws.clarify.analysis import analyse
from localaws.clarify.errors import ClarifyError
from localaws.clarify.job import read_job


def main(opt: Path, arguments: list[str]) -> int:
    """Run the analysis of the job in a tree, and return the exit code.

    Args:
        opt: The folder that plays `/opt/ml`; the reason of a failure goes into its
            `output/failure`.
        arguments: The container's arguments, of which Clarify has none.
    """
    try:
        analyse(read_job(opt, arguments))
    except ClarifyError as error:
        told = f"ClientError: {error}"
        print(told, flush=True)
    except Exception as error:
        traceback.print_exc()
        told = f"{type(error).__name__}: {error}"
    else:
        return 0
    (opt / "output" / "failure").write_text(told, encoding="utf-8")
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
