"""The PyTorch images beside their toolkits, where `make torch` has brought PyTorch."""

import copy
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from localaws.jobs import ModelServer, Workspace
from tests.localaws.sagemaker import test_pytorch
from tests.oracles import trainer
from tests.oracles.conversation import Oracle
from tests.oracles.test_inference_toolkit import BAD, CSV, GOOD, JSON, NPY, npy
from tests.oracles.test_training_toolkit import PYTORCH

pytestmark = test_pytorch.pytestmark
# The hosts have no names here, so these say where the first one is.
PLACES = {"MASTER_ADDR": ("127.0.0.1", "algo-1"), "MASTER_PORT": (None, "7777")}
SAVE = """
import os, torch
from torch import nn

torch.manual_seed(0)
folder = os.environ["SM_MODEL_DIR"]
torch.jit.script(nn.Linear(2, 1)).save(os.path.join(folder, "model.pt"))
"""


def test_the_image_adds_the_same_variables(
    role: str, bucket: str, tmp_path: Path
) -> None:
    trainer.submit(role, {"train_py": trainer.SEES}, {}, test_pytorch.TRAINING)
    ours = trainer.finish()
    theirs = trainer.toolkit(tmp_path, copy.deepcopy(trainer.CONFIG), **PYTORCH)
    assert theirs.code == 0, theirs.reason
    for name, value in theirs.seen["env"].items():
        if name.startswith(("NCCL_", "SM_DLC_", "MASTER_")):
            here, there = PLACES.get(name, (value, value))
            assert value == there
            assert here in (ours.seen["env"][name], None), name
    assert "MASTER_PORT" in theirs.seen["env"]


@pytest.fixture
def model(role: str, bucket: str) -> bytes:
    """A network that TorchScript has saved."""
    trainer.submit(role, {"train_py": SAVE}, {}, test_pytorch.TRAINING)
    assert trainer.finish().reason == ""
    found = trainer.boto3.client("sagemaker").describe_training_job(
        TrainingJobName="job"
    )
    return trainer.model(found)["model.pt"]


@pytest.fixture
def pair(model: bytes, tmp_path: Path) -> Iterator[tuple[ModelServer, Oracle]]:
    """A server without a script, and the toolkit's."""
    here, there = Workspace(tmp_path / "here"), Workspace(tmp_path / "there")
    for workspace in (here, there):
        (workspace.model / "model.pt").write_bytes(model)
    server = ModelServer(here.model, env={"PATH": "/usr/bin:/bin"}, algorithm="pytorch")
    try:
        server.start(60)
        with Oracle("pytorch", there.opt, "inference.py") as oracle:
            assert oracle.error is None
            yield server, oracle
    finally:
        server.close()


def test_the_defaults_of_the_image(pair: tuple[ModelServer, Oracle]) -> None:
    server, oracle = pair
    floats = np.array([[1, 2], [0, 1]], dtype=np.float32)
    requests = [*GOOD, *BAD, (npy(floats), NPY), (b"1,2\n3.5,4", CSV)]
    good = 0
    for accept in (JSON, CSV, NPY, "*/*", "", "image/png", f"image/png, {CSV}"):
        for body, kind in requests:
            ours = server.invoke(body, kind, accept)
            status, content, content_type = oracle(body, kind, accept)
            assert ours.status == status, (body, kind, accept, ours.body, content)
            if status == 200:
                good += 1
                assert (ours.body, ours.content_type) == (content, content_type)
    assert good > 20
