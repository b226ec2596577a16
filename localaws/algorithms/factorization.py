"""The mathematics of a second-order factorization machine."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from localaws.algorithms.tables import Table

if TYPE_CHECKING:
    import numpy as np

Values = Mapping[str, Any]
Model = dict[str, Any]
_TERMS = {"w0": "bias", "w1": "linear", "v": "factors"}
_LR = {"bias": 0.1, "linear": 0.001, "factors": 0.0001}
_WD = {"bias": 0.01, "linear": 0.001, "factors": 0.00001}
_SIGMA = {"bias": 0.01, "linear": 0.01, "factors": 0.001}
_BETA_1, _BETA_2 = 0.9, 0.999


def start(values: Values, width: int) -> Model:
    """The first values of the parameters."""
    import numpy as np

    random = np.random.default_rng(0)
    shapes = {"w0": (1,), "w1": (width,), "v": (width, values["num_factors"])}
    return {
        key: _first(_TERMS[key], shape, values, random) for key, shape in shapes.items()
    }


def _first(
    term: str, shape: tuple[int, ...], values: Values, random: "np.random.Generator"
) -> "np.ndarray":
    import numpy as np

    method = values.get(f"{term}_init_method", "normal")
    if method == "constant":
        return np.full(shape, values.get(f"{term}_init_value", 0.0))
    if method == "uniform":
        scale = values.get(f"{term}_init_scale", _SIGMA[term])
        return random.uniform(-scale, scale, shape)
    return random.normal(0, values.get(f"{term}_init_sigma", _SIGMA[term]), shape)


def evaluate(model: Model, rows: Any) -> "np.ndarray":
    """The value of the model at each row, dense or CSR."""
    from scipy.sparse import csr_matrix

    sparse = csr_matrix(rows, dtype=float)
    return _evaluate(sparse, model["w0"], model["w1"], model["v"])[0]


def _evaluate(rows: Any, w0: Any, w1: Any, v: Any) -> tuple[Any, Any]:
    sums = rows @ v
    squares = rows.multiply(rows).tocsr() @ (v**2)
    pairs = 0.5 * (sums**2 - squares).sum(axis=1)
    return w0[0] + rows @ w1 + pairs, sums


def learn(model: Model, table: Table, values: Values) -> Iterator[float]:
    """Change the parameters epoch by epoch.

    Yields:
        The mean loss of each epoch: cross-entropy or squared error.
    """
    import numpy as np
    from scipy.sparse import csr_matrix
    from scipy.special import expit

    rows = csr_matrix(table.features, dtype=float)
    labels = np.asarray(table.labels, dtype=float)
    classify = values["predictor_type"] == "binary_classifier"
    random = np.random.default_rng(0)
    size = min(values.get("mini_batch_size", 1000), len(labels))
    steps = _Adam(model, values)
    for _ in range(values.get("epochs", 1)):
        order, total = random.permutation(len(labels)), 0.0
        for at in range(0, len(labels), size):
            chosen = order[at : at + size]
            batch, truth = rows[chosen], labels[chosen]
            used = np.unique(batch.indices)
            part = batch[:, used]
            v = model["v"][used]
            raw, sums = _evaluate(part, model["w0"], model["w1"][used], v)
            if classify:
                total += float(np.logaddexp(0, raw).sum() - truth @ raw)
                slope = expit(raw) - truth
            else:
                total += float(np.square(raw - truth).sum())
                slope = 2 * (raw - truth)
            slope *= values.get("rescale_grad", 1 / len(chosen))
            squared = part.multiply(part).T.tocsr()
            steps.count += 1
            steps.move("w0", slice(None), np.array([slope.sum()]))
            steps.move("w1", used, part.T @ slope)
            pairs = part.T @ (slope[:, None] * sums) - (squared @ slope)[:, None] * v
            steps.move("v", used, pairs)
        yield total / len(labels)


class _Adam:
    """Adam that touches only the parameters that a batch uses."""

    def __init__(self, model: Model, values: Values) -> None:
        import numpy as np

        self._model, self._values = model, values
        self._first = {key: np.zeros_like(model[key]) for key in _TERMS}
        self._second = {key: np.zeros_like(model[key]) for key in _TERMS}
        self.count = 0

    def move(self, key: str, used: Any, slope: Any) -> None:
        """Take one step on `model[key][used]`."""
        import numpy as np

        term, values = _TERMS[key], self._values
        clip = values.get("clip_gradient")
        if clip is not None:
            slope = slope.clip(-clip, clip)
        held = self._model[key][used]
        slope = slope + values.get(f"{term}_wd", _WD[term]) * held
        first = _BETA_1 * self._first[key][used] + (1 - _BETA_1) * slope
        second = _BETA_2 * self._second[key][used] + (1 - _BETA_2) * slope**2
        self._first[key][used], self._second[key][used] = first, second
        rate = values.get(f"{term}_lr", _LR[term])
        rate *= (1 - _BETA_2**self.count) ** 0.5 / (1 - _BETA_1**self.count)
        step = rate * first / (np.sqrt(second) + values.get("eps", 1e-8))
        self._model[key][used] = held - step
