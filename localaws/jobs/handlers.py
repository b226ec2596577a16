"""The handler contract of the serving containers: model_fn, input_fn, predict_fn ...

As the inference toolkits of the scikit-learn and XGBoost containers have it, so that
code which answers here answers on AWS. One row of CSV therefore reaches predict_fn as
a one-dimensional array, as it does there.
"""

import io
import json
import os
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from localaws.algorithms import Algorithm

Response = tuple[int, bytes, str]
_JSON, _CSV, _NPY = "application/json", "text/csv", "application/x-npy"
_AS_TEXT = (_JSON, _CSV)
_DEFAULT_PROGRAM = "inference.py"


class LoadError(Exception):
    """The serving code breaks the contract."""


class UnsupportedFormat(ValueError):
    """A content type that the default handlers do not know.

    Attributes:
        status: 415 for a request, 406 for an answer.
    """

    def __init__(self, content_type: str, status: int) -> None:
        super().__init__(
            f"Content type {content_type} is not supported by this framework. Please"
            f" implement {'input_fn' if status == 415 else 'output_fn'} to handle it."
        )
        self.status = status


def find_program(folders: list[Path], program: str | None) -> Path | None:
    """The serving script.

    Args:
        folders: where to look, in this order.
        program: its name; None for `inference.py`, if there is one.

    Returns:
        Its path; None when none is asked for and there is none.

    Raises:
        LoadError: `program` is not there.
    """
    for folder in folders:
        path = folder / (program or _DEFAULT_PROGRAM)
        if path.is_file():
            return path
    if program is None:
        return None
    places = ", ".join(str(folder) for folder in folders)
    raise LoadError(f"the serving script {program!r} is in none of: {places}")


class ScriptHandler:
    """Answers with the functions of a user's script."""

    def __init__(self, script: Path, model_dir: Path, algorithm: str | None) -> None:
        """Run the script and load its model.

        Args:
            script: the serving script.
            model_dir: argument of model_fn.
            algorithm: "xgboost" for the defaults of that framework container.

        Raises:
            LoadError: the script has no model_fn, or functions that exclude others.
            Exception: whatever the script raises.
        """
        module = _import(script)
        theirs = vars(module)
        if "model_fn" not in theirs:
            raise LoadError(
                f"{script.name} has no model_fn. Please provide a model_fn"
                " implementation: model_fn(model_dir) loads and returns the model"
            )
        if "transform_fn" in theirs:
            for name in ("input_fn", "predict_fn", "output_fn"):
                if name in theirs:
                    raise LoadError(
                        "Cannot use transform_fn implementation in conjunction with"
                        f" {name}"
                    )
        defaults = _XGBOOST if algorithm == "xgboost" else _SCIKIT_LEARN
        self._functions: dict[str, Callable[..., Any]] = {**defaults, **theirs}
        self._model = theirs["model_fn"](str(model_dir))

    def __call__(self, body: bytes, content_type: str, accept: str) -> Response:
        """Answer one request."""
        if not accept or accept == "*/*":
            accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", _JSON)
        data: bytes | str = body
        if _kind(content_type) in _AS_TEXT:
            data = body.decode()
        call = self._functions
        try:
            if "transform_fn" in call:
                result = call["transform_fn"](self._model, data, content_type, accept)
            else:
                features = call["input_fn"](data, content_type)
                prediction = call["predict_fn"](features, self._model)
                result = call["output_fn"](prediction, accept)
        except UnsupportedFormat as error:
            return error.status, str(error).encode(), "text/plain"
        answer, kind = result if isinstance(result, tuple) else (result, accept)
        if isinstance(answer, str):
            answer = answer.encode()
        if not isinstance(answer, bytes | bytearray):
            raise TypeError(
                f"the answer must be str or bytes, not {type(answer).__name__}"
            )
        return 200, bytes(answer), kind


class AlgorithmHandler:
    """Answers with the artefact of a built-in algorithm."""

    def __init__(self, algorithm: "Algorithm", model_dir: Path) -> None:
        """Load the artefact.

        Args:
            algorithm: the algorithm.
            model_dir: where the artefact is.

        Raises:
            LoadError: it cannot be loaded.
        """
        self._algorithm = algorithm
        try:
            self._model = algorithm.load(model_dir)
        except ValueError as error:
            raise LoadError(str(error)) from error

    def __call__(self, body: bytes, content_type: str, accept: str) -> Response:
        """Answer one request."""
        from localaws.algorithms import InferenceError

        try:
            answer, kind = self._algorithm.predict(
                self._model, body, content_type, accept
            )
        except InferenceError as error:
            return error.status, str(error).encode(), "text/plain"
        return 200, answer, kind


def _import(script: Path) -> types.ModuleType:
    sys.path.insert(0, str(script.parent))
    # under its own name too: what it pickles or imports finds it there
    module = types.ModuleType(script.stem)
    module.__file__ = str(script)
    sys.modules[script.stem] = module
    exec(compile(script.read_bytes(), str(script), "exec"), module.__dict__)
    return module


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _input(data: bytes | str, content_type: str) -> "np.ndarray":
    import numpy as np

    kind = _kind(content_type)
    if kind == _JSON:
        return np.array(json.loads(data)).astype(np.float32)
    if kind == _CSV and isinstance(data, str):
        return np.genfromtxt(io.StringIO(data), delimiter=",").astype(np.float32)
    if kind == _NPY and isinstance(data, bytes):
        return np.load(io.BytesIO(data), allow_pickle=False)
    raise UnsupportedFormat(content_type, 415)


def _predict(features: Any, model: Any) -> Any:
    return model.predict(features)


def _output(prediction: Any, accept: str) -> tuple[bytes | str, str]:
    import numpy as np

    kind = _kind(accept)
    if kind == _JSON:
        return json.dumps(np.asarray(prediction).tolist()), accept
    if kind == _CSV:
        text = io.StringIO()
        np.savetxt(text, np.asarray(prediction), delimiter=",", fmt="%s")
        return text.getvalue(), accept
    if kind == _NPY:
        stream = io.BytesIO()
        np.save(stream, np.asarray(prediction), allow_pickle=False)
        return stream.getvalue(), accept
    raise UnsupportedFormat(accept, 406)


def _xgboost_input(data: bytes | str, content_type: str) -> Any:
    import xgboost

    from localaws.algorithms import tables

    body = data.encode() if isinstance(data, str) else data
    kind = _kind(content_type)
    if kind == _CSV:
        return xgboost.DMatrix(tables.parse_csv(body, "the request"), nthread=1)
    if kind in ("text/libsvm", "text/x-libsvm"):
        return xgboost.DMatrix(tables.parse_libsvm(body), nthread=1)
    raise UnsupportedFormat(content_type, 415)


def _xgboost_predict(features: Any, model: Any) -> Any:
    return model.predict(features, validate_features=False)


_SCIKIT_LEARN: Mapping[str, Callable[..., Any]] = {
    "input_fn": _input,
    "predict_fn": _predict,
    "output_fn": _output,
}
_XGBOOST: Mapping[str, Callable[..., Any]] = {
    "input_fn": _xgboost_input,
    "predict_fn": _xgboost_predict,
    "output_fn": _output,
}
