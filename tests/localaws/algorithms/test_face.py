"""Which images have a local form."""

import pytest

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
        (f"{ECR}/linear-learner:1", None),
        ("", None),
    ],
)
def test_of_image(uri, name) -> None:
    algorithm = algorithms.of_image(uri)
    assert (algorithm.name if algorithm else None) == name


def test_by_name() -> None:
    assert algorithms.by_name("xgboost").name == "xgboost"
    with pytest.raises(KeyError):
        algorithms.by_name("deepar")


def test_the_exports_are_there() -> None:
    for name in algorithms.__all__:
        assert hasattr(algorithms, name)
