"""Jobs of Data Wrangler's image: inputs, outputs, arguments, what was trained."""

import gzip
import json
from pathlib import Path
from typing import Any

import boto3
import pandas as pd
import pytest

from tests.localaws.sagemaker.processed import messages
from tests.localaws.wrangler.flows import (
    BASE,
    BUCKET,
    Flow,
    failure,
    keys,
    output,
    read,
    refusal,
    run,
    store,
)


def drop(flow: Flow, column: str) -> str:
    """Add a node that drops a column."""
    return flow.chosen(
        "manage_columns",
        "Drop column",
        "drop_column_parameters",
        flow.rows,
        column_to_drop=[column],
    )


def outputs(*given: dict[str, Any]) -> dict[str, Any]:
    """Return the member that holds outputs."""
    return {"ProcessingOutputConfig": {"Outputs": list(given)}}


def test_outputs_have_their_own_form_and_place(
    flow: Flow, role: str, table: pd.DataFrame
) -> None:
    node = drop(flow, "at")
    parted = {"num_partitions": 2, "partition_by": ["carrier"]}
    forms = {
        f"{node}.default": {"content_type": "CSV", "delimiter": ";"},
        f"{flow.rows}.default": {
            "content_type": "CSV",
            "compression": "gzip",
            "partition_config": parted,
        },
    }
    done = run(
        flow,
        role,
        arguments=[
            f"--output-config '{json.dumps({name: form})}'"
            for name, form in forms.items()
        ],
        **outputs(output(node, "clean"), output(flow.rows, "typed")),
    )
    assert done["ProcessingJobStatus"] == "Completed", done.get("FailureReason")
    (key,) = keys("clean/")
    # as the notebooks that Data Wrangler exports look for it
    assert key.startswith(f"clean/wrangle/{node}/default/part-00000-")
    assert key.endswith("-c000.csv")
    body = boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    lines = body.decode().splitlines()
    assert lines[:3] == ["flight;carrier;delay;seats", "UA1;UA;10.5;150", "AA2;AA;;180"]
    assert len(lines) == len(table) + 1
    folders = {key.rsplit("/", 1)[0] for key in keys("typed/")}
    where = f"typed/wrangle/{flow.rows}/default/carrier="
    names = ("AA", "DL", "UA", "__HIVE_DEFAULT_PARTITION__")
    assert folders == {where + name for name in names}
    first = keys(f"{where}UA")
    assert [key.partition("part-")[2][:5] for key in first] == ["00000", "00001"]
    packed = boto3.client("s3").get_object(Bucket=BUCKET, Key=first[0])["Body"].read()
    assert gzip.decompress(packed).decode().splitlines() == [
        "flight,delay,seats,at",
        "UA1,10.5,150,2013-01-15T01:30:00.000Z",
        "UA3,30.0,,2013-03-15T03:30:00.000Z",
    ]
    log = messages("wrangle")
    assert any(f"{node}: 8 rows of 4 columns" in line for line in log)


def test_a_job_may_bring_the_source_and_the_program_may_store(
    flow: Flow, role: str
) -> None:
    other = pd.DataFrame({"a": [1, 2, 3]})
    place = {
        "S3Uri": store("elsewhere/other.csv", other),
        "LocalPath": f"{BASE}/other",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    node = flow.typed(flow.source("other", f"s3://{BUCKET}/not/there.csv"))
    managed = output(node, "stored", AppManaged=True)
    done = run(
        flow,
        role,
        inputs=[{"InputName": "other", "S3Input": place}],
        **outputs(managed),
    )
    assert done["ProcessingJobStatus"] == "Completed", done.get("FailureReason")
    assert read("stored/")["a"].tolist() == [1, 2, 3]
    assert keys("stored/")[0].startswith(f"stored/wrangle/{node}/default/part-00000")


def test_a_parameter_of_the_flow_is_set_by_the_job(flow: Flow, role: str) -> None:
    flow.parameters.append({"name": "day", "type": "string", "value": "mon"})
    store("days/mon.csv", "n\n1\n")
    store("days/tue.csv", "n\n2\n")
    uri = f"s3://{BUCKET}/days/{{{{day}}}}.csv"
    node = flow.typed(flow.source("days", uri))
    run(flow, role, "monday", **outputs(output(node, "mon")))
    told = json.dumps({"day": "tue"})
    run(
        flow,
        role,
        "tuesday",
        arguments=["--parameter-override", told],
        **outputs(output(node, "tue")),
    )
    assert (read("mon/")["n"].tolist(), read("tue/")["n"].tolist()) == ([1], [2])
    reason = failure(
        flow,
        role,
        "noday",
        arguments=["""--parameter-override '{"month": "1"}'"""],
        **outputs(output(node, "no")),
    )
    assert "unknown parameters: month" in reason


def encoder(flow: Flow, of: str, strategy: str) -> str:
    """Add a node that encodes the column `c`."""
    return flow.chosen(
        "encode_categorical",
        "One-hot encode",
        "one_hot_encode_parameters",
        of,
        input_column="c",
        invalid_handling_strategy=strategy,
        drop_last=False,
        output_style="Columns",
    )


def test_what_was_trained_counts_until_the_job_refits(flow: Flow, role: str) -> None:
    uri = store("seen/rows.csv", pd.DataFrame({"c": ["x", "x", "y"], "n": [1, 2, 3]}))
    made = Flow()
    rows = made.typed(made.source("seen", uri))
    hot = encoder(made, rows, "Keep")
    scaled = made.chosen(
        "process_numeric",
        "Scale values",
        "scale_values_parameters",
        hot,
        scaler="Min-max scaler",
        min_max_scaler_parameters={"input_column": "n"},
    )
    clipped = made.chosen(
        "handle_outliers",
        "Quantile numeric outliers",
        "quantile_numeric_outliers_parameters",
        scaled,
        input_column="n",
        fix_method="Invalidate",
    )
    refit = {"refit": True, "output_flow": "trained.flow"}
    option = f"--refit-trained-params '{json.dumps(refit)}'"
    to = outputs(output(clipped, "fit"))
    assert run(made, role, "fit", arguments=[option], **to)["ProcessingJobStatus"] == (
        "Completed"
    )
    body = boto3.client("s3").get_object(Bucket=BUCKET, Key="fit/trained.flow")["Body"]
    text = body.read().decode()
    trained = {
        n["node_id"]: n.get("trained_parameters") for n in json.loads(text)["nodes"]
    }
    assert trained[rows] == {"schema": {"c": "string", "n": "long"}}
    # sha1 of the parameters, as Data Wrangler's own flows have it
    assert trained[hot]["one_hot_encode_parameters"]["_hash"] == (
        "4623886b68927a4dcb437c2769f9d5234824476a"
    )
    store("seen/rows.csv", pd.DataFrame({"c": ["z", "y"], "n": [5, 1]}))
    run(text, role, "again", **outputs(output(clipped, "again")))
    found = read("again/")
    assert found[["c_x", "c_y"]].to_numpy().tolist() == [[0, 0], [0, 1]]
    assert found["n"].fillna(-1).tolist() == [-1, 0]
    again = outputs(output(clipped, "anew"))
    told = """--refit-trained-params '{"refit": true}'"""
    run(text, role, "anew", arguments=[told], **again)
    assert list(read("anew/")) == ["n", "c_y", "c_z"]


def test_a_new_category_fails_where_the_strategy_says_so(
    flow: Flow, role: str, table: pd.DataFrame
) -> None:
    uri = store("raw/c.csv", pd.DataFrame({"c": ["x", None], "n": [1, 2]}))
    node = encoder(flow, flow.typed(flow.source("c", uri)), "Error")
    reason = failure(flow, role, **outputs(output(node)))
    assert "1 rows have a value of 'c' that is missing" in reason


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--verbose", "{}"], "unknown argument '--verbose'"),
        (["--output-config", "{"], "--output-config is not JSON"),
        (["--output-config '{\"no.default\": {}}'"], "outputs that are not there"),
        (
            ["--output-config", '{"x.default": {"colour": 1}}'],
            "unknown members: colour",
        ),
    ],
)
def test_wrong_arguments_fail(
    sketch: Flow, tmp_path: Path, arguments: list[str], told: str
) -> None:
    assert told in refusal(sketch, tmp_path, *arguments, of=sketch.rows)
