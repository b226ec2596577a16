"""One PostgreSQL server: its data, its process, and what is asked of it from inside."""

import logging
import os
import shutil
import signal
import tempfile
import threading
import time
from pathlib import Path

from localaws.jobs import Command, Job, JobError, Limits, Parent
from localaws.services.rds.programs import (
    PostgresError,
    command,
    free_port,
    identifier,
    literal,
    run,
)

ADMIN = "rdsadmin"
VERSION = "18.6"
_PATIENCE = 120
_STOPPING = 10.0
# poll(2) counts milliseconds in 32 bits
_LONG = 20 * 86_400
# durability against a power cut is not promised, and takes seconds
_SETTINGS = {
    "fsync": "off",
    "max_connections": "50",
    "shared_buffers": "16MB",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
log = logging.getLogger(__name__)


class Postgres:
    """A data folder and the server that serves it.

    Args:
        folder: Holds `data` and `postgresql.log`.
        password: Of the internal superuser.
        warm: Holds the server's process, so that it dies with the endpoint.
    """

    def __init__(self, folder: Path, password: str, warm: Parent) -> None:
        self.folder = folder
        self.password = password
        self.port = 0
        self._warm = warm
        self._job: Job | None = None
        self._ended = threading.Event()
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def data(self) -> Path:
        """Where the data is."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server has said."""
        return self.folder / "postgresql.log"

    @property
    def running(self) -> bool:
        """Whether the server's process is there."""
        return self._job is not None and not self._ended.is_set()

    def create(self, user: str, password: str, database: str) -> None:
        """Make the data, with a master user who is what RDS makes it.

        Args:
            user: MasterUsername.
            password: MasterUserPassword.
            database: DBName, or `postgres`.

        Raises:
            PostgresError: It cannot be made.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, mode=0o700)
        secret = self.folder / "secret"
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        options = ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"]
        self._run(
            "initdb",
            *("-D", str(self.data), "-U", ADMIN, f"--pwfile={secret}", *options),
        )
        secret.unlink()
        master = identifier(user)
        lines = [
            "CREATE ROLE rds_superuser NOLOGIN IN ROLE pg_monitor, pg_signal_backend",
            f"CREATE ROLE {master} LOGIN CREATEDB CREATEROLE "
            f"PASSWORD {literal(password)} IN ROLE rds_superuser",
            f"ALTER DATABASE postgres OWNER TO {master}",
        ]
        if database != "postgres":
            lines.append(f"CREATE DATABASE {identifier(database)} OWNER {master}")
        self._run(
            "postgres",
            *("--single", "-c", "fsync=off", "-D", str(self.data), "postgres"),
            told="\n".join(lines) + "\n",
        )

    def start(self, port: int = 0) -> None:
        """Start the server and wait until it accepts connections.

        Args:
            port: Where it should listen; another one if it is taken.

        Raises:
            PostgresError: It does not start.
        """
        for wanted in (port, 0, 0):
            self.port = free_port(wanted)
            self._launch()
            if self._ready.wait(0) or self._wait():
                return
            self._join()
        raise PostgresError(f"PostgreSQL does not start; {self.log} says why")

    def _launch(self) -> None:
        given = {**_SETTINGS, "port": str(self.port)}
        settings = [f"--{name}={value}" for name, value in given.items()]
        run_it = Command(
            env={"LANG": "C.UTF-8", "PATH": os.defpath},
            cwd=self.folder,
            argv=command("postgres", "-D", str(self.data), *settings),
            # to PostgreSQL, SIGTERM says to wait until every client has gone
            stop_signal=signal.SIGINT,
        )
        limits = Limits(seconds=_LONG, log_bytes=2**40, grace=_STOPPING)
        self._ready.clear()
        self._ended = threading.Event()
        self._job = Job(run_it, limits, self._say, self._warm, self.folder)
        self._thread = threading.Thread(target=self._serve, args=(self._job,))
        self._thread.daemon = True
        self._thread.start()

    def _serve(self, job: Job) -> None:
        ended = self._ended
        try:
            job.run()
        except JobError as error:
            log.warning("PostgreSQL: %s", error)
        finally:
            ended.set()

    def _say(self, line: str) -> None:
        with self.log.open("a") as file:
            file.write(f"{line}\n")
        if "ready to accept connections" in line:
            self._ready.set()

    def _wait(self) -> bool:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end and not self._ended.is_set():
            if self._ready.wait(0.05):
                return True
        return False

    def stop(self) -> None:
        """Shut the server down: sessions are ended, nothing is lost."""
        self._join()

    def _join(self) -> None:
        if self._job is not None:
            self._job.stop()
        if self._thread is not None:
            self._thread.join()
        self._job = None

    def sql(self, text: str, database: str = "postgres") -> str:
        """Run SQL as the internal superuser, and return what psql prints.

        Raises:
            PostgresError: It failed.
        """
        with tempfile.NamedTemporaryFile("r", dir=self.folder) as answer:
            self._run(
                "psql",
                *(*self._where(), "-d", database, "-o", answer.name),
                *("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"),
                told=text,
                password=self.password,
            )
            return answer.read()

    def copy_to(self, folder: Path) -> None:
        """Copy the data, as it is at one moment.

        Raises:
            PostgresError: It cannot be copied.
        """
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        target = folder / "data"
        if not self.running:
            shutil.copytree(self.data, target, symlinks=True)
            return
        self._run(
            "pg_basebackup",
            *self._where(),
            *("-D", str(target), "-X", "stream", "-c", "fast", "--no-sync"),
            password=self.password,
        )

    def _run(
        self, name: str, *arguments: str, told: str = "", password: str = ""
    ) -> None:
        run(self._warm, self.folder, name, *arguments, told=told, password=password)

    def _where(self) -> tuple[str, ...]:
        return ("-h", "127.0.0.1", "-p", str(self.port), "-U", ADMIN)
