"""Sources: objects in S3, and queries of Athena."""

import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from localaws.wrangler.casting import cast
from localaws.wrangler.choices import Members, Step
from localaws.wrangler.errors import FlowError, NotActed
from localaws.wrangler.flow import filled
from localaws.wrangler.frames import normal
from localaws.wrangler.job import Job

_HIDDEN = ("_", ".")
_ATHENA = {
    "tinyint": "long",
    "smallint": "long",
    "integer": "long",
    "int": "long",
    "bigint": "long",
    "float": "float",
    "real": "float",
    "double": "float",
    "decimal": "float",
    "boolean": "bool",
    "date": "date",
    "timestamp": "datetime",
}
_POLL = 0.1


def s3_source(step: Step) -> pd.DataFrame:
    """Read the files of the job's input of the data set's name, or from S3."""
    definition = _definition(step)
    context = definition.get("s3ExecutionContext") or {}
    _refuse(context)
    nested = bool(context.get("s3DirIncludesNested"))
    folder = step.job.inputs.get(definition.get("name"))
    if folder is None:
        uri = filled(context.get("s3Uri") or "", step.job.values)
        folder = _fetch(step.job, uri)
    files = sorted(
        path
        for path in (folder.rglob("*") if nested else folder.glob("*"))
        if path.is_file() and not path.name.startswith(_HIDDEN)
    )
    form = str(context.get("s3ContentType", "csv")).lower()
    if not files and form == "parquet" and any(folder.rglob("*.parquet")):
        return normal(pd.read_parquet(folder))
    if not files:
        raise FlowError(f"the source {definition.get('name')!r} has no file to read")
    if form not in _READERS:
        raise NotActed(
            f"the source format {form!r}", "reads it, as CSV and Parquet are"
        )
    try:
        frames = [_READERS[form](path, context) for path in files]
    except (ValueError, OSError) as error:
        raise FlowError(f"a file of {definition.get('name')!r}: {error}") from error
    return normal(pd.concat(frames, ignore_index=True))


def _definition(step: Step) -> Members:
    found = step.parameters.get("dataset_definition")
    if not isinstance(found, dict):
        raise FlowError("the source has no dataset_definition")
    return found


def _refuse(context: Members) -> None:
    if context.get("s3DataType") not in (None, "S3Prefix"):
        raise NotActed(f"s3DataType {context['s3DataType']!r}", "reads a manifest")
    if context.get("s3RoleArn"):
        raise NotActed("s3RoleArn", "reads with another account's role")
    if context.get("s3AddsFilenameColumn"):
        raise NotActed("s3AddsFilenameColumn", "adds a column with each row's file")


def _fetch(job: Job, uri: str) -> Path:
    parts = urlsplit(uri)
    if parts.scheme != "s3" or not parts.netloc:
        raise FlowError(f"s3Uri {uri!r} is not of the form s3://bucket/prefix")
    s3, prefix = job.client("s3"), parts.path.lstrip("/")
    number = len(list(job.scratch.glob("source-*"))) if job.scratch.is_dir() else 0
    folder = job.scratch / f"source-{number}"
    folder.mkdir(parents=True)
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=parts.netloc, Prefix=prefix
    )
    for page in pages:
        for item in page.get("Contents", ()):
            key = item["Key"]
            # a prefix is a folder or one object, as Spark reads paths
            below = key[len(prefix) :].lstrip("/") if key != prefix else Path(key).name
            inside = key == prefix or prefix.endswith("/") or not prefix
            if not key.endswith("/") and (inside or key.startswith(f"{prefix}/")):
                target = folder / below
                target.parent.mkdir(parents=True, exist_ok=True)
                s3.download_file(parts.netloc, key, str(target))
    if not any(folder.iterdir()):
        raise FlowError(f"there is no object at {uri}")
    return folder


def _csv(path: Path, context: Members) -> pd.DataFrame:
    header = context.get("s3HasHeader", True)
    encoding = str(context.get("s3CsvEncodingType") or "utf-8")
    frame = pd.read_csv(
        path,
        sep=context.get("s3FieldDelimiter") or ",",
        header=0 if header else None,
        encoding=encoding.replace("_", "-").lower(),
        skiprows=context.get("s3SkipLines") or 0,
        dtype=str,
        keep_default_na=False,
        na_values=[""],
    )
    if not header:
        frame.columns = pd.Index([f"_c{i}" for i in range(len(frame.columns))])
    return frame


_READERS: dict[str, Any] = {
    "csv": _csv,
    "parquet": lambda path, _: pd.read_parquet(path),
    "json": lambda path, _: pd.read_json(path, convert_dates=False),
    "jsonl": lambda path, _: pd.read_json(path, lines=True, convert_dates=False),
    "orc": lambda path, _: pd.read_orc(path),
}


def athena_source(step: Step) -> pd.DataFrame:
    """Run a query, and read its answer with the types that Athena tells."""
    definition = _definition(step)
    for name in ("queryString", "databaseName", "s3OutputLocation"):
        if not definition.get(name):
            raise FlowError(f"the Athena source needs {name}")
    athena = step.job.client("athena")
    workgroup = definition.get("workgroup")
    started = athena.start_query_execution(
        QueryString=definition["queryString"],
        QueryExecutionContext={
            "Catalog": definition.get("catalogName") or "AwsDataCatalog",
            "Database": definition["databaseName"],
        },
        ResultConfiguration={"OutputLocation": definition["s3OutputLocation"]},
        **({"WorkGroup": workgroup} if workgroup else {}),
    )["QueryExecutionId"]
    while True:
        execution = athena.get_query_execution(QueryExecutionId=started)[
            "QueryExecution"
        ]
        status = execution["Status"]
        if status["State"] not in ("QUEUED", "RUNNING"):
            break
        time.sleep(_POLL)
    if status["State"] != "SUCCEEDED":
        raise FlowError(
            f"the Athena query {status['State'].lower()}: "
            f"{status.get('StateChangeReason', '')}"
        )
    place = urlsplit(execution["ResultConfiguration"]["OutputLocation"])
    path = step.job.scratch / f"{started}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    step.job.client("s3").download_file(place.netloc, place.path[1:], str(path))
    told = athena.get_query_results(QueryExecutionId=started, MaxResults=1)
    frame = normal(_csv(path, {}))
    for column in told["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]:
        type_ = _ATHENA.get(column["Type"].partition("(")[0].lower(), "string")
        frame[column["Name"]] = cast(frame[column["Name"]], type_)
    return frame
