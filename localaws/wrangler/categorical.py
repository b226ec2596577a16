"""Encode categorical: ordinal and one-hot as Spark's StringIndexer counts, similar."""

from typing import Any

import pandas as pd

from localaws.wrangler.choices import Members, Step, call, choose, columns
from localaws.wrangler.errors import FlowError
from localaws.wrangler.frames import number, text
from localaws.wrangler.similarity import similarity_encode
from localaws.wrangler.trained import Trained, read_model, write_model
from localaws.wrangler.vectors import put, sparse

_ORDINAL = ("Skip", "Error", "Keep", "Replace with NaN")
_ONE_HOT = ("Skip", "Error", "Keep")
_MODEL = "string_indexer_model"


def encode_categorical(step: Step) -> pd.DataFrame:
    """Do what the node chose, column by column."""
    function, given, member = choose(step.parameters, _TABLE)
    trained = Trained(step.trained, member)
    frame = step.frame
    for column, output, rest in columns(frame, given):
        frame = call(function, rest, frame, column, output, trained)
    return frame


def _ordinal(
    frame: pd.DataFrame,
    column: str,
    output: str,
    trained: Trained,
    *,
    invalid_handling_strategy: str = "Error",
) -> pd.DataFrame:
    _check(invalid_handling_strategy, _ORDINAL)
    options = {"invalid_handling_strategy": invalid_handling_strategy}
    learned = trained.recall(column, **options)
    values = text(frame[column])
    labels = _labels(learned, values)
    learned["encoder_mapping"] = {str(i): label for i, label in enumerate(labels)}
    trained.keep(column, learned)
    codes = values.map({label: i for i, label in enumerate(labels)}).astype("float64")
    valid = _valid(codes, column, invalid_handling_strategy)
    if invalid_handling_strategy == "Keep":
        codes = codes.fillna(len(labels))
    return frame.assign(**{output: codes})[valid]


def _one_hot(
    frame: pd.DataFrame,
    column: str,
    output: str,
    trained: Trained,
    *,
    invalid_handling_strategy: str = "Error",
    drop_last: Any = True,
    output_style: str = "Vector",
    input_already_ordinal_encoded: Any = False,
) -> pd.DataFrame:
    strategy = invalid_handling_strategy
    _check(strategy, _ONE_HOT)
    learned = trained.recall(
        column, invalid_handling_strategy=strategy, drop_last=bool(drop_last)
    )
    if input_already_ordinal_encoded:
        values = number(frame, column)
        highest = int(values.max()) if values.notna().any() else -1
        labels: list[Any] = [*range(highest + 1)]
    else:
        values = text(frame[column])
        values = values.where(values != "", None)
        labels = _labels(learned, values)
    trained.keep(column, learned)
    valid = _valid(values.where(values.isin(labels)), column, strategy)
    kept = frame.drop(columns=column) if output == column else frame
    if output_style != "Columns":
        return _vectors(frame, output, (values, labels), strategy, bool(drop_last))[
            valid
        ]
    # with Keep what is invalid is the last category, and has no column in any case
    shown = labels[:-1] if drop_last and strategy != "Keep" else labels
    encoded = {f"{output}_{x}": (values == x).astype("float64") for x in shown}
    return kept.assign(**encoded)[valid]


def _vectors(
    frame: pd.DataFrame,
    output: str,
    known: tuple[pd.Series, list[Any]],
    strategy: str,
    drop_last: bool,
) -> pd.DataFrame:
    """Return the frame with one sparse vector a row; Keep counts what is invalid."""
    values, labels = known
    places = {label: index for index, label in enumerate(labels)}
    size = len(labels) + (strategy == "Keep") - drop_last
    found = [places.get(value, len(labels)) for value in values]
    entries = [{index: 1.0} if index < size else {} for index in found]
    return put(frame, output, [sparse(size, entry) for entry in entries])


def _labels(learned: Members, values: pd.Series) -> list[str]:
    """Return the categories in their order: most frequent first, then by name."""
    known = learned.get("encoder_mapping")
    if known:
        return [known[key] for key in sorted(known, key=int)]
    for row in read_model(learned.get(_MODEL, "")):
        return [str(label) for label in row["labelsArray"][0]]
    counts = sorted(values.value_counts().items(), key=lambda c: (-c[1], c[0]))
    labels = [label for label, _ in counts]
    learned[_MODEL] = write_model("StringIndexerModel", {"labelsArray": [labels]})
    return labels


def _check(strategy: str, known: tuple[str, ...]) -> None:
    if strategy not in known:
        raise FlowError(
            f"invalid_handling_strategy must be one of {known}; found {strategy!r}"
        )


def _valid(values: pd.Series, column: str, strategy: str) -> pd.Series:
    """Return which rows stay."""
    invalid = values.isna()
    if strategy == "Error" and invalid.any():
        raise FlowError(
            f"{int(invalid.sum())} rows have a value of {column!r} that is missing or "
            "was not seen when the encoder was trained, and invalid_handling_strategy "
            "is Error"
        )
    return ~invalid if strategy == "Skip" else pd.Series(True, index=values.index)


_TABLE = {
    "Ordinal encode": (_ordinal, "ordinal_encode_parameters"),
    "One-hot encode": (_one_hot, "one_hot_encode_parameters"),
    "Similarity encode": (similarity_encode, "similarity_encode_parameters"),
}
