"""Featurize text: statistics of characters, and counts of words as vectors."""

import math
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pandas as pd

from localaws.wrangler.choices import Members, Step, call, choose, columns, real, whole
from localaws.wrangler.errors import FlowError
from localaws.wrangler.frames import kind, text
from localaws.wrangler.hashing import FEATURES, slot
from localaws.wrangler.trained import Trained, read_model, write_model
from localaws.wrangler.vectors import put, sparse, spread

Counts = list[dict[int, float]]


def featurize_text(step: Step) -> pd.DataFrame:
    """Do what the node chose."""
    function, given, member = choose(step.parameters, _TABLE)
    frame, trained = step.frame, Trained(step.trained, member)
    prefixed = given.get("output_column_prefix") or given.get("output_column")
    for column, output, rest in columns(frame, given):
        frame = function(frame, (column, output if prefixed else ""), rest, trained)
    return frame


def _statistics(
    frame: pd.DataFrame, names: tuple[str, str], given: Members, _: Trained
) -> pd.DataFrame:
    call(lambda: None, given)
    column, prefix = names
    values = text(frame[column])
    if values.isna().any():
        raise FlowError(f"the column {column!r} has missing values: fill them first")
    # Data Wrangler's own prefix ends in an underscore, and it adds another
    stem = prefix or f"{column}_"
    found = {
        f"{stem}_{name}": values.map(function).astype("float64")
        for name, function in _STATISTICS.items()
    }
    return frame.assign(**found)


def _share(belongs: Callable[[str], bool]) -> Callable[[str], float]:
    def share(value: str) -> float:
        bare = re.sub(r"\s+", "", value)
        return sum(map(belongs, bare)) / len(bare) if bare else 0.0

    return share


def _vectorize(
    frame: pd.DataFrame, names: tuple[str, str], given: Members, trained: Trained
) -> pd.DataFrame:
    column, output = names[0], names[1] or f"{names[0]}_features"
    if kind(frame[column]) != "string":
        raise FlowError(f"The column {column!r} must be a string: cast it first")
    plan = call(_plan, given)
    learned = trained.recall(column, *(given.get(name) for name in _HASHED))
    tokens = [plan["tokens"](value or "") for value in frame[column]]
    labels = plan["labels"](tokens, learned)
    counted = [plan["count"](words, labels) for words in tokens]
    size = plan["size"] or len(labels)
    if plan["weigh"]:
        counted = plan["weigh"](counted, size, learned)
    trained.keep(column, learned)
    if not plan["columns"]:
        return put(frame, output, [sparse(size, entry) for entry in counted])
    cells = {
        f"{output}_{label}": [entry.get(index, 0.0) for entry in counted]
        for label, index in labels.items()
    }
    return spread(frame, pd.DataFrame(cells, index=frame.index))


def _plan(
    *,
    tokenizer: str,
    vectorizer: str,
    apply_idf: str,
    output_format: str,
    tokenizer_standard_parameters: Members | None = None,
    tokenizer_custom_parameters: Members | None = None,
    vectorizer_count_vectorizer_parameters: Members | None = None,
    vectorizer_hashing_parameters: Members | None = None,
    apply_idf_yes_parameters: Members | None = None,
    apply_idf_no_parameters: Members | None = None,
) -> Members:
    for name, value, known in (
        ("tokenizer", tokenizer, ("Standard", "Custom")),
        ("vectorizer", vectorizer, ("Count Vectorizer", "Hashing")),
        ("apply_idf", apply_idf, ("Yes", "No")),
        ("output_format", output_format, ("Vector", "Columns")),
    ):
        if value not in known:
            raise FlowError(f"{name} must be one of {known}; found {value!r}")
    hashing = vectorizer == "Hashing"
    if hashing and output_format == "Columns":
        raise FlowError("output_format Columns needs the Count Vectorizer")
    plan = (
        call(_hashed, vectorizer_hashing_parameters or {})
        if hashing
        else call(_counted, vectorizer_count_vectorizer_parameters or {})
    )
    if tokenizer == "Custom":
        plan["tokens"] = call(_custom, tokenizer_custom_parameters or {})
    else:
        plan["tokens"] = lambda value: _split(r"\s", value.lower())
    weigh = call(_weighed, apply_idf_yes_parameters or {})
    plan["weigh"] = weigh if apply_idf == "Yes" else None
    return plan | {"columns": output_format == "Columns"}


def _split(pattern: str, value: str) -> list[str]:
    """Split as Java does: without the empty pieces at the end, unless all is empty."""
    pieces = re.split(pattern, value)
    while len(pieces) > 1 and not pieces[-1]:
        pieces.pop()
    return pieces if pieces != [""] or not value else []


def _custom(
    *,
    pattern: str,
    minimum_token_length: Any = 1,
    gaps: Any = True,
    lowercase_before_tokenization: Any = True,
) -> Callable[[str], list[str]]:
    least = whole(minimum_token_length, "minimum_token_length")
    try:
        known = re.compile(pattern)
    except re.error as error:
        raise FlowError(f"the pattern {pattern!r} is not legal: {error}") from error

    def tokens(value: str) -> list[str]:
        seen = value.lower() if lowercase_before_tokenization else value
        if gaps:
            found = _split(pattern, seen)
        else:
            found = [match[0] for match in known.finditer(seen)]
        return [token for token in found if len(token) >= least]

    return tokens


def _hashed(*, number_of_features: Any = FEATURES) -> Members:
    size = whole(number_of_features, "number_of_features")

    def count(words: list[str], _: Members) -> dict[int, float]:
        return {k: float(n) for k, n in Counter(slot(w, size) for w in words).items()}

    return {"size": size, "labels": lambda tokens, learned: {}, "count": count}


def _counted(
    *,
    minimum_term_frequency: Any = 1.0,
    minimum_document_frequency: Any = 1.0,
    maximum_document_frequency: Any = 1.0,
    maximum_vocabulary_size: Any = 10_000,
    binarize_count: Any = False,
) -> Members:
    fewest = real(minimum_term_frequency, "minimum_term_frequency")
    rarest = real(minimum_document_frequency, "minimum_document_frequency")
    commonest = real(maximum_document_frequency, "maximum_document_frequency")
    most = whole(maximum_vocabulary_size, "maximum_vocabulary_size")

    def labels(tokens: list[list[str]], learned: Members) -> dict[str, int]:
        for row in read_model(learned.get("vectorizer_model", "")):
            return {word: index for index, word in enumerate(row["vocabulary"])}
        totals = Counter(word for words in tokens for word in words)
        documents = Counter(word for words in tokens for word in set(words))
        # below 1 it is a share of the rows, from 1 on their number
        low, high = (
            bound if bound >= 1 else bound * len(tokens)
            for bound in (rarest, commonest)
        )
        fitting = [word for word in totals if low <= documents[word] <= high]
        kept = sorted(fitting, key=lambda word: (-totals[word], word))[:most]
        if not kept:
            raise FlowError("no word is in the vocabulary: widen the frequencies")
        model = write_model("CountVectorizerModel", {"vocabulary": kept})
        learned["vectorizer_model"] = model
        return {word: index for index, word in enumerate(kept)}

    def count(words: list[str], labels: dict[str, int]) -> dict[int, float]:
        least = fewest if fewest >= 1 else fewest * len(words)
        found = Counter(labels[word] for word in words if word in labels)
        enough = {index: float(n) for index, n in found.items() if n >= least}
        return dict.fromkeys(enough, 1.0) if binarize_count else enough

    return {"size": None, "labels": labels, "count": count}


def _weighed(*, minimum_document_frequency: Any = 1) -> Callable[..., Counts]:
    least = whole(minimum_document_frequency, "minimum_document_frequency")

    def weigh(counted: Counts, size: int, learned: Members) -> Counts:
        weights: dict[int, float] = {}
        for row in read_model(learned.get("idf_model", "")):
            weights = {i: float(w) for i, w in enumerate(row["idf"]["values"])}
        if not weights:
            documents = Counter(index for entry in counted for index in entry)
            weights = {
                index: math.log((len(counted) + 1) / (number + 1))
                for index, number in documents.items()
                if number >= least
            }
            row = {"idf": [weights.get(index, 0.0) for index in range(size)]}
            learned["idf_model"] = write_model("IDFModel", row)
        return [
            {index: value * weights.get(index, 0.0) for index, value in entry.items()}
            for entry in counted
        ]

    return weigh


_HASHED = (
    "tokenizer",
    "tokenizer_standard_parameters",
    "tokenizer_custom_parameters",
    "vectorizer",
    "vectorizer_count_vectorizer_parameters",
    "vectorizer_hashing_parameters",
    "apply_idf",
    "apply_idf_yes_parameters",
    "apply_idf_no_parameters",
)
_STATISTICS: dict[str, Callable[[str], float]] = {
    "word_count": lambda value: len(value.split()),
    "char_count": len,
    "special_ratio": _share(lambda c: re.match(r"\W", c) is not None),
    "digit_ratio": _share(str.isdigit),
    "lower_ratio": _share(str.islower),
    "capital_ratio": _share(str.isupper),
}
_TABLE = {
    "Character statistics": (_statistics, "character_statistics_parameters"),
    "Vectorize": (_vectorize, "vectorize_parameters"),
}
