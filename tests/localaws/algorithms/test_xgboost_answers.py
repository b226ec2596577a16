"""The built-in XGBoost: its answers, and its model server."""

import json

import numpy as np
import pytest
import xgboost

from localaws.algorithms import InferenceError, by_name, recordio
from tests.localaws.algorithms.conftest import RECORDIO

XGB = by_name("xgboost")


@pytest.fixture
def model(prepare) -> xgboost.Booster:
    opt = prepare()
    assert XGB.train(opt) == 0
    return XGB.load(opt / "model")


def test_answers_are_separated_as_the_container_does(model, monkeypatch) -> None:
    body, kind = XGB.predict(model, b"1,2,3,4\n5,6,7,8\n", "text/csv", "*/*")
    assert kind == "text/csv; charset=utf-8"
    first, second = (float(one) for one in body.decode().split(","))
    assert 0 < first < 1
    assert 0 < second < 1
    monkeypatch.setenv("SAGEMAKER_BATCH", "true")
    batch, _ = XGB.predict(model, b"1,2,3,4\n5,6,7,8\n", "text/csv", "*/*")
    assert batch == body.replace(b",", b"\n") + b"\n"


def test_missing_values_are_allowed(model) -> None:
    assert XGB.predict(model, b"1,,3,", "text/csv; charset=utf-8", "")[0]


def test_the_answer_in_libsvm_is_that_in_csv(model) -> None:
    csv = XGB.predict(model, b"1,2,3,4\n5,6,7,8", "text/csv", "")
    for kind in ("text/libsvm", "text/x-libsvm"):
        rows_ = b"0:1 1:2 2:3 3:4\n1 0:5 1:6 2:7 3:8"
        assert XGB.predict(model, rows_, kind, "") == csv


def test_the_answer_in_recordio_is_that_in_csv(model) -> None:
    csv = XGB.predict(model, b"1,2,3,4\n5,6,7,8", "text/csv", "")
    body = recordio.encode(np.array([[1, 2, 3, 4], [5, 6, 7, 8]], np.float32))
    assert XGB.predict(model, body, RECORDIO, "") == csv


def test_absent_libsvm_features_are_missing(model) -> None:
    sparse = XGB.predict(model, b"0:1", "text/libsvm", "")
    assert sparse == XGB.predict(model, b"1,,,", "text/csv", "")


@pytest.mark.parametrize(
    ("body", "kind", "status", "message"),
    [
        (b"", "text/csv", 204, "^$"),
        (b"1,2,3", "text/csv", 400, "data 3 is not consistent .* model 4"),
        (b"1,2,3,4,5", "text/csv", 400, "data 5 is not consistent .* model 4"),
        (b"0:1 9:2", "text/libsvm", 400, "data 10 is not consistent .* model 4"),
        (b"a,b,c,d", "text/csv", 415, "ensure data is in csv format"),
        (b"1,2,3,4\n1,2", "text/csv", 415, "ensure data is in csv format"),
        (b"x:1", "text/libsvm", 415, "ensure data is in libsvm format"),
        (recordio.encode(np.ones((1, 3))), RECORDIO, 400, "data 3 is not consistent"),
        (b"1,2,3,4", RECORDIO, 415, "ensure data is in recordio-protobuf format"),
        (b"{}", "application/json", 415, "Content-type application/json not supp"),
    ],
)
def test_requests_that_are_refused(model, body, kind, status, message) -> None:
    with pytest.raises(InferenceError, match=message) as caught:
        XGB.predict(model, body, kind, "*/*")
    assert caught.value.status == status


def test_models_that_cannot_be_loaded(tmp_path, monkeypatch) -> None:
    with pytest.raises(ValueError, match="no file xgboost-model"):
        XGB.load(tmp_path)
    (tmp_path / "xgboost-model").write_bytes(b"junk")
    with pytest.raises(ValueError, match="Unable to load model"):
        XGB.load(tmp_path)
    monkeypatch.setenv("SAGEMAKER_INFERENCE_OUTPUT", "predicted_label")
    with pytest.raises(ValueError, match="selectable inference"):
        XGB.load(tmp_path)


def test_a_model_server_answers_with_the_artefact(prepare, environ_of_jobs) -> None:
    from localaws.jobs import ModelLoadError, ModelServer

    opt = prepare()
    assert XGB.train(opt) == 0
    options = {"env": environ_of_jobs, "algorithm": "xgboost"}
    server = ModelServer(opt / "model", **options)
    try:
        server.start()
        answer = server.invoke(b"1,2,3,4", "text/csv")
        expected = XGB.predict(XGB.load(opt / "model"), b"1,2,3,4", "text/csv", "")
        assert (answer.status, answer.body) == (200, expected[0])
        assert server.invoke(b"1,2", "text/csv").status == 400
        assert server.invoke(b"", "text/csv").status == 204
    finally:
        server.close()
    (opt / "model" / "xgboost-model").unlink()
    broken = ModelServer(opt / "model", **options)
    try:
        with pytest.raises(ModelLoadError, match="no file xgboost-model"):
            broken.start()
    finally:
        broken.close()


def test_a_script_has_the_defaults_of_the_framework(prepare, environ_of_jobs) -> None:
    from localaws.jobs import ModelServer

    opt = prepare()
    assert XGB.train(opt) == 0
    (opt / "model" / "inference.py").write_text(
        "import xgboost\n"
        "def model_fn(d):\n"
        "    booster = xgboost.Booster()\n"
        "    booster.load_model(bytearray(open(d + '/xgboost-model', 'rb').read()))\n"
        "    return booster\n"
    )
    server = ModelServer(opt / "model", env=environ_of_jobs, algorithm="xgboost")
    try:
        server.start()
        answer = server.invoke(b"1,2,3,4\n5,6,7,8", "text/csv", "application/json")
        assert len(json.loads(answer.body)) == 2
        libsvm = server.invoke(b"0:1 1:2 2:3 3:4", "text/libsvm", "application/json")
        assert libsvm.status == 200
    finally:
        server.close()
