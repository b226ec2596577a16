"""Execution environments: processes that hold a version of a function.

One answers one event at a time and is used again while it is warm, so that what its
module holds stays. More events at once need more environments.
"""

import contextlib
import datetime as dt
import hashlib
import os
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from localaws import trust
from localaws.errors import AwsError
from localaws.jobs import FunctionProcess, Reply
from localaws.services.context import Context
from localaws.services.lambda_ import archives
from localaws.services.lambda_.configuration import PRINCIPAL
from localaws.services.lambda_.errors import throttled
from localaws.services.lambda_.logbook import Logbook
from localaws.services.lambda_.state import state_of

Members = dict[str, Any]
# an account has 1000; the endpoint's threads must suffice for what they call
_AT_ONCE = 16
_IDLE = dt.timedelta(minutes=15)
_INIT_SECONDS = 60.0
_CLOSE_SECONDS = 10.0


class Environment:
    """One process with its log stream and its private folder.

    Args:
        context: What it acts with.
        home: Where code is unpacked.
        held: The configuration of the version.
        number: Which of the environments of this version it is.
    """

    def __init__(
        self, context: Context, home: Path, held: Members, number: int
    ) -> None:
        state = state_of(context)
        self.name: str = held["FunctionName"]
        self.version: str = held["Version"]
        self.revision: str = held["RevisionId"]
        self.used = context.clock.now()
        self.ended: dt.datetime | None = None
        layers = [state.code(one) for one in held.get("_layers", ())]
        task = archives.unpacked(home, [state.code(held["CodeSha256"])])
        opt = archives.unpacked(home, layers) if layers else home / "none"
        digest = hashlib.sha256(f"{self.name} {self.version} {number}".encode())
        number_text = digest.hexdigest()[:32]
        self.folder = home / f"tmp-{number_text}"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self._shown = {str(task): "/var/task", str(opt): "/opt"}
        self._shown[str(self.folder)] = "/tmp"
        stream = f"{self.used:%Y/%m/%d}/[{self.version}]{number_text}"
        self.log = Logbook(context, held["LoggingConfig"]["LogGroup"], stream)
        variables = self._variables(context, held, task, opt)
        self._process = FunctionProcess(
            held["Handler"],
            [task, opt / "python"],
            variables,
            memory_bytes=held["MemorySize"] * 2**20,
            disk_bytes=held["EphemeralStorage"]["Size"] * 2**20,
            parent=context.warm,
        )
        self.alive = True

    def _variables(
        self, context: Context, held: Members, task: Path, opt: Path
    ) -> dict[str, str]:
        try:
            session = trust.assume(context.aws, held["Role"], self.name)
            allowed = trust.trusts(context.aws, held["Role"], PRINCIPAL)
        except Exception as error:
            raise _no_role() from error
        if not allowed:
            raise _no_role()
        nothing = str(self.folder / "none")
        binaries = (str(Path(sys.executable).parent), str(opt / "bin"))
        variables = {
            "PATH": os.pathsep.join((*binaries, os.environ.get("PATH", os.defpath))),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "LAMBDA_TASK_ROOT": str(task),
            "LAMBDA_RUNTIME_DIR": str(Path(sys.executable).parent),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{held['Runtime']}",
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": self.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(held["MemorySize"]),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": self.log.group,
            "AWS_LAMBDA_LOG_STREAM_NAME": self.log.stream,
            "AWS_REGION": context.aws.region,
            "AWS_DEFAULT_REGION": context.aws.region,
            "AWS_ENDPOINT_URL": context.aws.url,
            "AWS_CONFIG_FILE": nothing,
            "AWS_SHARED_CREDENTIALS_FILE": nothing,
            "AWS_EC2_METADATA_DISABLED": "true",
            **session.environment(),
            **held.get("Environment", {}).get("Variables", {}),
        }
        if context.clock.standing:
            variables["LOCALAWS_NOW"] = str(context.clock.now().timestamp())
        return variables

    def start(self) -> Reply:
        """Import the function's module."""
        return self._ended(self._process.start(_INIT_SECONDS, self._say))

    def ask(self, header: Members, event: bytes, seconds: float) -> Reply:
        """Hand over one event, as `FunctionProcess.ask` does."""
        return self._ended(self._process.ask(header, event, seconds, self._say))

    def _ended(self, reply: Reply) -> Reply:
        if reply.kind not in ("ready", "result", "error"):
            self.alive = False
        return reply

    def _say(self, line: str) -> None:
        self.log.add(self.shown(line))

    def shown(self, text: str) -> str:
        """Spell the environment's folders as they are called on AWS."""
        for path, name in self._shown.items():
            text = text.replace(path, name)
        return text

    def kill(self) -> None:
        """Ask for the end of the process; who waits for it closes it."""
        self._process.kill()

    def close(self) -> None:
        """End the process and remove its private folder."""
        self.alive = False
        self._process.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _no_role() -> AwsError:
    return AwsError(
        "AccessDeniedException",
        "The role defined for the function cannot be assumed by Lambda.",
        403,
    )


class Closing(AwsError):
    """The endpoint stops: nothing begins any more."""

    def __init__(self) -> None:
        super().__init__("ServiceException", "The local endpoint is stopping.", 503)


class Environments:
    """Every environment, and how many are at work.

    Args:
        context: What they act with.

    Attributes:
        closed: Whether the endpoint stops.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._home = context.home / "lambda"
        self._lock = threading.Condition()
        self._idle: list[Environment] = []
        self._busy: list[Environment] = []
        self._running: Counter[str] = Counter()
        self._made: Counter[tuple[str, str]] = Counter()
        self.closed = False

    @contextlib.contextmanager
    def place(self, function: Members) -> Iterator[int]:
        """Take one of the places of a function; yield how many it has now.

        Raises:
            AwsError: TooManyRequestsException, there is none left.
        """
        name, reserved = function["name"], function["concurrency"]
        with self._lock:
            if self.closed:
                raise Closing
            if reserved is not None and self._running[name] >= reserved:
                raise throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
            if self._running.total() >= _AT_ONCE:
                raise throttled("ConcurrentInvocationLimitExceeded")
            self._running[name] += 1
            count = self._running[name]
        try:
            yield count
        finally:
            with self._lock:
                self._running[name] -= 1

    def take(self, held: Members) -> tuple[Environment, bool]:
        """Return an environment of a version, and whether it is new.

        Raises:
            AwsError: Its role cannot be assumed.
        """
        with self._lock:
            for one in reversed(self._idle):
                if (one.name, one.version, one.revision) == _key(held):
                    self._idle.remove(one)
                    self._busy.append(one)
                    return one, False
            version = held["FunctionName"], held["Version"]
            self._made[version] += 1
            number = self._made[version]
        new = Environment(self._context, self._home, held, number)
        with self._lock:
            self._busy.append(new)
        return new, True

    def give(self, one: Environment) -> None:
        """Take an environment back; what cannot be used again is ended."""
        one.used = self._context.clock.now()
        with self._lock:
            again = one.alive and not self.closed
            if again:
                self._idle.append(one)
        if not again:
            one.close()
        with self._lock:
            self._busy.remove(one)
            self._lock.notify_all()

    def retire(self, name: str, version: str | None) -> None:
        """End the idle environments of a function, or of one of its versions."""
        self._end(lambda one: one.name == name and version in (None, one.version))

    def sweep(self) -> None:
        """End what has been idle for a quarter of an hour."""
        last = self._context.clock.now() - _IDLE
        with self._lock:
            busy = list(self._busy)
        self._end(lambda one: one not in busy and one.used <= last)

    def _end(self, chosen: Callable[[Environment], bool]) -> None:
        with self._lock:
            for one in self._busy:
                one.alive = one.alive and not chosen(one)
            gone = [one for one in self._idle if chosen(one)]
            self._idle = [one for one in self._idle if one not in gone]
        for one in gone:
            one.close()

    def kill(self) -> None:
        """End what runs, and let nothing begin any more."""
        with self._lock:
            self.closed = True
            for one in self._busy:
                one.kill()

    def close(self) -> None:
        """End every environment."""
        self.kill()
        with self._lock:
            self._lock.wait_for(lambda: not self._busy, _CLOSE_SECONDS)
        self._end(lambda one: True)
        shutil.rmtree(self._home, ignore_errors=True)


def _key(held: Members) -> tuple[str, str, str]:
    return held["FunctionName"], held["Version"], held["RevisionId"]


def of(context: Context) -> Environments:
    """Return the endpoint's execution environments."""
    return context.part(Environments)
