"""Do a job: `python -m localaws.pii FOLDER`."""

import importlib
import json
import sys
import traceback
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from localaws.pii.errors import ERROR, RESULT, PiiError

_JOBS = {
    "documents": "localaws.pii.documents",
    "discovery": "localaws.pii.discovery.run",
}


def main(folder: Path) -> int:
    """Do the job that a folder describes, and return the exit code.

    Args:
        folder: Has `job.json`; the reason of a failure goes into `error.txt`, what the
            service has to know of the job into `result.json`.
    """
    try:
        plan = json.loads((folder / "job.json").read_text(encoding="utf-8"))
        done = importlib.import_module(_JOBS[plan["kind"]]).run(plan)
    except (PiiError, ClientError, BotoCoreError) as error:
        print(f"ERROR {error}", flush=True)
        (folder / ERROR).write_text(str(error), encoding="utf-8")
        return 1
    except Exception as error:
        traceback.print_exc()
        told = f"{type(error).__name__}: {error}"
        (folder / ERROR).write_text(told, encoding="utf-8")
        return 1
    (folder / RESULT).write_text(json.dumps(done), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
