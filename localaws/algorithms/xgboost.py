"""The built-in XGBoost: the contract of AWS's container round the real library.

The artefact `xgboost-model` holds the booster in UBJSON, which any XGBoost from 1.6 on
loads: `xgboost.Booster().load_model(bytearray(path.read_bytes()))`.

Not in the local form: Pipe mode, more than one host, GPUs, checkpoints, k-fold
training, selectable inference (SAGEMAKER_INFERENCE_OUTPUT).
"""

import os
from collections.abc import Mapping
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localaws.algorithms import recordio, tables
from localaws.algorithms.errors import AlgorithmFailure, InferenceError, UserError
from localaws.algorithms.first_party import check_channels, fail, read_config
from localaws.algorithms.xgboost_parameters import METRICS, check

if TYPE_CHECKING:
    import xgboost

_MODEL = "xgboost-model"
_CSV = ("text/csv", "csv")
_LIBSVM = ("text/libsvm", "text/x-libsvm", "libsvm")
_PARQUET = ("application/x-parquet", "parquet")
_RECORDIO = ("application/x-recordio-protobuf", "recordio-protobuf")


class XGBoost:
    """The algorithm `xgboost`; see `localaws.algorithms.Algorithm`."""

    name = "xgboost"
    content_types = (*_CSV, *_LIBSVM, *_PARQUET, *_RECORDIO)
    metrics = tuple(
        (f"{channel}:{metric}", rf".*\[[0-9]+\].*#011{channel}-{metric}:([^\s#]+)")
        for channel in ("train", "validation")
        for metric in METRICS
    )

    def check(self, hyperparameters: Mapping[str, str]) -> dict[str, Any]:
        """Convert hyperparameters from strings; HyperparameterError if refused."""
        return check(hyperparameters)

    def train(self, opt: Path) -> int:
        """Train on the channels `train` and `validation` of the tree `opt`.

        Returns:
            0; 2 for a mistake of the user, 1 for a failure of the library. The reason
            is then printed and in `output/failure`.
        """
        # imported here: the class is also read where nothing is trained
        from localaws.algorithms.xgboost_training import train

        try:
            model = train(read_config(opt, "hyperparameters"), self._channels(opt))
        except UserError as error:
            return fail(opt, f"ClientError: {error}", 2)
        except AlgorithmFailure as error:
            return fail(opt, f"AlgorithmError: {error}", 1)
        folder = opt / "model"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _MODEL).write_bytes(model.save_raw("ubj"))
        return 0

    def _channels(self, opt: Path) -> dict[str, tuple[Path, str]]:
        described = check_channels(opt, "XGBoost", ("validation",))
        data = opt / "input" / "data"
        return {
            name: (data / name, _format(channel.get("ContentType")))
            for name, channel in described.items()
        }

    def load(self, model_dir: Path) -> "xgboost.Booster":
        """Load the booster of `model_dir`.

        Raises:
            ValueError: there is no model, or it is damaged.
        """
        import xgboost

        if "SAGEMAKER_INFERENCE_OUTPUT" in os.environ:
            raise ValueError(
                "SAGEMAKER_INFERENCE_OUTPUT (selectable inference) is not in the local"
                " form of XGBoost"
            )
        path = model_dir / _MODEL
        if not path.is_file():
            raise ValueError(f"Unable to load model: no file {_MODEL} in {model_dir}")
        booster = xgboost.Booster({"nthread": 1})
        try:
            booster.load_model(bytearray(path.read_bytes()))
        except xgboost.core.XGBoostError as error:
            reason = str(error).splitlines()[0]
            raise ValueError(f"Unable to load model: {reason}") from error
        return booster

    def predict(
        self, model: "xgboost.Booster", body: bytes, content_type: str, accept: str
    ) -> tuple[bytes, str]:
        """Answer one request as the container does, whatever `accept` says.

        Args:
            model: from `load`.
            body: rows without label, CSV, libsvm or RecordIO-protobuf.
            content_type: default text/csv.
            accept: ignored, as in the container.

        Returns:
            The predictions on one line, commas between; a line each in a batch
            transform job (SAGEMAKER_BATCH).

        Raises:
            InferenceError: 204 for an empty request, 415 for one that cannot be read,
                400 for one that does not fit the model.
        """
        import xgboost

        if not body.strip():
            raise InferenceError("", 204)
        kind = content_type.partition(";")[0].strip().lower() or "text/csv"
        rows = _rows(body, kind)
        wanted, found = model.num_features(), rows.shape[1]
        if found > wanted or (kind not in _LIBSVM and found != wanted):
            raise InferenceError(
                f"Unable to evaluate payload provided: Feature size of"
                f" {kind.rpartition('/')[2]} inference data {found} is not consistent"
                f" with feature size of trained model {wanted}."
            )
        if kind in _LIBSVM:
            rows.resize(rows.shape[0], wanted)
        values = model.predict(xgboost.DMatrix(rows, nthread=1))
        texts = map(str, values.tolist())
        if os.environ.get("SAGEMAKER_BATCH"):
            text = "\n".join(texts) + "\n"
        else:
            text = ",".join(texts)
        return text.encode(), "text/csv; charset=utf-8"


def _rows(body: bytes, kind: str) -> Any:
    if kind not in (*_CSV, *_LIBSVM, *_RECORDIO):
        raise InferenceError(
            f"Content-type {kind} not supported. Supported content-type is text/csv,"
            " text/libsvm, application/x-recordio-protobuf",
            415,
        )
    word = "csv" if kind in _CSV else kind.rpartition("/")[2].removeprefix("x-")
    try:
        if word == "csv":
            return tables.parse_csv(body, "the request")
        if kind in _RECORDIO:
            return recordio.decode(body, "the request")[0]
        return tables.parse_libsvm(body)
    except ValueError as error:
        raise InferenceError(
            f"Loading {word} data failed with Exception, please ensure data is in"
            f" {word} format:\n {type(error)}\n {error}",
            415,
        ) from error


def _format(content_type: str | None) -> str:
    if content_type is None:
        return "libsvm"
    message = Message()
    message["Content-Type"] = content_type.lower()
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _LIBSVM:
        return "libsvm"
    if kind in _CSV:
        if message.get_param("label_size", "1") != "1":
            raise UserError(
                f"{content_type} is not an accepted csv ContentType. Optional parameter"
                " label_size must be equal to 1"
            )
        return "csv"
    if kind in _PARQUET:
        return "parquet"
    if kind in _RECORDIO:
        return "recordio"
    accepted = ", ".join((*_CSV, *_LIBSVM, *_PARQUET, *_RECORDIO))
    raise UserError(f"{content_type} is not an accepted ContentType: {accepted}.")
