"""The default functions of the serving images, where a script brings none of its own.

As the toolkits of those images have them, so that code which answers here answers on
AWS; `tests/oracles` runs the toolkits beside. One row of CSV therefore reaches
predict_fn as a one-dimensional array, and a media type with a parameter is not known.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

JSON, CSV, NPY = "application/json", "text/csv", "application/x-npy"
AS_TEXT = (JSON, CSV)
_LIBSVM = ("text/libsvm", "text/x-libsvm")


class UnsupportedFormat(ValueError):
    """A media type that the default functions do not know."""

    def __init__(self, content_type: str) -> None:
        super().__init__(
            f"Content type {content_type} is not supported by this framework. Please "
            "implement input_fn to deserialize the request data or an output_fn to "
            "serialize the response."
        )


def _dumped(prediction: Any) -> str:
    def plain(value: Any) -> Any:
        if hasattr(value, "tolist"):
            return value.tolist()
        raise TypeError(
            f"Object of type {type(value).__name__} is not JSON serializable"
        )

    return json.dumps(prediction, default=plain)


def _saved(prediction: Any) -> bytes:
    import numpy as np

    stream = io.BytesIO()
    np.save(stream, prediction)
    return stream.getvalue()


def _rows(text: str) -> "np.ndarray":
    import numpy as np

    rows = list(csv.reader(io.StringIO(text), strict=True))
    return np.array(rows).squeeze()


def _input(data: bytes | str, content_type: str) -> "np.ndarray":
    import numpy as np

    if content_type == JSON:
        return np.array(json.loads(data)).astype(np.float32)
    if content_type == CSV and isinstance(data, str):
        return _rows(data).astype(np.float64).astype(np.float32)
    if content_type == NPY and isinstance(data, bytes):
        return np.load(io.BytesIO(data), allow_pickle=False)
    raise UnsupportedFormat(content_type)


def _predict(features: Any, model: Any) -> Any:
    return model.predict(features)


def _output(prediction: Any, accept: str) -> tuple[bytes | str, str]:
    import numpy as np

    if accept == JSON:
        return _dumped(prediction), accept
    if accept == CSV:
        table = np.array(prediction)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n", strict=True)
        writer.writerows(table.reshape(-1, 1) if table.ndim == 1 else table)
        return text.getvalue(), accept
    if accept == NPY:
        return _saved(prediction), accept
    raise UnsupportedFormat(accept)


def _xgboost_input(data: bytes | str, content_type: str) -> Any:
    import xgboost

    from localaws.algorithms import tables

    body = data.encode() if isinstance(data, str) else data
    kind = content_type.partition(";")[0].strip().lower()
    if kind == CSV:
        return xgboost.DMatrix(tables.parse_csv(body, "the request"), nthread=1)
    if kind in _LIBSVM:
        return xgboost.DMatrix(tables.parse_libsvm(body), nthread=1)
    raise UnsupportedFormat(kind)


def _xgboost_predict(features: Any, model: Any) -> Any:
    return model.predict(features, validate_features=False)


def _torch_model(model_dir: str) -> Any:
    import torch

    path = Path(model_dir, "model.pt")
    if not path.exists():
        found = [one for one in Path(model_dir).iterdir() if one.is_file()]
        files = [one.name for one in found if one.suffix in (".pt", ".pth")]
        if len(files) != 1:
            raise ValueError(
                f"Exactly one .pth or .pt file is required for PyTorch models: {files}"
            )
        path = Path(model_dir, files[0])
    try:
        return torch.jit.load(path, map_location="cpu")
    except RuntimeError as error:
        raise ValueError(
            f"Failed to load {path}. Please ensure model is saved using torchscript."
        ) from error


def _torch_input(data: bytes | str, content_type: str) -> Any:
    import numpy as np
    import torch

    if content_type == JSON:
        return torch.FloatTensor(np.array(json.loads(data)))
    if content_type == CSV and isinstance(data, str):
        table = np.genfromtxt(io.StringIO(data), dtype=None, delimiter=",")
        return torch.FloatTensor(table)
    if content_type == NPY and isinstance(data, bytes):
        return torch.from_numpy(np.load(io.BytesIO(data), allow_pickle=False))
    raise UnsupportedFormat(content_type)


def _torch_predict(data: Any, model: Any) -> Any:
    import torch

    with torch.no_grad():
        model = model.to("cpu")
        model.eval()
        return model(data.to("cpu"))


def _torch_output(prediction: Any, accept: str) -> bytes | str:
    import numpy as np
    import torch

    if type(prediction) is torch.Tensor:
        prediction = prediction.detach().cpu().numpy().tolist()
    for kind in accept.replace(" ", "").split(","):
        if kind == JSON:
            return _dumped(prediction)
        if kind == CSV:
            text = io.StringIO()
            np.savetxt(text, prediction, delimiter=",", fmt="%s")
            return text.getvalue()
        if kind == NPY:
            return _saved(prediction)
    raise UnsupportedFormat(accept)


SCIKIT_LEARN: Mapping[str, Callable[..., Any]] = {
    "input_fn": _input,
    "predict_fn": _predict,
    "output_fn": _output,
}
XGBOOST: Mapping[str, Callable[..., Any]] = {
    "input_fn": _xgboost_input,
    "predict_fn": _xgboost_predict,
    "output_fn": _output,
}
PYTORCH: Mapping[str, Callable[..., Any]] = {
    "model_fn": _torch_model,
    "input_fn": _torch_input,
    "predict_fn": _torch_predict,
    "output_fn": _torch_output,
}
