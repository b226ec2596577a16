"""Run a flow: `python -m localaws.wrangler OPT ARGUMENT...`."""

import sys
import traceback
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from localaws.wrangler.errors import FlowError
from localaws.wrangler.job import read_job
from localaws.wrangler.run import run


def main(opt: Path, arguments: list[str]) -> int:
    """Run the flow of the job in a tree, and return the exit code.

    Args:
        opt: The folder that plays `/opt/ml`; the reason of a failure goes into its
            `output/failure`.
        arguments: The container's arguments.
    """
    try:
        run(read_job(opt, arguments))
    except (FlowError, ClientError, BotoCoreError) as error:
        print(error)
        (opt / "output" / "failure").write_text(str(error), encoding="utf-8")
        return 1
    except Exception as error:
        traceback.print_exc()
        told = f"{type(error).__name__}: {error}"
        (opt / "output" / "failure").write_text(told, encoding="utf-8")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
