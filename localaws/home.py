"""The endpoint's folder: who may read it, who holds its lock, what stands in it.

    home/
        daemon.lock  daemon.json  daemon.log
        journal      what the endpoint has done, see `localaws.journal`
        keystore     the material of the keys of KMS
        run/         all that the endpoint writes; emptied at each start
        client/      settings for the processes that use the endpoint

The lock is held for as long as an endpoint lives, so a `daemon.json` without a held
lock is what a crash leaves behind.
"""

import dataclasses
import fcntl
import http.client
import json
import os
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localaws import __version__
from localaws.journal_file import JOURNAL, OtherVersion, identity
from localaws.ports import holder, holds

ACCOUNT = "123456789012"
REGION = "us-east-1"
PROGRESS = "restoring"
KEYSTORE = "keystore"
_ROOM = 64 * 1024
ENDED = "The endpoint had ended without a stop"

_PRIVATE = ("AWS_", "BOTO", "SAGEMAKER_", "JPY_", "MPLBACKEND")


class DaemonError(RuntimeError):
    """The endpoint cannot be started, found or asked."""


class Unreachable(DaemonError):
    """Nobody answers at the endpoint's address."""


@dataclass(frozen=True)
class Connection:
    """Where a running endpoint listens, and the keys of its run.

    Attributes:
        url: Endpoint for AWS clients, on 127.0.0.1.
        port: Its TCP port.
        pid: The daemon's process id; 0 if this process cannot see it.
        access_key: Access key id of the learner.
        secret_key: Its secret.
        token: Opens the control API.
        home: The folder that the daemon owns.
        account: The account that the endpoint plays.
        region: The region that it plays.
        started: When, in ISO 8601 and the machine's own time.
        version: Of localaws.
        note: What a learner should know of this start, or nothing.
    """

    url: str
    port: int
    pid: int
    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)
    home: str
    account: str = ACCOUNT
    region: str = REGION
    started: str = ""
    version: str = __version__
    note: str = ""

    def control(
        self,
        method: str,
        name: str,
        body: dict[str, Any] | None = None,
        timeout: float = 60,
    ) -> dict[str, Any]:
        """Ask the endpoint's control API.

        Args:
            method: GET or POST.
            name: status, reset, clock, bill or stop.
            body: JSON to send.
            timeout: Seconds to wait for the answer.

        Returns:
            The JSON answer.

        Raises:
            Unreachable: If there is no answer.
            DaemonError: If it is not the answer 200.
        """
        # the token is told to nobody else, and nobody else is believed
        if self.pid and not holds(self.pid, self.port):
            raise Unreachable(
                f"control {name}: port {self.port} is not held by the endpoint's "
                f"process {self.pid} but {holder(self.port)}"
            )
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        headers = {"X-Localaws-Token": self.token}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            payload = None if body is None else json.dumps(body)
            wire.request(method, f"/_localaws/{name}", payload, headers)
            answer = wire.getresponse()
            text = answer.read().decode(errors="replace")
            if answer.status != 200:
                raise DaemonError(f"control {name}: HTTP {answer.status}: {text[:500]}")
            return json.loads(text or "{}")
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"control {name}: {error!r}") from error
        finally:
            wire.close()


class Home:
    """A folder for one endpoint, made if it is missing.

    Args:
        path: Where.

    Raises:
        DaemonError: If others own it or can read it.
    """

    def __init__(self, path: Path) -> None:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = path.resolve()
        self.log = self.path / "daemon.log"
        self.run = self.path / "run"
        self.journal = self.path / JOURNAL
        _check_private(self.path, self.path.stat())

    def lock(self) -> int | None:
        """Return the descriptor that holds the lock, or None if another holds it."""
        return self._flock(fcntl.LOCK_EX)

    def held(self) -> bool:
        """Return whether an endpoint holds the lock."""
        probe = self._flock(fcntl.LOCK_SH)
        if probe is not None:
            os.close(probe)
        return probe is None

    def read(self) -> Connection | None:
        """Return what the last endpoint published whole, or None.

        Raises:
            DaemonError: If others own the file or can read it.
        """
        path = self.path / "daemon.json"
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DaemonError(f"{path} is not a file to trust: {error}") from error
        with os.fdopen(descriptor) as file:
            _check_private(path, os.fstat(file.fileno()))
            try:
                return Connection(**json.load(file))
            except (ValueError, TypeError):
                return None

    def published(self) -> bool:
        """Return whether the endpoint can still be found: its home may be deleted."""
        return (self.path / "daemon.json").exists()

    def publish(self, connection: Connection) -> None:
        """Write `daemon.json` whole or not at all, for its owner alone."""
        new = self.path / "daemon.json.new"
        new.touch(mode=0o600)
        new.write_text(json.dumps(dataclasses.asdict(connection), indent=1))
        new.replace(self.path / "daemon.json")

    def clear(self) -> None:
        """Remove what an earlier run left but its journal; the caller holds the lock.

        Raises:
            DaemonError: The journal is of another version of localaws.
        """
        try:
            identity(self.path)
        except OtherVersion as error:
            raise DaemonError(
                f"{self.journal} cannot be restored: {error}. Use the version that "
                "wrote it, or move the file away to start empty."
            ) from error
        for name in ("daemon.json", "daemon.json.new", PROGRESS):
            (self.path / name).unlink(missing_ok=True)
        for name in ("run", "client"):
            if (self.path / name).exists():
                shutil.rmtree(self.path / name)

    def progress(self) -> str:
        """Return how far a new endpoint has restored the state of the last one."""
        try:
            return (self.path / PROGRESS).read_text()
        except FileNotFoundError:
            return ""

    def forget(self) -> None:
        """Remove the journal of an endpoint that was stopped, unless a new one runs."""
        lock = self.lock()
        if lock is not None:
            self.journal.unlink(missing_ok=True)
            (self.path / KEYSTORE).unlink(missing_ok=True)
            os.close(lock)

    def environment(self) -> dict[str, str]:
        """Return this process's environment without what an endpoint must not see.

        That is every AWS setting, real keys first of all, and the notebook's own.
        """
        kept = {k: v for k, v in os.environ.items() if not k.startswith(_PRIVATE)}
        direct = ",".join(filter(None, (kept.get("NO_PROXY"), "127.0.0.1,localhost")))
        return kept | {
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "LOCALAWS_HOME": str(self.path),
            "NO_PROXY": direct,
            "no_proxy": direct,
        }

    def failure(self, what: str) -> DaemonError:
        """Return an error that ends with the last lines of the endpoint's log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        lines = [f"the local AWS endpoint {what}; {self.log} ends:"]
        if shutil.disk_usage(self.path).free < _ROOM:
            # such a log is empty
            lines[:0] = [f"no space left for {self.path}: free some and start again;"]
        return DaemonError("\n".join([*lines, *text.splitlines()[-15:]]))

    def _flock(self, kind: int) -> int | None:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        descriptor = os.open(self.path / "daemon.lock", flags, 0o600)
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor


def _check_private(path: Path, info: os.stat_result) -> None:
    mode = stat.S_IMODE(info.st_mode)
    if info.st_uid == os.getuid() and not mode & 0o077:
        return
    raise DaemonError(
        f"{path}: the endpoint asks for a file that only uid {os.getuid()} can read, "
        f"found uid {info.st_uid} and mode {mode:o}. "
        f"Do `chmod go-rwx {path}`, or set LOCALAWS_HOME to a folder of your own."
    )
