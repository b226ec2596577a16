"""Vectors of categories, texts and times, and code in PySpark that makes and uses them.

What Spark gives for the same rows stands here as it printed it.
"""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from localaws.glue_runtime import place
from tests.localaws.wrangler.flows import BUCKET, Flow, read, refusal, results, store
from tests.localaws.wrangler.flows import run as run_flow

LETTERS = pd.DataFrame(
    {
        "kind": ["a", "b", None, "a"],
        "note": ["Big  red cat ", "red DOG 7!", "", "Cat cat"],
        "state": ["California", "Califronia", "Texas", "California"],
        "at": [f"2013-0{month}-15 06:30:00" for month in (1, 2, 3, 4)],
    }
)


@pytest.fixture
def rows(flow: Flow) -> str:
    """The node that holds the letters."""
    return flow.typed(flow.source("letters", store("raw/letters.csv", LETTERS)))


def spelled(vectors: pd.Series) -> list[str]:
    """Return vectors that were read from Parquet as Spark prints them."""

    def one(vector: dict[str, Any]) -> str:
        values = f"[{','.join(map(str, vector['values']))}]"
        if vector["type"] == 1:
            return values
        return f"({vector['size']},[{','.join(map(str, vector['indices']))}],{values})"

    return [one(vector) for vector in vectors]


def test_categories_become_sparse_vectors(flow: Flow, role: str, rows: str) -> None:
    def encode(strategy: str, drop_last: bool, column: str = "kind") -> str:
        given = {"invalid_handling_strategy": strategy, "drop_last": drop_last}
        member = "one_hot_encode_parameters"
        given |= {"output_style": "Vector", "output_column": "hot"}
        return flow.chosen(
            "encode_categorical",
            "One-hot encode",
            member,
            rows,
            input_column=column,
            **given,
        )

    found = results(
        flow,
        role,
        kept=encode("Keep", False),
        fewer=encode("Keep", True),
        skipped=encode("Skip", False),
        least=encode("Skip", True),
    )
    shown = {name: spelled(frame["hot"]) for name, frame in found.items()}
    assert shown == {
        "kept": [f"(3,[{index}],[1.0])" for index in (0, 1, 2, 0)],
        "fewer": ["(2,[0],[1.0])", "(2,[1],[1.0])", "(2,[],[])", "(2,[0],[1.0])"],
        "skipped": ["(2,[0],[1.0])", "(2,[1],[1.0])", "(2,[0],[1.0])"],
        "least": ["(1,[0],[1.0])", "(1,[],[])", "(1,[0],[1.0])"],
    }


def test_texts_are_counted_hashed_and_weighed(flow: Flow, role: str, rows: str) -> None:
    def vectorize(vectorizer: str, form: str, **more: Any) -> str:
        counts = {"maximum_document_frequency": 0.999, **more}
        return flow.chosen(
            "featurize_text",
            "Vectorize",
            "vectorize_parameters",
            rows,
            input_column="note",
            tokenizer="Standard",
            vectorizer=vectorizer,
            vectorizer_count_vectorizer_parameters=counts,
            vectorizer_hashing_parameters={"number_of_features": 262_144},
            apply_idf="No" if vectorizer == "Hashing" or form == "Columns" else "Yes",
            apply_idf_yes_parameters={"minimum_document_frequency": 2},
            output_format=form,
            output_column="seen",
        )

    statistics = flow.chosen(
        "featurize_text",
        "Character statistics",
        "character_statistics_parameters",
        flow.chosen(
            "handle_missing",
            "Fill missing",
            "fill_missing_parameters",
            rows,
            input_column=["note"],
            fill_value="-",
        ),
        input_column="note",
    )
    found = results(
        flow,
        role,
        weighed=vectorize("Count Vectorizer", "Vector"),
        counted=vectorize("Count Vectorizer", "Columns", binarize_count=True),
        hashed=vectorize("Hashing", "Vector"),
        statistics=statistics,
    )
    # words of equal count stand by name here: cat, "", red, 7!, big, dog
    weight = 0.5108256237659907
    assert spelled(found["weighed"]["seen"]) == [
        f"(6,[0,1,2,4],[{weight},{weight},{weight},0.0])",
        f"(6,[2,3,5],[{weight},0.0,0.0])",
        f"(6,[1],[{weight}])",
        f"(6,[0],[{2 * weight}])",
    ]
    counted = found["counted"]
    assert [name for name in counted if name.startswith("seen_")] == [
        "seen_cat",
        "seen_",
        "seen_red",
        "seen_7!",
        "seen_big",
        "seen_dog",
    ]
    assert counted["seen_cat"].tolist() == [1.0, 0.0, 0.0, 1.0]
    (last,) = found["hashed"]["seen"].tolist()[3:]
    assert (last["size"], last["values"].tolist()) == (262_144, [2.0])
    told = found["statistics"].filter(like="note__")
    assert told.iloc[1].to_dict() == pytest.approx(
        {
            "note__word_count": 3,
            "note__char_count": 10,
            "note__special_ratio": 1 / 8,
            "note__digit_ratio": 1 / 8,
            "note__lower_ratio": 3 / 8,
            "note__capital_ratio": 3 / 8,
        }
    )


def test_similar_names_share_elements(flow: Flow, role: str, rows: str) -> None:
    def encode(style: str) -> str:
        return flow.chosen(
            "encode_categorical",
            "Similarity encode",
            "similarity_encode_parameters",
            rows,
            input_column="state",
            target_dimension=40,
            output_style=style,
        )

    found = results(flow, role, columns=encode("Columns"), listed=encode("Vector"))
    table = found["columns"][[f"state_{number}" for number in range(40)]].to_numpy()
    assert ((table >= -1) & (table <= 1)).all()
    shared = (table[:, None, :] == table[None, :, :]).sum(axis=2)
    assert shared[0, 3] == 40
    assert 40 > shared[0, 1] > 5 > shared[0, 2]
    assert found["listed"]["state"].map(list).tolist() == table.tolist()


def test_parts_of_a_time_in_one_vector(flow: Flow, role: str, rows: str) -> None:
    node = flow.chosen(
        "featurize_date_time",
        "Extract columns",
        "extract_columns_parameters",
        rows,
        input_column="at",
        output_column="when",
        output_mode="Ordinal",
        output_format="Vector",
        month=True,
        hour=True,
        minute=True,
        second=True,
    )
    flow.destination(node, f"s3://{BUCKET}/csv", output_content_type="CSV")
    assert run_flow(flow, role)["ProcessingJobStatus"] == "Completed"
    assert list(read("csv/")["when"]) == [
        f"[{month}.0,6.0,30.0,0.0]" for month in (0, 1, 2, 3)
    ]


@pytest.mark.skipif(not place.ready(), reason="no Spark here: make spark")
def test_pyspark_filters_groups_and_assembles(
    flow: Flow, role: str, table: pd.DataFrame
) -> None:
    """As in the flow that AWS shows for ratings of music."""
    hot = flow.chosen(
        "encode_categorical",
        "One-hot encode",
        "one_hot_encode_parameters",
        flow.rows,
        input_column="carrier",
        invalid_handling_strategy="Keep",
        drop_last=False,
        output_style="Vector",
    )
    assemble = """
from pyspark.ml.feature import VectorAssembler
numbers = ["delay", "seats"]
df = df.dropna(subset=numbers)
df = VectorAssembler(inputCols=["carrier", *numbers], outputCol="all").transform(df)
"""
    group = """
import pyspark.sql.functions as F
means = [F.avg(name).alias(name + "_mean") for name in ["delay", "seats"]]
df = df.filter(F.col("delay") >= 0).groupBy("carrier").agg(
    *means, F.max("at").alias("last"), F.count(F.lit(1)).alias("n"))
"""
    given = {"operator": "Python (PySpark)", "pyspark_parameters": {"code": assemble}}
    found = results(
        flow,
        role,
        grouped=flow.step("custom_pyspark", {"code": group}, flow.rows),
        assembled=flow.step("custom_code", given, hot),
    )
    late = table.assign(last=pd.to_datetime(table["at"])).query("delay >= 0")
    expected = late.groupby("carrier", dropna=False).agg(
        delay_mean=("delay", "mean"),
        seats_mean=("seats", "mean"),
        last=("last", "max"),
        n=("delay", "size"),
    )
    grouped = found["grouped"].set_index("carrier").sort_index(na_position="last")
    pd.testing.assert_frame_equal(grouped, expected, check_dtype=False)
    assert spelled(found["assembled"]["all"])[:2] == [
        "[1.0,0.0,0.0,0.0,10.5,150.0]",
        "[1.0,0.0,0.0,0.0,-4.0,150.0]",
    ]


@pytest.mark.skipif(not place.ready(), reason="no Spark here: make spark")
def test_pyspark_that_fails_names_its_line(sketch: Flow, tmp_path: Path) -> None:
    code = "# Table is available as variable `df`\ndf = df.select('gate')"
    node = sketch.step("custom_pyspark", {"code": code}, sketch.rows)
    reason = refusal(sketch, tmp_path, of=node)
    assert reason.startswith(f"node {node} (sagemaker.spark.custom_pyspark_0.1): ")
    assert "AnalysisException" in reason
    assert "`gate` cannot be resolved" in reason
    assert reason.endswith(" in line 2 of the code")
