"""One export of a snapshot, from a server of its own on a copy of the data."""

import json
import logging
import shutil
import uuid
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from localaws import trust
from localaws.jobs import Command, Job, JobError, Limits
from localaws.services.context import Context
from localaws.services.permissions import Caller
from localaws.services.rds.instances import Instances
from localaws.services.rds.postgres import Postgres
from localaws.services.rds.programs import PostgresError, identifier, literal
from localaws.services.records import Records

TABLE = "rds-export"
_ROOT = str(Path(__file__).resolve().parents[3])
_LIMITS = Limits(seconds=1800, memory_bytes=2 * 2**30)
_TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind IN ('r', 'p') AND relpersistence = 'p' AND n.nspname NOT LIKE 'pg\\_%'
AND n.nspname <> 'information_schema' AND NOT relispartition ORDER BY 1, 2;
"""
_COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid = {}::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum;
"""
Members = dict[str, Any]
log = logging.getLogger(__name__)


class Export:
    """One export.

    Args:
        context: The endpoint.
        task: As DescribeExportTasks shows it.
        snapshot: What is exported.
        known: What is known of the snapshot.
    """

    def __init__(
        self, context: Context, task: Members, snapshot: str, known: Members
    ) -> None:
        self._context = context
        self._records = context.part(Records)
        self._task = task
        self._name = task["ExportTaskIdentifier"]
        instances = context.part(Instances)
        self._source = instances.folder("snapshots", snapshot)
        self._folder = instances.home / "exports" / self._name
        password = known["password"]
        self._server = Postgres(self._folder, password, context.warm)

    def run(self, _: str) -> None:
        """Export, and say how it went."""
        failed: Members = {}
        try:
            total = self._export()
        except (PostgresError, JobError) as error:
            failed = {"Status": "FAILED", "FailureCause": str(error)}
        except ClientError as error:
            said = error.response["Error"]["Message"]
            failed = {"Status": "FAILED", "FailureCause": said}
        except Exception:
            log.exception("export %s", self._name)
            failed = {"Status": "FAILED", "FailureCause": "Internal failure"}
        finally:
            self._server.stop()
            shutil.rmtree(self._folder, ignore_errors=True)
        done = failed or {
            "Status": "COMPLETE",
            "PercentProgress": 100,
            "TotalExtractedDataInGB": total // 2**30,
        }
        with self._records.lock:
            if not self._cancelled():
                end = self._context.clock.now()
                self._records.change(TABLE, self._name, TaskEndTime=end, **done)

    def _cancelled(self) -> bool:
        task = self._records.get(TABLE, self._name)
        return task is None or task["Status"] == "CANCELED"

    def _export(self) -> int:
        aws = self._context.aws
        role = self._task["IamRoleArn"]
        session = trust.assume(aws, role, "RDSExport")
        caller = Caller(aws, role, session)
        bucket = self._task["S3Bucket"]
        caller.demand("s3:PutObject", f"arn:aws:s3:::{bucket}/*")
        caller.client("s3").head_bucket(Bucket=bucket)
        key = aws.client("kms").describe_key(KeyId=self._task["KmsKeyId"])
        # as AWS does, so that the role needs no right of its own to the key
        aws.client("kms").create_grant(
            KeyId=key["KeyMetadata"]["KeyId"],
            GranteePrincipal=role,
            Operations=["GenerateDataKey", "Decrypt"],
            Name=self._name,
        )
        with self._records.lock:
            if self._cancelled():
                return 0
            now = self._context.clock.now()
            self._records.change(
                TABLE, self._name, Status="IN_PROGRESS", TaskStartTime=now
            )
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(self._source, self._folder, symlinks=True)
        self._server.start()
        tables = self._tables()
        out = self._folder / "out"
        out.mkdir()
        plan = []
        for number, (database, schema, table) in enumerate(tables):
            quoted = f"{identifier(schema)}.{identifier(table)}"
            columns = self._rows(_COLUMNS.format(literal(quoted)), database)
            path = out / f"{number}.csv"
            copy = f"COPY (SELECT * FROM {quoted}) TO STDOUT (FORMAT csv);"
            path.write_text(self._server.sql(copy, database))
            plan.append({"csv": str(path), "columns": columns})
        self._server.stop()
        self._parquet(out, plan)
        return self._upload(caller, tables, out)

    def _rows(self, sql: str, database: str) -> list[list[str]]:
        text = self._server.sql(f"\\f '\x1f'\n{sql}", database)
        return [line.split("\x1f") for line in text.splitlines() if "\x1f" in line]

    def _tables(self) -> list[tuple[str, str, str]]:
        listed = "SELECT datname FROM pg_database WHERE datallowconn AND NOT "
        names = self._server.sql(f"{listed} datistemplate ORDER BY 1;").split()
        wanted = self._task["ExportOnly"]
        found = []
        for database in names:
            for schema, table in self._rows(_TABLES, database):
                path = f"{database}.{schema}.{table}"
                if not wanted or any(
                    path == one or path.startswith(f"{one}.") for one in wanted
                ):
                    found.append((database, schema, table))
        return found

    def _parquet(self, out: Path, plan: list[Members]) -> None:
        (out / "plan.json").write_text(json.dumps(plan))
        command = Command(
            env={"PYTHONPATH": _ROOT, "HOME": str(out), "LANG": "C.UTF-8"},
            cwd=out,
            module="localaws.lake.csv_tables",
            argv=[str(out)],
        )
        outcome = Job(command, _LIMITS, log.info, self._context.warm).run()
        if outcome.exit_code != 0:
            said = outcome.tail[-1] if outcome.tail else outcome.cause
            raise PostgresError(f"Parquet: {said}")

    def _upload(
        self, caller: Caller, tables: list[tuple[str, str, str]], out: Path
    ) -> int:
        s3, bucket, total = caller.client("s3"), self._task["S3Bucket"], 0
        prefix = self._task["S3Prefix"].strip("/")
        root = f"{prefix}/{self._name}" if prefix else self._name
        key = {
            "ServerSideEncryption": "aws:kms",
            "SSEKMSKeyId": self._task["KmsKeyId"],
        }
        status = []
        for number, (database, schema, table) in enumerate(tables):
            digest = uuid.uuid5(uuid.NAMESPACE_URL, f"{root}/{database}.{table}")
            folder = f"{root}/{database}/{schema}.{table}/1"
            body = (out / f"{number}.parquet").read_bytes()
            total += len(body)
            where = f"{folder}/part-00000-{digest}.gz.parquet"
            s3.put_object(Bucket=bucket, Key=where, Body=body, **key)
            s3.put_object(Bucket=bucket, Key=f"{folder}/_success", Body=b"", **key)
            status.append(
                {"target": f"{database}.{schema}.{table}", "status": "COMPLETE"}
            )
        info = json.dumps({"perTableStatus": status}).encode()
        where = f"{root}/export_tables_info_{self._name}_from_1_to_{len(tables)}.json"
        s3.put_object(Bucket=bucket, Key=where, Body=info, **key)
        shown = {
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name, value in self._task.items()
        } | {"Status": "COMPLETE", "PercentProgress": 100}
        where = f"{root}/export_info_{self._name}.json"
        s3.put_object(Bucket=bucket, Key=where, Body=json.dumps(shown).encode(), **key)
        return total
