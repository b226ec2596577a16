"""Which images have a local form."""

import importlib.util
from importlib.machinery import ModuleSpec

import pytest

from localaws.errors import NotImplementedHere
from localaws.sagemaker.images import image, repository

ECR = "763104351884.dkr.ecr.us-east-1.amazonaws.com"


@pytest.mark.parametrize("command", [False, True])
@pytest.mark.parametrize("name", ["pytorch-training", "pytorch-inference"])
def test_pytorch_needs_torch(
    monkeypatch: pytest.MonkeyPatch, name: str, command: bool
) -> None:
    uri = f"{ECR}/{name}:2.6-cpu-py312"
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NotImplementedHere, match="make torch"):
        image(uri, "CreateTrainingJob", command=command)
    there = ModuleSpec("torch", None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: there)
    found = image(uri, "CreateTrainingJob", command=command)
    assert (found.framework, found.algorithm, found.server) == (True, None, "pytorch")


def test_the_handlers_of_the_other_images() -> None:
    for name, server in (("scikit-learn", None), ("xgboost", "xgboost")):
        uri = f"{ECR}/sagemaker-{name}:1"
        assert image(uri, "CreateModel").server == server


@pytest.mark.parametrize("tail", ["", ":1.4-2", "@sha256:00"])
def test_a_repository_has_no_tag(tail: str) -> None:
    assert repository(f"{ECR}/pytorch-training{tail}") == "pytorch-training"
