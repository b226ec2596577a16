"""The handler contract of the serving containers: model_fn, input_fn, predict_fn ...

As the servers of the scikit-learn, XGBoost and PyTorch images have it, so that code
which answers here answers on AWS.
"""

import inspect
import json
import os
import sys
import traceback
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localaws.jobs.defaults import AS_TEXT, JSON, PYTORCH, SCIKIT_LEARN, XGBOOST

if TYPE_CHECKING:
    from localaws.algorithms import Algorithm

Response = tuple[int, bytes, str]
_DEFAULT_PROGRAM = "inference.py"
_PARTS = ("input_fn", "predict_fn", "output_fn")


class LoadError(Exception):
    """The serving code breaks the contract."""


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
    """Answers with the functions of a user's script, in the scikit-learn image.

    Its server is Flask: text that output_fn returns without a type is HTML, a
    dictionary is JSON, and text/* is given a charset.
    """

    defaults = SCIKIT_LEARN

    def __init__(self, script: Path | None, model_dir: Path) -> None:
        """Run the script and load its model.

        Args:
            script: the serving script; None where the image can do without.
            model_dir: argument of model_fn.

        Raises:
            LoadError: there is no model_fn, or functions that exclude others.
            Exception: whatever the script raises.
        """
        theirs = vars(_import(script)) if script else {}
        self._call = {**self.defaults, **theirs}
        if "model_fn" not in self._call:
            name = script.name if script else "the container"
            raise LoadError(
                f"{name} has no model_fn. Please provide a model_fn implementation: "
                "model_fn(model_dir) loads and returns the model"
            )
        parts = [name for name in _PARTS if name in theirs]
        if "transform_fn" in theirs and parts:
            raise LoadError(
                f"Cannot use transform_fn implementation in conjunction with {parts[0]}"
            )
        self._model = self._load(str(model_dir))

    def _load(self, model_dir: str) -> Any:
        return self._call["model_fn"](model_dir)

    def __call__(self, body: bytes, content_type: str, accept: str) -> Response:
        """Answer one request."""
        if not accept or accept == "*/*":
            accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", JSON)
        data: bytes | str = body
        if content_type in AS_TEXT:
            data = body.decode()
        call = self._call
        if "transform_fn" in call:
            result = call["transform_fn"](self._model, data, content_type, accept)
        else:
            features = call["input_fn"](data, content_type)
            prediction = call["predict_fn"](features, self._model)
            result = call["output_fn"](prediction, accept)
        answer, kind = self._typed(result, accept)
        if isinstance(answer, str):
            answer = answer.encode()
        if not isinstance(answer, bytes | bytearray):
            raise TypeError(
                f"the answer must be str or bytes, not {type(answer).__name__}"
            )
        return 200, bytes(answer), kind

    def _typed(self, result: Any, accept: str) -> tuple[Any, str]:
        """An answer and its media type, from what output_fn returned."""
        if isinstance(result, tuple):
            answer, kind = result
            text = kind.startswith("text/") or kind.endswith(("/xml", "+xml"))
            return answer, f"{kind}; charset=utf-8" if text else kind
        if isinstance(result, dict):
            text = json.dumps(result, sort_keys=True, separators=(",", ":"))
            return f"{text}\n", JSON
        return result, "text/html; charset=utf-8"


class XGBoostHandler(ScriptHandler):
    """Answers in the XGBoost image, where the data become a DMatrix."""

    defaults = XGBOOST


class PyTorchHandler(ScriptHandler):
    """Answers in the PyTorch image; an error is told with its traceback."""

    defaults = PYTORCH

    def _load(self, model_dir: str) -> Any:
        most = {"model_fn": 1, "transform_fn": 4} | dict.fromkeys(_PARTS, 2)
        for name, count in most.items():
            function = self._call.get(name)
            if function and len(inspect.signature(function).parameters) > count:
                raise LoadError(
                    f"{name} takes {count} arguments here: the context of TorchServe "
                    "does not exist"
                )
        if "pre_model_fn" in self._call:
            self._call["pre_model_fn"](model_dir)
        model = super()._load(model_dir)
        if "model_warmup_fn" in self._call:
            self._call["model_warmup_fn"](model_dir, model)
        return model

    def __call__(self, body: bytes, content_type: str, accept: str) -> Response:
        """Answer one request."""
        try:
            return super().__call__(body, content_type, accept)
        except Exception as error:
            trace = traceback.format_exc()
            print(trace, end="", flush=True)
            return 500, f"{error}\n{trace}".encode(), "text/plain"

    def _typed(self, result: Any, accept: str) -> tuple[Any, str]:
        return result if isinstance(result, tuple) else (result, accept)


HANDLERS: dict[str | None, type[ScriptHandler]] = {
    None: ScriptHandler,
    "xgboost": XGBoostHandler,
    "pytorch": PyTorchHandler,
}


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
