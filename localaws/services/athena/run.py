"""One run of one statement."""

import dataclasses
import json
import logging
import shutil
import threading
from pathlib import Path
from typing import Any

from localaws.jobs import Command, Job, JobError, Limits
from localaws.lake.errors import QueryError, ScanLimit
from localaws.lake.plan import Plan
from localaws.services.athena import results, saved
from localaws.services.athena.catalog import Catalog, view_text
from localaws.services.athena.definitions import Definitions
from localaws.services.athena.showing import SHOWS, Shown
from localaws.services.athena.statements import Statement
from localaws.services.athena.tables import TableWriter
from localaws.services.context import Context
from localaws.services.lakeformation.acting import on_behalf, unheld
from localaws.services.lakeformation.reading import Reading
from localaws.services.permissions import Caller

_ROOT = str(Path(__file__).resolve().parents[3])
_LIMITS = Limits(seconds=1800, memory_bytes=2 * 2**30, grace=0.2)
_WRITES = ("CREATE_TABLE_AS_SELECT", "INSERT", "UNLOAD")
Members = dict[str, Any]
log = logging.getLogger(__name__)


class Run:
    """Does what a statement says; `perform` is called once, `stop` from any thread.

    Args:
        context: The endpoint.
        execution: As GetQueryExecution shows it.
        statement: What is done.
        configuration: Of its workgroup.
        caller: On whose behalf.
        folder: For private files.

    Attributes:
        scanned: Bytes that were read.
        manifest: Where the list of what was written is.
    """

    def __init__(
        self,
        context: Context,
        execution: Members,
        statement: Statement,
        configuration: Members,
        caller: Caller,
        folder: Path,
    ) -> None:
        self.execution = execution
        self.statement = statement
        self.configuration = configuration
        self.scanned = 0
        self.manifest: str | None = None
        self._context = context
        self._caller = caller
        self._folder = folder
        self._lock = threading.Lock()
        self._stopped = False
        self._job: Job | None = None
        self._glue = context.aws.client("glue")
        self._reading = Reading(context, caller)
        self._catalog = Catalog(self._glue, caller, self._reading)
        self._database = execution["QueryExecutionContext"].get("Database", "default")
        self._output = execution["ResultConfiguration"]["OutputLocation"]

    @property
    def stopped(self) -> bool:
        """Whether somebody has asked for the end."""
        return self._stopped

    def stop(self) -> None:
        """Ask for the end; the query's process is killed."""
        with self._lock:
            self._stopped = True
            if self._job is not None:
                self._job.stop()

    def clean(self) -> None:
        """Remove the private files."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def perform(self) -> None:
        """Do it.

        Raises:
            QueryError: It fails.
            ScanLimit: It would read more than its workgroup allows.
            ClientError: S3 or the catalog refuses.
        """
        with on_behalf(self._caller):
            self._perform(self.statement.kind)

    def _perform(self, kind: str) -> None:
        if kind in ("SELECT", "EXPLAIN"):
            self._select()
        elif kind in _WRITES:
            self._write()
        elif kind == "CREATE_VIEW":
            self._create_view()
        elif kind in ("PREPARE", "DEALLOCATE"):
            self._prepare()
        else:
            shown = kind in SHOWS
            actions = (Shown if shown else Definitions)(
                self._glue, self._catalog, self._database
            )
            names, lines = actions.run(self.statement)
            results.put_lines(self._caller, self._output, names, lines)

    def _select(self) -> None:
        explain = self.statement.kind == "EXPLAIN"
        answer = self._query(explain=explain)
        found = self._folder / "result.csv"
        if explain:
            lines = found.read_text().splitlines()
            names = [column["Name"] for column in answer["columns"]]
            results.put_lines(self._caller, self._output, names, lines)
        else:
            results.put_rows(self._caller, self._output, found, answer["columns"])

    def _write(self) -> None:
        enforced = self.configuration["EnforceWorkGroupConfiguration"]
        with unheld(self._caller):
            writer = TableWriter(
                self._glue,
                self._catalog,
                self._writes(),
                self.statement,
                self._database,
                self._output,
                enforced=bool(enforced),
            )
            order = writer.prepare()
        if self.statement.kind == "CREATE_TABLE_AS_SELECT":
            self._reading.make(self.statement.database or self._database, writer.place)
        answer = self._query(write=order)
        stamp = f"{self._context.clock.now():%Y%m%d_%H%M%S}"
        files = writer.finish(answer, self._folder / "files", stamp)
        self.manifest = f"{self._output}-manifest.csv"
        results.manifest(self._caller, self.manifest, files)

    def _writes(self) -> Caller:
        """Return with whose rights the rows are written."""
        statement = self.statement
        database = statement.database or self._database
        if statement.kind != "INSERT":
            return self._caller
        try:
            found = self._glue.get_table(DatabaseName=database, Name=statement.table)
        except self._glue.exceptions.EntityNotFoundException:
            return self._caller
        return self._reading.filled(found["Table"])

    def _create_view(self) -> None:
        answer = self._query(files=False)
        statement = self.statement
        database = statement.database or self._database
        columns = [
            {"Name": column["Name"], "Type": kind}
            for column, kind in zip(answer["columns"], answer["hive"], strict=True)
        ]
        table = {
            "Name": statement.table,
            "TableType": "VIRTUAL_VIEW",
            "Parameters": {"presto_view": "true", "comment": "Presto View"},
            "ViewOriginalText": view_text(
                statement.query,
                database,
                [
                    {"Name": column["Name"], "Type": column["Type"]}
                    for column in answer["columns"]
                ],
            ),
            "ViewExpandedText": "/* Presto View */",
            "PartitionKeys": [],
            "StorageDescriptor": {"Columns": columns, "Location": ""},
        }
        errors = self._glue.exceptions
        try:
            self._glue.create_table(DatabaseName=database, TableInput=table)
        except errors.AlreadyExistsException as error:
            if "exists" not in statement.parts:
                raise QueryError(
                    f"TABLE_ALREADY_EXISTS: line 1:1: View already exists: "
                    f"'awsdatacatalog.{database}.{statement.table}'",
                    1003,
                ) from error
            self._glue.update_table(DatabaseName=database, TableInput=table)
        except errors.EntityNotFoundException as error:
            raise QueryError(
                f"SCHEMA_NOT_FOUND: line 1:1: Schema '{database}' does not exist"
            ) from error
        results.put_lines(self._caller, self._output, [], [])

    def _prepare(self) -> None:
        group, name = self.execution["WorkGroup"], self.statement.table
        if self.statement.kind == "PREPARE":
            saved.prepare(self._context, group, name, self.statement.query)
        else:
            saved.forget(self._context, group, name)
        results.put_lines(self._caller, self._output, [], [])

    def _query(
        self,
        *,
        explain: bool = False,
        files: bool = True,
        write: Members | None = None,
    ) -> Members:
        """Run the statement's query in a process of its own, and return its answer."""
        sql = self.statement.query
        plan = Plan(
            sql,
            self._database,
            self._context.clock.now().isoformat(),
            self._catalog.tables(sql, self._database, files=files),
            self.configuration.get("BytesScannedCutoffPerQuery"),
            write,
            explain,
        )
        self._folder.mkdir(parents=True)
        (self._folder / "plan.json").write_text(json.dumps(dataclasses.asdict(plan)))
        command = Command(
            env={"PYTHONPATH": _ROOT, "HOME": str(self._folder), "LANG": "C.UTF-8"},
            cwd=self._folder,
            module="localaws.lake.query",
            argv=[str(self._folder)],
        )
        job = Job(command, _LIMITS, log.info, self._context.warm)
        with self._lock:
            if self._stopped:
                raise QueryError("Query cancelled by user", 1011)
            self._job = job
        try:
            outcome = job.run()
        except JobError as error:
            raise QueryError(str(error), 100, 1) from error
        path = self._folder / "answer.json"
        if not path.exists():
            if outcome.cause == "memory":
                raise QueryError("Query exhausted resources at this scale factor", 0, 3)
            said = outcome.tail[-1] if outcome.tail else f"ended by {outcome.cause}"
            raise QueryError(f"GENERIC_INTERNAL_ERROR: {said}", 200, 1)
        answer: Members = json.loads(path.read_text())
        if "cancelled" in answer:
            raise ScanLimit(answer["scanned"])
        if "error" in answer:
            raise QueryError(answer["error"], answer["kind"], answer["category"])
        self.scanned = answer["scanned"]
        return answer
