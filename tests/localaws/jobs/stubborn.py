"""A job that does all it can to outlive its end; run by the tests, not collected.

It writes the process ids of its children, each to a file, into the folder it is given.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(sys.argv[1])
CHILDREN = 4


def stay(name: str) -> None:
    """Tell the process id, and sleep."""
    (FOLDER / name).write_text(str(os.getpid()))
    while True:
        time.sleep(60)


for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    stay("child")
if os.fork() == 0:
    os.setsid()
    stay("session")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 64)
        stay("daemon")
    os._exit(0)
LOOP = "trap '' TERM HUP; while :; do sleep 60; done"
shell = subprocess.Popen(["sh", "-c", LOOP], start_new_session=True)
(FOLDER / "shell").write_text(str(shell.pid))
while len(list(FOLDER.iterdir())) < CHILDREN:
    time.sleep(0.01)
print("ready", flush=True)
if len(sys.argv) > 2:
    sys.exit(int(sys.argv[2]))
stay("main")
