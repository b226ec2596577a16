"""What Amazon's own algorithms share: channels, log, artefact, requests.

The artefact `model_algo-1` is a NumPy archive of the arrays that the algorithm learns
(an MXNet file on AWS): `numpy.load(path)` reads it.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from localaws.algorithms import exchange, recordio, tables
from localaws.algorithms import hyperparameters as hp
from localaws.algorithms.errors import AlgorithmFailure, UserError
from localaws.algorithms.tables import Table

if TYPE_CHECKING:
    import numpy as np

ARTEFACT = "model_algo-1"
Arrays = dict[str, "np.ndarray"]
Tables = Mapping[str, Table]


class FirstParty:
    """One of Amazon's algorithms on tables; see `localaws.algorithms.Algorithm`.

    Attributes:
        known: its hyperparameters.
        channels: names of the channels that it may read beside `train`.
        labelled: names of the channels that need labels.
        requests: media types that it reads.
        answers: media types that it writes.
        envelope: member of the JSON answer that holds the predictions.
        sparse: whether it works on CSR matrices.
    """

    name: ClassVar[str]
    metrics: ClassVar[tuple[tuple[str, str], ...]] = ()
    content_types: ClassVar[tuple[str, ...]] = (exchange.CSV, exchange.RECORDIO)
    known: ClassVar[tuple[hp.Hyperparameter, ...]]
    channels: ClassVar[tuple[str, ...]] = ("test",)
    labelled: ClassVar[tuple[str, ...]] = ()
    requests: ClassVar[tuple[str, ...]] = (
        exchange.CSV,
        exchange.JSON,
        exchange.LINES,
        exchange.RECORDIO,
    )
    answers: ClassVar[tuple[str, ...]] = (
        exchange.JSON,
        exchange.LINES,
        exchange.RECORDIO,
    )
    envelope: ClassVar[str] = "predictions"
    sparse: ClassVar[bool] = False

    def check(self, hyperparameters: Mapping[str, str]) -> dict[str, Any]:
        """Convert hyperparameters from strings; HyperparameterError if refused."""
        tuned = hp.choice(
            "_tuning_objective_metric", *(name for name, _ in self.metrics)
        )
        values = hp.check((*self.known, tuned), {}, hyperparameters)
        self.check_together(values)
        return values

    def check_together(self, values: dict[str, Any]) -> None:
        """Refuse values that do not go with each other."""

    def fit(self, values: dict[str, Any], data: Tables) -> Arrays:
        """Learn the arrays of the artefact and print the log."""
        raise NotImplementedError

    def restore(self, arrays: Arrays) -> Any:
        """Make the model that answers from the arrays of the artefact."""
        return arrays

    def width(self, model: Any) -> int:
        """The number of features that a row of a request must have."""
        return int(model["feature_dim"])

    def answer(self, model: Any, rows: Any, accept: str) -> list[dict[str, Any]]:
        """Answer each row."""
        raise NotImplementedError

    def train(self, opt: Path) -> int:
        """Train on the channels of the tree `opt`.

        Returns:
            0; 2 for a mistake of the user, 1 for a failure of the library. The reason
            is then printed and in `output/failure`.
        """
        from threadpoolctl import threadpool_limits

        try:
            values = self.check(read_config(opt, "hyperparameters"))
            data = self._tables(opt, values.get("feature_dim"))
            with threadpool_limits(1):
                arrays = self.fit(values, data)
        except UserError as error:
            return fail(opt, f"ClientError: {error}", 2)
        except AlgorithmFailure as error:
            return fail(opt, f"AlgorithmError: {error}", 1)
        save(opt / "model" / ARTEFACT, arrays)
        return 0

    def load(self, model_dir: Path) -> Any:
        """Load the artefact of `model_dir`; ValueError if there is none."""
        return self.restore(load(model_dir / ARTEFACT))

    def predict(
        self, model: Any, body: bytes, content_type: str, accept: str
    ) -> tuple[bytes, str]:
        """Answer one request; InferenceError if it cannot be answered."""
        rows, _ = exchange.read(body, content_type, self.width(model), self.requests)
        exchange.accepted(accept, self.answers)
        if not self.sparse:
            rows = dense(rows)
        answers = self.answer(model, rows, accept)
        return exchange.write(answers, accept, self.answers, self.envelope)

    def _tables(self, opt: Path, wanted: int | None) -> dict[str, Table]:
        described = check_channels(opt, self.name, self.channels)
        found = {}
        for name, channel in described.items():
            table = self._read(opt, name, channel.get("ContentType"))
            width = table.features.shape[1]
            first = found.get("train", table).features.shape[1]
            if wanted is not None and width != wanted:
                raise UserError(
                    f"The {name} channel has {width} features, the hyperparameter"
                    f" feature_dim is {wanted}.{_hint(channel)}"
                )
            if width != first:
                raise UserError(
                    f"The {name} channel has {width} features, the train channel"
                    f" {first}.{_hint(channel)}"
                )
            found[name] = table
        return found

    def _read(self, opt: Path, name: str, content_type: str | None) -> Table:
        folder = opt / "input" / "data" / name
        default = self.content_types[-1]
        kind, parameters = exchange.media_type(content_type or default)
        if kind not in self.content_types:
            raise UserError(
                f"{content_type} is not an accepted ContentType of {self.name}:"
                f" {', '.join(self.content_types)}"
            )
        if kind == exchange.CSV:
            table = _csv(folder, parameters.get("label_size", "1"))
        else:
            table = _recordio(folder)
        if name in self.labelled and table.labels is None:
            raise UserError(f"The {name} channel has no labels, {self.name} needs them")
        if self.sparse:
            return table
        return Table(dense(table.features), table.labels)


def check_channels(
    opt: Path, algorithm: str, optional: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """The described channels, `train` first; UserError if one is missing or unknown."""
    described = read_config(opt, "inputdataconfig")
    if "train" not in described:
        raise UserError("Missing required channel: train")
    known = ("train", *optional)
    for name in described:
        if name not in known:
            raise UserError(
                f"Extraneous channel found: {name}. {algorithm} reads the channels"
                f" {', '.join(known)}"
            )
    return {name: described[name] for name in known if name in described}


def report(channel: str, name: str, value: float, mark: str) -> None:
    """Print a metric as the containers do; `mark` is "loss" or "score"."""
    print(f"[INFO] #{channel}_score (algo-1) : ('{name}', {value})", flush=True)
    print(
        f"[INFO] #quality_metric: host=algo-1, {channel} {name} <{mark}>={value}",
        flush=True,
    )


def metric(channel: str, name: str, logged: str | None = None) -> tuple[str, str]:
    """A metric and the expression that finds it in what `report` prints."""
    epoch = r"(?:epoch=\d+, )?"
    line = rf"#quality_metric: host=\S+, {epoch}{channel} {logged or name}"
    return f"{channel}:{name}", rf"{line} <(?:loss|score)>=(\S+)"


def dense(matrix: Any) -> "np.ndarray":
    """The matrix without its sparseness."""
    return matrix.toarray() if hasattr(matrix, "toarray") else matrix


def save(path: Path, arrays: Arrays) -> None:
    """Write arrays as a NumPy archive; the same arrays give the same bytes."""
    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez(file, **arrays)


def load(path: Path) -> Arrays:
    """Read what `save` wrote; ValueError if it is not there or damaged."""
    import zipfile

    import numpy as np

    if not path.is_file():
        raise ValueError(f"Unable to load model: no file {path.name} in {path.parent}")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (
        OSError,
        ValueError,
        TypeError,
        AttributeError,
        zipfile.BadZipFile,
    ) as error:
        raise ValueError(f"Unable to load model: {path.name}: {error}") from error


def read_config(opt: Path, name: str) -> dict[str, Any]:
    """A JSON file of `input/config`; empty if it is not there."""
    path = opt / "input" / "config" / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def fail(opt: Path, reason: str, code: int) -> int:
    """Write and print why the training failed; returns the exit code."""
    folder = opt / "output"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "failure").write_text(reason)
    print(reason, flush=True)
    return code


def _csv(folder: Path, label_size: str) -> Table:
    import numpy as np

    if label_size not in ("0", "1"):
        raise UserError(f"label_size must be 0 or 1, not {label_size!r}")
    rows = tables.read_rows(folder, tables.parse_csv)
    bad = ~np.isfinite(rows).all(axis=1)
    if bad.any():
        row = int(np.flatnonzero(bad)[0]) + 1
        raise UserError(f"Row {row} of the {folder.name} channel has a missing value")
    if label_size == "0":
        return Table(rows, None)
    return Table(rows[:, 1:], rows[:, 0])


def _recordio(folder: Path) -> Table:
    import numpy as np
    from scipy import sparse

    table = recordio.read(folder)
    values = table.features.data if sparse.issparse(table.features) else table.features
    if not np.isfinite(values).all():
        raise UserError(f"A record of the {folder.name} channel has a missing value")
    return table


def _hint(channel: Mapping[str, Any]) -> str:
    kind, parameters = exchange.media_type(channel.get("ContentType") or "")
    if kind == exchange.CSV and "label_size" not in parameters:
        return (
            " The first column of text/csv is the label; for data without labels"
            " give the content type text/csv;label_size=0"
        )
    return ""
