"""Own a keeper behind walls, run jobs by it, and print what became of them."""

import json
import os
import sys
from pathlib import Path

from localaws.jobs import AdoptedParent, Command, Job, JobError, Limits, isolation
from localaws.jobs.walls import Bounds, fork_keeper, scratch

LOOK = """
import os, pathlib
found = {"pids": sorted(int(n) for n in os.listdir("/proc") if n.isdecimal())}
found["private"] = sorted(os.listdir(PRIVATE))
found["shown"] = pathlib.Path(PRIVATE, "work", "given").read_text()
for place in (PRIVATE, PRIVATE + "/work", "/tmp"):
    try:
        found[place[-4:]] = pathlib.Path(place, "new").write_text("made")
    except OSError as error:
        found[place[-4:]] = error.strerror
effective = pathlib.Path("/proc/self/status").read_text().partition("CapBnd:")[2]
found["privileges"] = int(effective.split()[0], 16)
print(found)
"""
LARGE = "import time; kept = bytearray(200 << 20); time.sleep(30)"
ALLOCATES = "bytearray(3 << 30)"


def main(folder: Path) -> None:
    isolation.unshare(isolation.NEW_USER | isolation.NEW_MOUNTS)
    isolation.keep_mounts_private()
    private = folder / "home"
    private.mkdir()
    scratch(str(private), 2**24)
    work = private / "work"
    work.mkdir()
    (work / "given").write_text("hello")
    (private / "secret").write_text("hush")
    keeper = fork_keeper(private, [work], Bounds())
    parent = AdoptedParent(keeper, dict(os.environ))
    lent = parent.also(["json"])
    lent.close()

    def job(source: str, **more: int) -> dict:
        script = work / "script.py"
        script.write_text(f"PRIVATE = {str(private)!r}\n{source}")
        lines: list[str] = []
        command = Command(dict(os.environ), work, script, stdin=work / "given")
        limits = Limits(seconds=60, **more)
        outcome = Job(command, limits, lines.append, parent).run()
        return {"cause": outcome.cause, "code": outcome.exit_code, "lines": lines}

    told = {"warm": parent.warm, "looks": job(LOOK), "given": job("print(input())")}
    told["large"] = job(LARGE, memory_bytes=100 << 20)
    told["allocates"] = job(ALLOCATES)
    told["killed"] = job("import os, time; os.kill(1, 15); time.sleep(30)")
    for one in (parent, lent):
        try:
            one.spawn(Command({}, work, argv=["true"]), Limits(), 1)
        except JobError as error:
            told.setdefault("then", []).append(str(error))
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
