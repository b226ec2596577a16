"""Requests and answers of Amazon's algorithms: "Common data formats for inference"."""

import json
from collections.abc import Mapping, Sequence
from email.message import Message
from typing import Any

from localaws.algorithms import recordio, tables
from localaws.algorithms.errors import InferenceError

CSV = "text/csv"
JSON = "application/json"
LINES = "application/jsonlines"
RECORDIO = "application/x-recordio-protobuf"


def media_type(text: str) -> tuple[str, dict[str, str]]:
    """Split a media type: ("text/csv", {"label_size": "0"})."""
    message = Message()
    message["Content-Type"] = text.lower()
    kind = text.partition(";")[0].strip().lower()
    return kind, dict((message.get_params() or [])[1:])


def read(
    body: bytes, content_type: str, width: int, kinds: Sequence[str]
) -> tuple[Any, str]:
    """Read the rows of a request.

    Args:
        body: the request.
        content_type: its media type; default text/csv.
        width: the number of features that the model wants.
        kinds: the media types that the algorithm reads.

    Returns:
        A float32 matrix, dense or CSR, and the media type.

    Raises:
        InferenceError: 204 for an empty request, 415 for another media type, 400 for
            one that cannot be read or does not fit the model.
    """
    if not body.strip():
        raise InferenceError("", 204)
    kind, parameters = media_type(content_type or CSV)
    if kind not in kinds:
        raise InferenceError(
            f"unable to evaluate payload provided: Content-type {kind} not supported."
            f" Supported content-types are {', '.join(kinds)}",
            415,
        )
    try:
        rows = _parse(body, kind, int(parameters.get("label_size", "0")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"no member {error}" if isinstance(error, KeyError) else str(error)
        raise InferenceError(
            f"unable to evaluate payload provided: the body is not {kind}: {reason}"
        ) from error
    if rows.shape[1] != width:
        raise InferenceError(
            f"unable to evaluate payload provided: the model has feature_dim {width},"
            f" a row of the request has {rows.shape[1]} features"
        )
    _check_finite(rows)
    return rows, kind


def write(
    answers: Sequence[Mapping[str, Any]],
    accept: str,
    kinds: Sequence[str],
    envelope: str = "predictions",
) -> tuple[bytes, str]:
    """Write answers, one a row of the request.

    Args:
        answers: the members of each.
        accept: the media type that is wanted; default application/json.
        kinds: the media types that the algorithm writes.
        envelope: the member that holds the answers in JSON.

    Returns:
        (body, content type).

    Raises:
        InferenceError: 406 for a media type that the algorithm does not write.
    """
    kind = accepted(accept, kinds)
    if kind == JSON:
        return json.dumps({envelope: list(answers)}).encode(), JSON
    if kind == LINES:
        return "".join(json.dumps(one) + "\n" for one in answers).encode(), LINES
    if kind == RECORDIO:
        return recordio.encode_answers(answers), RECORDIO
    lines = (",".join(str(value) for value in one.values()) for one in answers)
    return "".join(line + "\n" for line in lines).encode(), CSV


def accepted(accept: str, kinds: Sequence[str]) -> str:
    """The media type to answer in; InferenceError 406 if there is none."""
    kind = media_type(accept)[0] if accept else "*/*"
    if kind in ("*/*", "application/*"):
        return JSON
    if kind not in kinds:
        raise InferenceError(
            f"Accept type {kind} not supported. Supported accept types are"
            f" {', '.join(kinds)}",
            406,
        )
    return kind


def _parse(body: bytes, kind: str, label_size: int) -> Any:
    if kind == CSV:
        return tables.parse_csv(body, "the request")[:, label_size:]
    if kind == RECORDIO:
        return recordio.decode(body, "the request")[0]
    if kind == LINES:
        documents = [json.loads(line) for line in body.splitlines() if line.strip()]
    else:
        documents = json.loads(body)["instances"]
    return _stacked([_features(one) for one in documents])


def _features(instance: Any) -> Any:
    """One instance: a list of numbers, or {"keys", "values", "shape"}."""
    held = instance.get("data", instance)["features"]
    return held if isinstance(held, list) or held.get("keys") else held["values"]


def _stacked(vectors: list[Any]) -> Any:
    import numpy as np
    from scipy.sparse import csr_matrix

    if not vectors:
        raise ValueError("there are no instances")
    if all(isinstance(one, list) for one in vectors):
        if len({len(one) for one in vectors}) > 1:
            raise ValueError("the instances have different numbers of features")
        return np.array(vectors, dtype=np.float32)
    columns, values, ends, widths = [], [], [0], set()
    for one in vectors:
        keys = list(range(len(one))) if isinstance(one, list) else one["keys"]
        members = one if isinstance(one, list) else one["values"]
        width = len(one) if isinstance(one, list) else int(np.prod(one["shape"]))
        if len(keys) != len(members) or any(not 0 <= key < width for key in keys):
            raise ValueError("the keys of an instance do not fit its values or shape")
        columns += keys
        values += members
        ends.append(len(columns))
        widths.add(width)
    if len(widths) > 1:
        raise ValueError("the instances have different shapes")
    data = np.array(values, dtype=np.float32)
    return csr_matrix((data, columns, ends), shape=(len(vectors), widths.pop()))


def _check_finite(rows: Any) -> None:
    import numpy as np

    values = rows.data if hasattr(rows, "tocsr") else rows
    if not np.isfinite(values).all():
        raise InferenceError(
            "unable to evaluate payload provided: a value is missing or infinite"
        )
