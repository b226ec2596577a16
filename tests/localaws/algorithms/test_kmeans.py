"""The built-in K-Means against scikit-learn."""

import json
import re

import numpy as np
import pytest
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.datasets import load_iris
from sklearn.metrics import pairwise_distances

from localaws.algorithms import HyperparameterError, by_name, recordio
from tests.localaws.algorithms.conftest import RECORDIO, UNLABELLED, as_csv

IRIS = load_iris().data.astype(np.float32)
GIVEN = {"k": "3", "feature_dim": "4"}


def test_the_centers_are_the_librarys_own(learn) -> None:
    options = {"extra_center_factor": "4", "epochs": "5", "mini_batch_size": "50"}
    options |= {"init_method": "kmeans++", "local_lloyd_num_trials": "2"}
    trained = learn("kmeans", GIVEN | options, UNLABELLED, train=as_csv(IRIS))
    many = MiniBatchKMeans(12, n_init=1, batch_size=50, max_iter=5, random_state=0)
    many.fit(IRIS)
    counts = np.bincount(many.predict(IRIS), minlength=12)
    own = KMeans(3, n_init=2, max_iter=300, tol=1e-4, random_state=0)
    own.fit(many.cluster_centers_, sample_weight=counts + 1e-9)
    assert np.allclose(trained.load()["centroids"], own.cluster_centers_)


def test_the_clusters_are_as_tight_as_those_of_full_k_means(learn, capsys) -> None:
    trained = learn(
        "kmeans",
        GIVEN | {"eval_metrics": '["msd", "ssd"]'},
        RECORDIO,
        train=recordio.encode(IRIS),
        test=recordio.encode(IRIS),
    )
    assert trained.code == 0
    log = capsys.readouterr().out
    found = {
        name: float(re.search(regex, log).group(1))
        for name, regex in trained.algorithm.metrics
    }
    best = KMeans(3, n_init=10, random_state=0).fit(IRIS).inertia_
    assert best <= found["test:ssd"] <= 1.05 * best
    assert found["test:msd"] == pytest.approx(found["test:ssd"] / len(IRIS))
    assert f"train msd <loss>={found['test:msd']}" in log


def test_each_row_gets_its_cluster_and_distance(learn) -> None:
    trained = learn("kmeans", GIVEN, UNLABELLED, train=as_csv(IRIS))
    answer = trained.ask(as_csv(IRIS[:7]))["predictions"]
    far = pairwise_distances(IRIS[:7], trained.load()["centroids"])
    assert [one["closest_cluster"] for one in answer] == far.argmin(axis=1).tolist()
    distances = [one["distance_to_cluster"] for one in answer]
    assert np.allclose(distances, far.min(axis=1), atol=1e-5)
    body, kind = trained.algorithm.predict(
        trained.load(), as_csv(IRIS[:1]).encode(), "text/csv", "text/csv"
    )
    assert kind == "text/csv"
    assert re.fullmatch(r"[012]\.0,0\.\d+\n", body.decode())
    sparse = {"keys": [0, 2], "values": [5.1, 1.4], "shape": [4]}
    request = json.dumps({"instances": [{"data": {"features": sparse}}]})
    (one,) = trained.ask(request, "application/json")["predictions"]
    assert one == trained.ask("5.1,0,1.4,0")["predictions"][0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"k": "0"}, r"Hyperparameter k: 0 is not in \[1, \+inf\)"),
        ({"init_method": "best"}, "init_method: best is not in"),
        ({"half_life_time_size": "5"}, "half_life_time_size=5 is not honoured"),
        ({"local_lloyd_tol": "2"}, r"local_lloyd_tol: 2.0 is not in \[0, 1\]"),
        ({"eval_metrics": "rmse"}, "eval_metrics: rmse is not in"),
    ],
)
def test_hyperparameters_that_are_refused(given, message) -> None:
    with pytest.raises(HyperparameterError, match=message):
        by_name("kmeans").check(GIVEN | given)


def test_hyperparameters_that_are_missing() -> None:
    with pytest.raises(HyperparameterError, match="hyperparameter: feature_dim"):
        by_name("kmeans").check({"k": "3"})


def test_more_clusters_than_rows(learn) -> None:
    trained = learn("kmeans", GIVEN, UNLABELLED, train="1,2,3,4\n5,6,7,8\n")
    assert trained.code == 2
    assert trained.failure == "ClientError: The train channel has 2 rows, k is 3"
