"""Amazon Data Firehose: a destination's configuration, checked and completed."""

import copy
from typing import Any

from localaws.errors import NotImplementedHere
from localaws.services import firehose_prefixes as prefixes
from localaws.services.firehose_prefixes import invalid
from localaws.services.firehose_processing import conversion_of, processors

Members = dict[str, Any]
_LEAST_MEGABYTES = 64
_PROCESSORS = {
    "Lambda": {"LambdaArn", "NumberOfRetries"},
    "MetadataExtraction": {"MetadataExtractionQuery", "JsonParsingEngine"},
    "AppendDelimiterToRecord": {"Delimiter"},
}
_DEFAULTS = {
    "CompressionFormat": "UNCOMPRESSED",
    "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
    "CloudWatchLoggingOptions": {"Enabled": False},
    "S3BackupMode": "Disabled",
}


def destination(given: Members, before: Members | None = None) -> Members:
    """Return the configuration that follows from an input.

    Args:
        given: ExtendedS3DestinationConfiguration or an update of it.
        before: The configuration that is updated.

    Raises:
        AwsError: It breaks a rule of Firehose.
        NotImplementedHere: It asks for what does not act here.
    """
    given = copy.deepcopy(given)
    backup = given.pop("S3BackupConfiguration", None) or given.pop(
        "S3BackupUpdate", None
    )
    config = {**_DEFAULTS, **(before or {}), **given}
    converted = conversion_of(config) is not None
    hints = {"SizeInMBs": 128 if converted else 5, "IntervalInSeconds": 300}
    known = (before or {}).get("BufferingHints", {})
    config["BufferingHints"] = {**hints, **known, **given.get("BufferingHints", {})}
    if backup:
        backup.setdefault("BufferingHints", hints)
        config["S3BackupDescription"] = {**_DEFAULTS, **backup}
    if config["S3BackupMode"] == "Enabled" and "S3BackupDescription" not in config:
        raise invalid(
            "S3BackupConfiguration cannot be null when S3BackupMode is Enabled"
        )
    if not config["BucketARN"].startswith("arn:aws:s3:::"):
        raise invalid(f"Malformed arn: {config['BucketARN']}")
    partitioned = config.get("DynamicPartitioningConfiguration", {}).get(
        "Enabled", False
    )
    prefixes.check(
        config.get("Prefix"), config.get("ErrorOutputPrefix"), partitioned=partitioned
    )
    _check_processors(config, partitioned)
    if converted:
        _check_conversion(config)
    return config


def _check_processors(config: Members, partitioned: bool) -> None:
    found = processors(config)
    for kind, parameters in found.items():
        if kind not in _PROCESSORS:
            raise NotImplementedHere(
                f"firehose: processor {kind}", "processes the records"
            )
        for name in parameters.keys() - _PROCESSORS[kind]:
            raise NotImplementedHere(
                f"firehose: parameter {name} of {kind}", "changes how it processes"
            )
    if "Lambda" in found and "LambdaArn" not in found["Lambda"]:
        raise invalid("LambdaArn is required for a processor of type Lambda")
    extraction = found.get("MetadataExtraction")
    if extraction is None:
        return
    if not partitioned:
        raise invalid(
            "MetadataExtraction processor is only supported with Dynamic Partitioning"
        )
    if extraction.get("JsonParsingEngine") != "JQ-1.6":
        raise invalid("JsonParsingEngine must be JQ-1.6")
    if "MetadataExtractionQuery" not in extraction:
        raise invalid("MetadataExtractionQuery is required")


def _check_conversion(config: Members) -> None:
    conversion = conversion_of(config) or {}
    for name in (
        "SchemaConfiguration",
        "InputFormatConfiguration",
        "OutputFormatConfiguration",
    ):
        if name not in conversion:
            raise invalid(
                f"{name} cannot be null when data format conversion is enabled"
            )
    schema = conversion["SchemaConfiguration"]
    for name in ("RoleARN", "DatabaseName", "TableName"):
        if name not in schema:
            raise invalid(f"{name} is required in SchemaConfiguration")
    if config["CompressionFormat"] != "UNCOMPRESSED":
        raise invalid(
            "CompressionFormat must be UNCOMPRESSED when data format conversion is "
            "enabled; set the compression of the serializer."
        )
    if config["BufferingHints"]["SizeInMBs"] < _LEAST_MEGABYTES:
        raise invalid(
            "BufferingHints.SizeInMBs must be at least 64 when data format conversion "
            "is enabled"
        )
