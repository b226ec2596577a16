"""Data capture: requests and answers of an endpoint, as JSON lines in S3."""

import base64
import json
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from localaws.errors import ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.roles import assume
from localaws.sagemaker.transfer import split

if TYPE_CHECKING:
    from localaws.sagemaker.observation import Note

_SIDES = {
    "Input": ("endpointInput",),
    "Output": ("endpointOutput",),
    "InputAndOutput": ("endpointInput", "endpointOutput"),
}
_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
_IDENTIFIER = "x-amzn-sagemaker-inference-id"
Members = dict[str, Any]


def check_capture(request: Members) -> None:
    """Raise `ValidationError` for a `DataCaptureConfig` that names no bucket."""
    config = request.get("DataCaptureConfig")
    if config:
        split(config["DestinationS3Uri"])


class Capture:
    """Writes what is captured from one endpoint.

    Args:
        engine: What it acts with.
        endpoint: Name of the endpoint.
        config: A `DataCaptureConfig`.
        role_arn: Execution role that writes to the bucket.
    """

    def __init__(
        self, engine: Engine, endpoint: str, config: Members, role_arn: str
    ) -> None:
        self._engine = engine
        self._endpoint = endpoint
        self._role = role_arn
        self.config = config
        bucket, prefix = split(config["DestinationS3Uri"])
        self._bucket, self._prefix = bucket, prefix.rstrip("/")
        self.fraction = config["InitialSamplingPercentage"] / 100
        self._sides = {
            side
            for option in config["CaptureOptions"]
            for side in _SIDES[option["CaptureMode"]]
        }
        kinds = config.get("CaptureContentTypeHeader", {})
        self._encodings = {
            kind.lower(): encoding
            for encoding, member in (
                ("CSV", "CsvContentTypes"),
                ("JSON", "JsonContentTypes"),
            )
            for kind in kinds.get(member, [])
        }

    def summary(self) -> Members:
        """Return what DescribeEndpoint shows."""
        return {
            "EnableCapture": True,
            "CaptureStatus": "Started",
            "CurrentSamplingPercentage": self.config["InitialSamplingPercentage"],
            "DestinationS3Uri": self.config["DestinationS3Uri"],
            "KmsKeyId": "",
        }

    def store(self, notes: "Iterable[Note]") -> None:
        """Write captured requests: one file for each variant and hour."""
        files: dict[str, list[tuple[Note, Members]]] = {}
        for note in notes:
            folder = f"{note.variant}/{note.when:%Y/%m/%d/%H}"
            files.setdefault(folder, []).append((note, self._record(note)))
        if not files:
            return
        session = assume(self._engine.aws, self._role)
        s3 = self._engine.aws.client("s3", session)
        for folder, records in files.items():
            first, record = records[0]
            stamp = f"{first.when:%M-%S}-{first.when.microsecond // 1000:03d}"
            name = f"{stamp}-{record['eventMetadata']['eventId']}.jsonl"
            parts = (self._prefix, self._endpoint, folder, name)
            s3.put_object(
                Bucket=self._bucket,
                Key="/".join(part for part in parts if part),
                Body="".join(f"{json.dumps(one)}\n" for _, one in records).encode(),
            )

    def _record(self, note: "Note") -> Members:
        assert note.capture is not None
        call, answer = note.capture
        headers = call.headers
        data: Members = {}
        if "endpointInput" in self._sides:
            data["endpointInput"] = self._side(call.body, call.content_type, "INPUT")
        if "endpointOutput" in self._sides:
            kind = answer.content_type
            data["endpointOutput"] = self._side(answer.body, kind, "OUTPUT")
        metadata: Members = {"eventId": self._event()}
        if _ATTRIBUTES in headers:
            metadata["customAttributes"] = [headers[_ATTRIBUTES]]
        if _IDENTIFIER in headers:
            metadata["inferenceId"] = headers[_IDENTIFIER]
        metadata["inferenceTime"] = f"{note.when:%Y-%m-%dT%H:%M:%SZ}"
        return {"captureData": data, "eventMetadata": metadata, "eventVersion": "0"}

    def _side(self, body: bytes, content_type: str, mode: str) -> Members:
        kind = content_type.partition(";")[0].strip().lower()
        encoding = self._encodings.get(kind, "BASE64")
        try:
            text = body.decode() if encoding != "BASE64" else ""
        except UnicodeDecodeError:
            encoding = "BASE64"
        if encoding == "BASE64":
            text = base64.b64encode(body).decode()
        return {
            "observedContentType": content_type,
            "mode": mode,
            "data": text,
            "encoding": encoding,
        }

    def _event(self) -> str:
        count = self._engine.clock.count("capture")
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"localaws:capture/{count}"))


def capture_of(
    engine: Engine, endpoint: str, config: Members, model: Members | None
) -> Capture | None:
    """Return what captures the data of an endpoint configuration, if anything does."""
    given = config.get("DataCaptureConfig")
    if not given or not given.get("EnableCapture", True):
        return None
    role = (model or config).get("ExecutionRoleArn")
    if role is None:
        raise ValidationError("Data capture needs an execution role.")
    return Capture(engine, endpoint, given, role)
