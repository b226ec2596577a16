"""What of `awsglue` does not act here, and what it does on AWS."""

from typing import Any, NoReturn

_WHERE = {
    "DynamicFrame": {
        "assertErrorThreshold": "fails the job when too many records are in error",
        "errorsAsDynamicFrame": "returns the records in error",
        "simplify_ddb_json": "simplifies DynamoDB's typed JSON",
        "spigot": "writes sample records aside",
        "unnest_ddb_json": "flattens DynamoDB's typed JSON",
        "withFrameSchema": "sets a schema that the data must have",
        "write": "writes through a sink",
    },
    "GlueContext": {
        "add_ingestion_time_columns": "adds columns of the time of ingestion",
        "begin_transaction": "begins a transaction of Lake Formation",
        "cancel_transaction": "ends a transaction of Lake Formation",
        "commit_transaction": "ends a transaction of Lake Formation",
        "create_sample_dynamic_frame_from_catalog": "reads a sample of a table",
        "create_sample_dynamic_frame_from_options": "reads a sample of the files",
        "extract_jdbc_conf": "reads a connection of the Data Catalog",
        "getSink": "writes, and keeps the Data Catalog up to date",
        "getSource": "reads through a source",
        "get_data_frame_from_catalog": "reads a stream of the Data Catalog",
        "purge_s3_path": "deletes files older than the retention",
        "purge_table": "deletes a table's files older than the retention",
        "transition_s3_path": "moves files to another storage class",
        "transition_table": "moves a table's files to another storage class",
        "write_data_frame": "writes a streaming frame",
    },
    "transforms": {
        "DropNulls": "drops fields that are null",
        "EvaluateDataQuality": "evaluates a DQDL ruleset",
        "FindIncrementalMatches": "matches new records by a model",
        "FindMatches": "matches records by a model",
        "FlatMap": "maps each record of a collection of frames",
        "Spigot": "writes sample records aside",
    },
}


class NotActingHere(NotImplementedError):
    """The script asks for something of `awsglue` that does not act here."""

    def __init__(self, subject: str, on_aws: str) -> None:
        super().__init__(
            f"awsglue: {subject} does not act in the local endpoint. On AWS it {on_aws}"
        )


def refuse(owner: str, name: str) -> NoReturn:
    """Raise the error of an attribute that is not here.

    Raises:
        NotActingHere: AWS has it.
        AttributeError: AWS does not have it either, or we do not know it.
    """
    known = _WHERE[owner]
    if name in known:
        raise NotActingHere(f"{owner}.{name}", known[name])
    raise AttributeError(f"{owner} has no attribute {name!r}")


def refused(owner: str) -> list[str]:
    """Return what of an owner does not act here."""
    return list(_WHERE[owner])


def only(subject: str, given: dict[str, Any], known: set[str]) -> None:
    """Refuse the first option that has no effect here.

    Args:
        subject: What takes the options.
        given: They.
        known: Those that act.

    Raises:
        NotActingHere: Another is given.
    """
    for name, value in given.items():
        if name not in known and value not in (None, "", 0, False, {}, []):
            raise NotActingHere(f"{subject} {name}={value!r}", "has an effect")
