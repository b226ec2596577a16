"""A private /opt/ml with data in its channels."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

Prepare = Callable[..., Path]


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
        train: str | None = TRAIN,
        validation: str | None = VALIDATION,
        content_type: str | None = "text/csv",
        hyperparameters: dict[str, str] | None = None,
        **more: str,
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
            (folder / "part.csv").write_text(content)
            described[name] = {"TrainingInputMode": "File"}
            if content_type is not None:
                described[name]["ContentType"] = content_type
        (config / "inputdataconfig.json").write_text(json.dumps(described))
        given = {"num_round": "3", "objective": "binary:logistic"}
        given |= hyperparameters or {}
        (config / "hyperparameters.json").write_text(json.dumps(given))
        return tmp_path

    return write
