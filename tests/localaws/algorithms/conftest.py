"""A private /opt/ml with data in its channels."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from localaws.algorithms import Algorithm, by_name

Prepare = Callable[..., Path]
UNLABELLED = "text/csv;label_size=0"
RECORDIO = "application/x-recordio-protobuf"


def rows(seed: int, count: int = 300) -> np.ndarray:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, 4)).round(3)
    label = (features[:, 0] + rng.normal(size=count) > 0).astype(int)
    return np.c_[label, features]


def as_csv(table: np.ndarray) -> str:
    return "".join(",".join(f"{cell:g}" for cell in row) + "\n" for row in table)


def as_libsvm(table: np.ndarray) -> str:
    lines = []
    for row in table:
        pairs = [f"{index}:{cell:g}" for index, cell in enumerate(row[1:])]
        lines.append(" ".join([f"{row[0]:g}", *pairs]))
    return "\n".join(lines)


TRAIN, VALIDATION = as_csv(rows(0)), as_csv(rows(1))


@pytest.fixture
def environ_of_jobs() -> dict[str, str]:
    return {"PATH": os.environ["PATH"]}


@pytest.fixture
def prepare(tmp_path: Path) -> Prepare:
    """Write channels and hyperparameters; returns the folder that plays /opt/ml."""

    def write(
        train: str | bytes | None = TRAIN,
        validation: str | bytes | None = VALIDATION,
        content_type: str | None = "text/csv",
        hyperparameters: dict[str, str] | None = None,
        **more: str | bytes,
    ) -> Path:
        channels = {"train": train, "validation": validation, **more}
        config = tmp_path / "input" / "config"
        config.mkdir(parents=True, exist_ok=True)
        described = {}
        for name, content in channels.items():
            if content is None:
                continue
            folder = tmp_path / "input" / "data" / name
            folder.mkdir(parents=True, exist_ok=True)
            body = content if isinstance(content, bytes) else content.encode()
            (folder / "part.csv").write_bytes(body)
            described[name] = {"TrainingInputMode": "File"}
            if content_type is not None:
                described[name]["ContentType"] = content_type
        (config / "inputdataconfig.json").write_text(json.dumps(described))
        given = {"num_round": "3", "objective": "binary:logistic"}
        given |= hyperparameters or {}
        (config / "hyperparameters.json").write_text(json.dumps(given))
        return tmp_path

    return write


@dataclass
class Trained:
    """What came of a training.

    Attributes:
        algorithm: the algorithm.
        opt: the folder that played /opt/ml.
        code: the exit code.
    """

    algorithm: Algorithm
    opt: Path
    code: int

    @property
    def failure(self) -> str:
        path = self.opt / "output" / "failure"
        return path.read_text() if path.exists() else ""

    def load(self) -> Any:
        assert self.code == 0, self.failure
        return self.algorithm.load(self.opt / "model")

    def ask(self, body: str | bytes, kind: str = "text/csv", accept: str = "") -> Any:
        """The JSON answer to a request."""
        raw = body if isinstance(body, bytes) else body.encode()
        return json.loads(self.algorithm.predict(self.load(), raw, kind, accept)[0])


@pytest.fixture
def learn(tmp_path: Path) -> Callable[..., Trained]:
    """Train: `learn("kmeans", {"k": "3"}, content_type, train="1,2")`."""
    count = 0

    def run(
        name: str,
        hyperparameters: dict[str, str],
        content_type: str | None = "text/csv",
        **channels: str | bytes,
    ) -> Trained:
        nonlocal count
        count += 1
        opt = tmp_path / str(count)
        config = opt / "input" / "config"
        config.mkdir(parents=True)
        described = {}
        for channel, content in channels.items():
            folder = opt / "input" / "data" / channel
            folder.mkdir(parents=True)
            body = content if isinstance(content, bytes) else content.encode()
            (folder / "part").write_bytes(body)
            described[channel] = {"TrainingInputMode": "File"}
            if content_type is not None:
                described[channel]["ContentType"] = content_type
        (config / "inputdataconfig.json").write_text(json.dumps(described))
        (config / "hyperparameters.json").write_text(json.dumps(hyperparameters))
        algorithm = by_name(name)
        return Trained(algorithm, opt, algorithm.train(opt))

    return run
