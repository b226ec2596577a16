"""What the daemon does, alone: run `stubborn.py` from a warm parent. For the tests."""

import os
import sys
from pathlib import Path

from localaws.jobs import Command, Job, Limits, WarmParent

FOLDER = Path(sys.argv[1])
parent = WarmParent(preload=("json",))
stubborn = Path(__file__).with_name("stubborn.py")
command = Command(
    {"PATH": os.environ["PATH"]}, FOLDER.parent, stubborn, argv=[str(FOLDER)]
)


def on_line(line: str) -> None:
    """Tell the test who is who, once the job has all its children."""
    print(line, parent.pid, parent.warm, flush=True)


outcome = Job(command, Limits(seconds=60), on_line, parent, FOLDER).run()
print("outcome", outcome.cause, flush=True)
parent.close()
