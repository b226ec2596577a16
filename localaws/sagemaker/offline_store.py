"""The offline store of Feature Store: every record ever put, as Parquet in S3.

Records gather in a buffer that is written before any other service is read: who lists
the bucket finds them. On AWS they arrive within 15 minutes.
"""

import contextlib
import dataclasses
import datetime as dt
import hashlib
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from localaws import parquet_file
from localaws.errors import AwsError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.transfer import split

DATABASE = "sagemaker_featurestore"
CATALOG = "AwsDataCatalog"
PARTITIONS = ("year", "month", "day", "hour")
_GLUE = {"Integral": "bigint", "Fractional": "double", "String": "string"}
_PARQUET: dict[str, tuple[str, Callable[[str], Any]]] = {
    "Integral": ("int64", int),
    "Fractional": ("double", float),
    "String": ("string", str),
}
_ADDED = {
    "write_time": "timestamp",
    "api_invocation_time": "timestamp",
    "is_deleted": "boolean",
}
RESERVED = frozenset(_ADDED)
_LARGEST = 5000
_PATIENCE = 30
Members = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One record on its way to S3."""

    values: dict[str, str]
    event_time: dt.datetime
    invoked: dt.datetime
    deleted: bool


class OfflineStore:
    """The buffers of every feature group.

    Args:
        engine: Reaches S3 and Glue, and asks to settle before they are read.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._rows: defaultdict[str, list[Row]] = defaultdict(list)
        self._partitions: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
        engine.settlers.append(self.settle)

    def append(self, group: str, row: Row) -> None:
        """Take in one record."""
        with self._lock:
            payload = {"group": group, "row": dataclasses.asdict(row)}
            self._engine.journal.record("row", payload)
            self._rows[group].append(row)
            full = len(self._rows[group]) >= _LARGEST
        if full:
            self.settle(wait=True)

    def drop(self, group: str) -> None:
        """Write what a group still has, and forget it."""
        self.settle(wait=True)
        with self._lock:
            self._rows.pop(group, None)
            self._partitions.pop(group, None)

    def settle(self, wait: bool) -> None:
        """Write what the buffers hold."""
        if not self._writing.acquire(timeout=_PATIENCE if wait else 0):
            return
        try:
            with self._lock:
                rows, self._rows = self._rows, defaultdict(list)
            for name, found in rows.items():
                self._try(self._engine.store.find("FeatureGroup", name), found)
        finally:
            self._writing.release()

    def _try(self, group: Members, rows: list[Row]) -> None:
        """Write records, or block the store and keep them for another time."""
        change, status = self._engine.store.change, group["OfflineStoreStatus"]
        try:
            self._write(group, rows)
        except (ClientError, OSError) as error:
            reason = {"Status": "Blocked", "BlockedReason": str(error)}
            with self._lock:
                self._rows[group["FeatureGroupName"]][:0] = rows
            change(group, OfflineStoreStatus=reason)
        else:
            payload = {"group": group["FeatureGroupName"], "written": len(rows)}
            with contextlib.suppress(AwsError):
                self._engine.journal.record("row", payload)
            if status["Status"] == "Blocked":
                change(group, OfflineStoreStatus={"Status": "Active"})

    def recall(self, payload: Members) -> None:
        """Take up a change of the journal again: a row, or how many were written."""
        rows = self._rows[payload["group"]]
        if "row" in payload:
            rows.append(Row(**payload["row"]))
        else:
            del rows[: payload["written"]]

    def _write(self, group: Members, rows: list[Row]) -> None:
        s3 = self._engine.aws.client("s3")
        storage = group["OfflineStoreConfig"]["S3StorageConfig"]
        bucket, prefix = split(storage["ResolvedOutputS3Uri"])
        by_hour: defaultdict[tuple[str, ...], list[Row]] = defaultdict(list)
        for row in rows:
            hour = row.event_time.astimezone(dt.UTC).strftime("%Y %m %d %H")
            by_hour[tuple(hour.split())].append(row)
        hours = sorted(by_hour)
        tables = [by_hour[hour] for hour in hours]
        files = _files(group, tables, self._engine.clock.now())
        for hour, found, body in zip(hours, tables, files, strict=True):
            key = f"{prefix}/{_folder(hour)}/{self._name(found)}"
            s3.put_object(Bucket=bucket, Key=key, Body=body)
        self._register(group, hours)

    def _name(self, rows: list[Row]) -> str:
        latest = max(row.event_time for row in rows).astimezone(dt.UTC)
        number = self._engine.clock.count("offline-file")
        random = hashlib.sha256(str(number).encode()).hexdigest()[:16]
        return f"{latest:%Y%m%dT%H%M%SZ}_{random}.parquet"

    def _register(self, group: Members, hours: list[tuple[str, ...]]) -> None:
        """Tell Glue of partitions that it does not know."""
        catalog = group["OfflineStoreConfig"].get("DataCatalogConfig")
        if catalog is None:
            return
        root = group["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"]
        known = self._partitions[group["FeatureGroupName"]]
        new = [hour for hour in hours if hour not in known]
        known.update(new)
        glue = self._engine.aws.client("glue")
        for start in range(0, len(new), 100):
            glue.batch_create_partition(
                DatabaseName=catalog["Database"],
                TableName=catalog["TableName"],
                PartitionInputList=[
                    {
                        "Values": [*hour],
                        "StorageDescriptor": {
                            **_storage(group),
                            "Location": f"{root}/{_folder(hour)}",
                        },
                    }
                    for hour in new[start : start + 100]
                ],
            )


def _folder(hour: tuple[str, ...]) -> str:
    return "/".join(f"{k}={v}" for k, v in zip(PARTITIONS, hour, strict=True))


def _files(
    group: Members, tables: list[list[Row]], written: dt.datetime
) -> list[bytes]:
    """Return a Parquet file with AWS's columns for each table of records."""
    columns, read = {}, []
    for feature in group["FeatureDefinitions"]:
        kind, number = _PARQUET[feature["FeatureType"]]
        columns[feature["FeatureName"]] = kind
        read.append((feature["FeatureName"], number))
    columns |= {
        "write_time": "timestamp",
        "api_invocation_time": "timestamp",
        "is_deleted": "bool",
    }

    def values(row: Row) -> list[Any]:
        found = [
            number(row.values[name]) if name in row.values else None
            for name, number in read
        ]
        times = [int(time.timestamp() * 1000) for time in (written, row.invoked)]
        return [*found, *times, row.deleted]

    return parquet_file.write(
        columns, [[values(row) for row in rows] for rows in tables]
    )


def create_table(engine: Engine, group: Members) -> None:
    """Make the Glue table of an offline store, or bring its columns up to date."""
    glue = engine.aws.client("glue")
    catalog = group["OfflineStoreConfig"]["DataCatalogConfig"]
    database = catalog["Database"]
    table = {
        "Name": catalog["TableName"],
        "Description": f"Offline store of {group['FeatureGroupName']}",
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", "classification": "parquet"},
        "PartitionKeys": [{"Name": name, "Type": "string"} for name in PARTITIONS],
        "StorageDescriptor": _storage(group),
    }
    try:
        glue.get_database(Name=database)
    except glue.exceptions.EntityNotFoundException:
        glue.create_database(DatabaseInput={"Name": database})
    try:
        glue.get_table(DatabaseName=database, Name=catalog["TableName"])
        glue.update_table(DatabaseName=database, TableInput=table)
    except glue.exceptions.EntityNotFoundException:
        glue.create_table(DatabaseName=database, TableInput=table)


def _storage(group: Members) -> Members:
    columns = {
        feature["FeatureName"]: _GLUE[feature["FeatureType"]]
        for feature in group["FeatureDefinitions"]
    } | _ADDED
    hive = "org.apache.hadoop.hive.ql.io.parquet"
    return {
        "Columns": [{"Name": name, "Type": kind} for name, kind in columns.items()],
        "Location": group["OfflineStoreConfig"]["S3StorageConfig"][
            "ResolvedOutputS3Uri"
        ],
        "InputFormat": f"{hive}.MapredParquetInputFormat",
        "OutputFormat": f"{hive}.MapredParquetOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": f"{hive}.serde.ParquetHiveSerDe",
            "Parameters": {"serialization.format": "1"},
        },
    }


def _restore(engine: Engine, payload: Members, body: bytes) -> None:
    engine.part(OfflineStore).recall(payload)


RESTORERS = {"row": _restore}
