"""The built-in XGBoost: train, log, artefact."""

import io
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xgboost
from scipy.sparse import csr_matrix

from localaws.algorithms import by_name, recordio
from tests.localaws.algorithms.conftest import RECORDIO, as_csv, as_libsvm, rows

XGB = by_name("xgboost")


def failure(opt: Path) -> str:
    return (opt / "output" / "failure").read_text()


def test_the_log_is_what_the_container_prints(prepare, capsys) -> None:
    opt = prepare(hyperparameters={"eval_metric": "auc,logloss"})
    assert XGB.train(opt) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "[INFO] Train matrix has 300 rows and 4 columns" in lines
    assert "[INFO] Validation matrix has 300 rows" in lines
    number = r"\d\.\d{5}"
    pattern = (
        rf"\[\d\]#011train-auc:{number}#011train-logloss:{number}"
        rf"#011validation-auc:{number}#011validation-logloss:{number}"
    )
    rounds = [line for line in lines if re.fullmatch(pattern, line)]
    assert [line[:3] for line in rounds] == ["[0]", "[1]", "[2]"]


def test_the_metrics_are_found_in_the_log(prepare, capsys) -> None:
    metrics = {"eval_metric": "auc,aucpr,error,f1,accuracy"}
    assert XGB.train(prepare(hyperparameters=metrics)) == 0
    log = capsys.readouterr().out
    found = {}
    for name, regex in XGB.metrics:
        match = re.search(regex, log)
        if match:
            found[name] = float(match.group(1))
    assert sorted(found) == [
        f"{channel}:{metric}"
        for channel in ("train", "validation")
        for metric in ("accuracy", "auc", "aucpr", "error", "f1")
    ]
    error = found["validation:error"]
    assert found["validation:accuracy"] == pytest.approx(1 - error, abs=1e-5)


def test_plain_xgboost_loads_the_artefact(prepare) -> None:
    opt = prepare()
    assert XGB.train(opt) == 0
    content = (opt / "model" / "xgboost-model").read_bytes()
    booster = xgboost.Booster()
    booster.load_model(bytearray(content))
    table = rows(0)
    reference = xgboost.train(
        {"objective": "binary:logistic", "nthread": 1, "seed": 0},
        xgboost.DMatrix(table[:, 1:], table[:, 0]),
        3,
    )
    features = xgboost.DMatrix(rows(1)[:, 1:])
    assert np.array_equal(booster.predict(features), reference.predict(features))


def test_the_same_data_gives_the_same_bytes(prepare) -> None:
    models = []
    for _ in range(2):
        opt = prepare(hyperparameters={"subsample": "0.5", "colsample_bytree": "0.5"})
        assert XGB.train(opt) == 0
        models.append((opt / "model" / "xgboost-model").read_bytes())
    assert models[0] == models[1]


def test_libsvm_trains_the_same_model(prepare) -> None:
    answers = []
    for form, content_type in (
        (as_csv, "text/csv;label_size=1"),
        (as_libsvm, "text/libsvm"),
        (as_libsvm, "libsvm"),
        (as_libsvm, None),
    ):
        opt = prepare(form(rows(0)), form(rows(1)), content_type)
        assert XGB.train(opt) == 0
        model = XGB.load(opt / "model")
        answers.append(XGB.predict(model, b"1,0.5,-1,2", "text/csv", "*/*"))
    assert len(set(answers)) == 1


def as_parquet(table: np.ndarray) -> bytes:
    stream = io.BytesIO()
    pd.DataFrame(table, columns=list("abcde")).to_parquet(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("form", "content_type"),
    [
        (as_parquet, "application/x-parquet"),
        (lambda table: recordio.encode(table[:, 1:], table[:, 0]), RECORDIO),
        (
            lambda table: recordio.encode(csr_matrix(table[:, 1:]), table[:, 0]),
            RECORDIO,
        ),
    ],
    ids=["parquet", "dense recordio", "sparse recordio"],
)
def test_binary_formats_train_the_same_model(prepare, form, content_type) -> None:
    opt = prepare()
    assert XGB.train(opt) == 0
    expected = (opt / "model" / "xgboost-model").read_bytes()
    opt = prepare(form(rows(0)), form(rows(1)), content_type)
    assert XGB.train(opt) == 0, failure(opt)
    assert (opt / "model" / "xgboost-model").read_bytes() == expected


def test_no_validation_channel(prepare, capsys) -> None:
    assert XGB.train(prepare(validation=None)) == 0
    assert "validation" not in capsys.readouterr().out


def test_early_stopping_keeps_the_best_model(prepare, capsys) -> None:
    options = {
        "num_round": "200",
        "eta": "0.9",
        "eval_metric": "logloss,auc",
        "early_stopping_rounds": "3",
    }
    opt = prepare(hyperparameters=options)
    assert XGB.train(opt) == 0
    log = capsys.readouterr().out
    aucs = [float(one) for one in re.findall(r"validation-auc:([\d.]+)", log)]
    assert len(aucs) < 200
    assert len(aucs) - 1 - int(np.argmax(aucs)) == 3
    assert XGB.load(opt / "model").num_boosted_rounds() == int(np.argmax(aucs)) + 1


# XGBoost 3.4 says that gblinear and dart are on their way out.
@pytest.mark.filterwarnings("ignore:.*deprecated:UserWarning")
@pytest.mark.parametrize(
    "options",
    [
        {"objective": "multi:softprob", "num_class": "2", "eval_metric": "f1_macro"},
        {"objective": "multi:softmax", "num_class": "2", "eval_metric": "accuracy"},
        {"objective": "binary:logitraw", "eval_metric": "f1,precision,recall"},
        {"objective": "binary:hinge", "eval_metric": "balanced_accuracy"},
        {"objective": "reg:linear", "eval_metric": "mse,r2"},
        {"objective": "reg:squarederror", "booster": "gblinear"},
        {"objective": "count:poisson", "max_delta_step": "0.7"},
        {"objective": "binary:logistic", "booster": "dart", "rate_drop": "0.1"},
        {"scale_pos_weight": "2", "base_score": "0.3", "nthread": "2"},
        {"tree_method": "hist", "grow_policy": "lossguide", "max_leaves": "8"},
        {"early_stopping_rounds": "2"},
        {"_tuning_objective_metric": "validation:auc"},
        {"verbosity": "1", "silent": "0", "interaction_constraints": "[[0, 1]]"},
    ],
)
def test_documented_settings_train(prepare, options, capsys) -> None:
    opt = prepare(hyperparameters=options)
    assert XGB.train(opt) == 0, failure(opt)
    assert "validation-" in capsys.readouterr().out
    body, _ = XGB.predict(XGB.load(opt / "model"), b"1,0.5,-1,2", "text/csv", "")
    assert body


def test_instance_weights_of_csv(prepare) -> None:
    table = rows(0)
    weighted = np.c_[table[:, :1], table[:, :1] * 9 + 1, table[:, 1:]]
    scores = []
    for content, flag in ((as_csv(weighted), "1"), (as_csv(table), "0")):
        opt = prepare(content, hyperparameters={"csv_weights": flag})
        assert XGB.train(opt) == 0
        model = XGB.load(opt / "model")
        scores.append(float(XGB.predict(model, b"0,0,0,0", "text/csv", "")[0]))
    assert scores[0] > scores[1] + 0.2


MISTAKES = {
    "no train": ({"train": None}, "Missing required channel: train"),
    "extra channel": ({"test": "1,2"}, "Extraneous channel found: test"),
    "empty": ({"train": ""}, "No data in train channel path"),
    "header": ({"train": "late,hour\n1,2\n"}, "looks like a header"),
    "ragged": ({"train": "1,2\n1\n"}, "Line 2 of file 'part.csv' has 1 columns"),
    "widths": ({"validation": "1,2\n"}, "the train channel has 4 features"),
    "label": (
        {"train": "1,2\n3,4\n", "validation": None},
        "label must be in [0,1] for logistic regression. Row 2 of the train channel",
    ),
    "parquet": (
        {"content_type": "application/x-parquet"},
        "File 'part.csv' is not Parquet",
    ),
    "recordio": (
        {"content_type": "application/x-recordio-protobuf"},
        "File 'train' is not RecordIO: at byte 0 stands",
    ),
    "json": ({"content_type": "application/json"}, "not an accepted ContentType"),
    "label size": (
        {"content_type": "text/csv;label_size=2"},
        "label_size must be equal to 1",
    ),
    "setting": ({"hyperparameters": {"eta": "2"}}, "Hyperparameter eta: 2.0 is not in"),
    "classes": (
        {"hyperparameters": {"objective": "multi:softmax", "num_class": "2"}}
        | {"train": "2,1\n", "validation": None},
        "label must be in [0, num_class)",
    ),
    "poisson": (
        {"hyperparameters": {"objective": "count:poisson"}, "train": "-1,1,1,1,1\n"},
        "label must be nonnegative",
    ),
    "gamma": (
        {"hyperparameters": {"objective": "reg:gamma"}, "train": "0,1,1,1,1\n"},
        "label must be positive",
    ),
    "one class": (
        {"hyperparameters": {"eval_metric": "auc"}, "train": "1,1,1,1,1\n"},
        "AUC: the dataset only contains pos or neg samples",
    ),
    "base score": (
        {"hyperparameters": {"base_score": "1.5"}},
        "base_score must be in (0,1)",
    ),
}


@pytest.mark.parametrize(("given", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_client_errors(prepare, capsys, given, message) -> None:
    opt = prepare(**given)
    assert XGB.train(opt) == 2
    assert failure(opt).startswith("ClientError: ")
    assert message in failure(opt)
    assert failure(opt) in capsys.readouterr().out
    assert not (opt / "model").exists()


def test_a_failure_of_the_library_is_an_algorithm_error(prepare) -> None:
    opt = prepare(
        hyperparameters={"tree_method": "exact", "grow_policy": "lossguide"}
        | {"max_leaves": "4", "monotone_constraints": "(1,1,1,1,1,1)"}
    )
    assert XGB.train(opt) == 1
    assert failure(opt).startswith("AlgorithmError: XGB train call failed")
    assert "Stack trace" not in failure(opt)


def test_the_command_line(prepare) -> None:
    opt = prepare(train=None)
    command = [sys.executable, "-m", "localaws.algorithms", "xgboost", str(opt)]
    process = subprocess.run(command, capture_output=True, text=True)
    assert process.returncode == 2
    assert process.stdout == "ClientError: Missing required channel: train\n"
