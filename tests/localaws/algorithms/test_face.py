"""Which images have a local form."""

import re

import pytest
from sagemaker.core import image_uris

from localaws import algorithms

ECR = "683313688378.dkr.ecr.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        (f"{ECR}/sagemaker-xgboost:1.7-1", "xgboost"),
        (f"{ECR}/sagemaker-xgboost@sha256:00", "xgboost"),
        ("811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:1", "xgboost"),
        ("sagemaker-xgboost", "xgboost"),
        (f"{ECR}/xgboost-neo:latest", None),
        (f"{ECR}/sagemaker-scikit-learn:1.2-1-cpu-py3", None),
        ("382416733822.dkr.ecr.us-east-1.amazonaws.com/kmeans:1", "kmeans"),
        (f"{ECR}/object2vec:1", None),
        ("", None),
    ],
)
def test_of_image(uri, name) -> None:
    algorithm = algorithms.of_image(uri)
    assert (algorithm.name if algorithm else None) == name


BUILT_IN = (
    "blazingtext",
    "factorization-machines",
    "kmeans",
    "knn",
    "linear-learner",
    "pca",
    "randomcutforest",
    "xgboost",
)


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_images_that_the_sdk_finds(name) -> None:
    version = "1.7-1" if name == "xgboost" else "1"
    uri = image_uris.retrieve(name, "eu-west-1", version)
    found = algorithms.of_image(uri)
    assert found is not None
    assert found.name == name
    assert algorithms.absent(uri) is None


@pytest.mark.parametrize(
    "name",
    [
        "forecasting-deepar",
        "image-classification",
        "ipinsights",
        "lda",
        "ntm",
        "object-detection",
        "object2vec",
        "semantic-segmentation",
        "seq2seq",
    ],
)
def test_the_others_are_told_by_what_they_do(name) -> None:
    uri = image_uris.retrieve(name, "us-east-1")
    assert algorithms.of_image(uri) is None
    assert re.match("trains|learns", algorithms.absent(uri))


def test_by_name() -> None:
    assert algorithms.by_name("xgboost").name == "xgboost"
    with pytest.raises(KeyError):
        algorithms.by_name("deepar")


def test_the_exports_are_there() -> None:
    for name in algorithms.__all__:
        assert hasattr(algorithms, name)
