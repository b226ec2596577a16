"""Records of a data set into a feature group, through the public API."""

from collections import Counter
from typing import Any

import pandas as pd
from botocore.exceptions import ClientError

from localaws.wrangler.errors import FlowError
from localaws.wrangler.frames import kind, text
from localaws.wrangler.job import Job

Members = dict[str, Any]
BATCH, ATTEMPTS = 25, 3
_NAMED = 3


def ingest(job: Job, frame: pd.DataFrame, name: str) -> int:
    """Write each row as a record; missing values are left out of it.

    Args:
        job: Whose role writes.
        frame: The rows.
        name: Of the feature group.

    Returns:
        How many records were written.

    Raises:
        FlowError: The group is not there, or does not have the columns, or refuses
            records; those that it takes are written nevertheless.
    """
    group = _group(job, name)
    known = {feature["FeatureName"] for feature in group["FeatureDefinitions"]}
    unknown = [column for column in frame if column not in known]
    if unknown:
        raise FlowError(
            f"the feature group {name!r} has no feature for the columns: "
            f"{', '.join(unknown)}"
        )
    for member in ("RecordIdentifierFeatureName", "EventTimeFeatureName"):
        if group[member] not in frame:
            raise FlowError(
                f"the feature group {name!r} needs the column {group[member]!r} as its "
                f"{member}; the data have: {', '.join(frame)}"
            )
    written = pd.DataFrame({column: _values(frame[column]) for column in frame})
    records = [
        [
            {"FeatureName": column, "ValueAsString": value}
            for column, value in zip(written, row, strict=True)
            if value is not None
        ]
        for row in written.itertuples(index=False, name=None)
    ]
    refused = _put(job.client("sagemaker-featurestore-runtime"), name, records)
    if refused:
        counted = Counter(message for _, message in refused)
        first = dict(reversed([(message, row) for row, message in refused]))
        told = "; ".join(
            f"{count} records, first row {first[message]}: {message}"
            for message, count in counted.most_common(_NAMED)
        )
        raise FlowError(
            f"the feature group {name!r} refused {len(refused)} of {len(records)} "
            f"records: {told}"
        )
    return len(records)


def _group(job: Job, name: str) -> Members:
    try:
        return job.client("sagemaker").describe_feature_group(FeatureGroupName=name)
    except ClientError as error:
        raise FlowError(
            f"the feature group {name!r}: {error.response['Error']['Message']}"
        ) from error


def _values(series: pd.Series) -> pd.Series:
    if kind(series) == "datetime":
        spelled = series.dt.strftime("%Y-%m-%dT%H:%M:%SZ").astype(object)
        return spelled.where(series.notna(), None)
    return text(series)


def _put(
    runtime: Any, name: str, records: list[list[Members]]
) -> list[tuple[int, str]]:
    """Write records; return the rows that were refused, and why."""
    refused: list[tuple[int, str]] = []
    for start in range(0, len(records), BATCH):
        rows = range(start, min(start + BATCH, len(records)))
        entries = [{"FeatureGroupName": name, "Record": records[row]} for row in rows]
        for _ in range(ATTEMPTS):
            answer = runtime.batch_write_record(Entries=entries)
            refused += [
                (_row(records, rows, error["Entry"]), error["ErrorMessage"])
                for error in answer["Errors"]
            ]
            entries = answer["UnprocessedEntries"]
            if not entries:
                break
        refused += [
            (_row(records, rows, entry), "not processed after three attempts")
            for entry in entries
        ]
    return refused


def _row(records: list[list[Members]], rows: range, entry: Members) -> int:
    return next((row for row in rows if records[row] == entry["Record"]), rows[0])
