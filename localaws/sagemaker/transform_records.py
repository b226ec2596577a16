"""What Batch Transform does with records: split, filter, join."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from localaws.errors import ValidationError
from localaws.sagemaker.json_paths import JsonPath, PathError

Members = dict[str, Any]
_KINDS = {
    "text/csv": "CSV",
    "application/json": "JSON",
    "application/jsonlines": "JSON",
    "application/x-jsonlines": "JSON",
}
_WHOLE = "application/json"
_UNPARSED = "Failed to parse output from the algorithm as"


class DataError(Exception):
    """An object's data are the reason that it cannot be transformed."""


def base_type(content_type: str) -> str:
    """Return a content type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def batches(path: Path, request: Members) -> Iterator[list[bytes]]:
    """Split an object into what one request to the container holds.

    Args:
        path: The object.
        request: `TransformInput`, `BatchStrategy` and `MaxPayloadInMB` of the job.

    Yields:
        Records without their line ends; one that is everything if nothing is split.

    Raises:
        DataError: A record is larger than the payload may be, or is not compressed.
    """
    given = request["TransformInput"]
    limit = request.get("MaxPayloadInMB", 6) * 2**20
    single = request.get("BatchStrategy") == "SingleRecord"
    held: list[bytes] = []
    size = 0
    opened = gzip.open if given.get("CompressionType") == "Gzip" else Path.open
    try:
        with opened(path, "rb") as file:
            split = given.get("SplitType", "None") == "Line"
            for record in file if split else [file.read()]:
                if len(record) > limit:
                    raise DataError("Too much data for max payload size")
                if held and (single or size + len(record) > limit):
                    yield held
                    held, size = [], 0
                held.append(record.rstrip(b"\r\n") if split else record)
                size += len(record)
    except (gzip.BadGzipFile, EOFError) as error:
        raise DataError(f"Failed to decompress the input: {error}") from error
    if held:
        yield held


class Processing:
    """The filters and the join of a job's DataProcessing.

    Args:
        request: The job, as CreateTransformJob has it.

    Raises:
        ValidationError: A filter is no JSONPath, or the input is neither CSV nor JSON.
    """

    def __init__(self, request: Members) -> None:
        given = request.get("DataProcessing", {})
        self._input = JsonPath(given.get("InputFilter", "$"), "InputFilter")
        self._output = JsonPath(given.get("OutputFilter", "$"), "OutputFilter")
        self._join = given.get("JoinSource", "None") == "Input"
        content_type = base_type(request["TransformInput"].get("ContentType", ""))
        self._kind = _KINDS.get(content_type, "")
        split = request["TransformInput"].get("SplitType", "None") == "Line"
        self._lines = not split and content_type != _WHOLE
        self._ends = request["TransformOutput"].get("AssembleWith", "None") == "Line"
        self._acts = not (self._input.whole and self._output.whole) or self._join
        if self._acts and not self._kind:
            raise ValidationError(
                "DataProcessing needs a ContentType of text/csv, application/json or "
                f"application/jsonlines; found {content_type or 'none'}."
            )

    def sent(self, records: list[bytes]) -> bytes:
        """Return what the container gets of some records.

        Raises:
            DataError: The filter selects nothing of one.
        """
        if self._input.whole:
            return b"\n".join(records)
        values = [_read(self._kind, one) for one in self._split(records)]
        return self._written(self._input, self._kind, values)

    def kept(self, records: list[bytes], answer: bytes, content_type: str) -> bytes:
        """Return what the output holds of the container's answer.

        Raises:
            DataError: Input and output do not go together.
        """
        body = self._processed(records, answer, content_type) if self._acts else answer
        if self._ends:
            return body.removesuffix(b"\n") + b"\n"
        return body

    def _processed(
        self, records: list[bytes], answer: bytes, content_type: str
    ) -> bytes:
        kind = _KINDS.get(base_type(content_type), "")
        if self._output.whole and not self._join:
            return answer
        if self._join and kind != self._kind:
            raise DataError(
                f"Failed to parse output from the algorithm as {self._kind}"
            )
        records = self._split(records)
        outputs = _outputs(kind, answer, len(records))
        if not self._join:
            return self._written(self._output, kind, outputs)
        if len(outputs) != len(records):
            raise DataError(
                "Fail to join data: mismatched line count between the input and the "
                "output"
            )
        inputs = [_read(kind, record) for record in records]
        pairs = zip(inputs, outputs, strict=True)
        return self._written(
            self._output, kind, [_joined(kind, *pair) for pair in pairs]
        )

    def _split(self, records: list[bytes]) -> list[bytes]:
        return records[0].splitlines() if self._lines else records

    def _written(self, path: JsonPath, kind: str, values: list[Any]) -> bytes:
        try:
            return b"\n".join(_write(kind, path.select(value)) for value in values)
        except PathError as error:
            raise DataError(str(error)) from error


def _outputs(kind: str, answer: bytes, count: int) -> list[Any]:
    whole = kind == "JSON" and count == 1
    lines = [answer] if whole else answer.removesuffix(b"\n").split(b"\n")
    try:
        return [_read(kind, line) for line in lines]
    except DataError as error:
        raise DataError(f"{_UNPARSED} {kind or 'CSV or JSON'}") from error


def _read(kind: str, record: bytes) -> Any:
    try:
        text = record.decode()
        if kind == "CSV":
            return next(csv.reader([text], strict=True), [])
        if kind == "JSON":
            return json.loads(text)
    except (ValueError, csv.Error) as error:
        raise DataError(f"Failed to parse the record as {kind}: {error}") from error
    raise DataError("the record is neither CSV nor JSON")


def _write(kind: str, value: Any) -> bytes:
    if kind != "CSV":
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    text = io.StringIO()
    row = value if isinstance(value, list) else [value]
    csv.writer(text, lineterminator="").writerow(row)
    return text.getvalue().encode()


def _joined(kind: str, given: Any, answer: Any) -> Any:
    if kind == "CSV":
        return given + answer
    if isinstance(given, dict):
        return {**given, "SageMakerOutput": answer}
    return {"SageMakerInput": given, "SageMakerOutput": answer}
