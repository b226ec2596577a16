"""Recipe actions on columns, text, missing values and outliers."""

import pytest

from tests.localaws.brew.kitchen import (
    Aws,
    cooked,
    dataset,
    make_role,
    put,
    step,
    where,
)


@pytest.fixture(autouse=True)
def _kitchen(aws: Aws, bucket: str) -> None:
    make_role(aws)


def test_columns(aws: Aws) -> None:
    put(aws, "in.csv", "a,b,c,d\n1,x,true,2\n3,,false,1.5\n2,X,,z9\n")
    dataset(aws, "in.csv")
    order = {"sourceColumn": "b", "ordering": "DESCENDING", "customOrder": ["X", "y"]}
    steps = [
        step("DUPLICATE", sourceColumn="a", targetColumn="e"),
        step("MOVE_TO_START", sourceColumn="e"),
        step("MOVE_AFTER", sourceColumn="e", targetColumn="b"),
        step("MOVE_BEFORE", sourceColumn="d", targetColumn="b"),
        step("MOVE_TO_INDEX", sourceColumn="c", targetIndex="1"),
        step("MOVE_TO_END", sourceColumn="a"),
        step("CHANGE_DATA_TYPE", sourceColumn="d", columnDataType="int"),
        step("TO_STRING_COLUMN", sourceColumn="e"),
        step("TO_DOUBLE_COLUMN", sourceColumn="a"),
        step("SORT", expressions=[{"sourceColumn": "a"}, order]),
        step("SORT", expressions=[{**order, "nullsOrdering": "NULLS_BOTTOM"}]),
    ]
    found = cooked(aws, steps)
    assert list(found) == ["c", "d", "b", "e", "a"]
    kinds = {name: str(found[name].dtype) for name in "dea"}
    assert kinds["d"] == "float64"
    assert kinds["a"] == "float64"
    assert found["d"].fillna(-1).tolist() == [2, -1, 1]
    assert found["e"].tolist() == ["1", "2", "3"]
    assert found["c"].tolist() == [True, None, False]


def test_text(aws: Aws) -> None:
    put(aws, "in.csv", 'k,t\n1,"the  Quick (fox) 12!"\n2,\n3,b-c.d\n')
    dataset(aws, "in.csv")
    names = ["lower", "upper", "words", "first", "quoted", "single", "cut", "swap"]
    names += ["gone", "trim", "place", "mid"]
    steps = [step("DUPLICATE", sourceColumn="t", targetColumn=name) for name in names]
    steps += [
        step("LOWER_CASE", sourceColumn="lower"),
        step("UPPER_CASE", where("k", "IS", ["1"]), sourceColumn="upper"),
        step("CAPITAL_CASE", sourceColumn="words"),
        step("SENTENCE_CASE", sourceColumn="first"),
        step("ADD_DOUBLE_QUOTES", sourceColumn="quoted"),
        step("ADD_SINGLE_QUOTES", sourceColumn="single"),
        step("ADD_PREFIX", sourceColumn="single", pattern="<"),
        step("ADD_SUFFIX", sourceColumn="single", pattern=">"),
        step("REPLACE_TEXT", sourceColumn="cut", pattern="[0-9]", value="#"),
        step(
            "REPLACE_BETWEEN_DELIMITERS",
            sourceColumn="swap",
            startPattern=r"\(",
            endPattern=r"\)",
            value="cat",
        ),
        step(
            "REMOVE_COMBINED",
            sourceColumn="gone",
            removeNumbers="true",
            removeAllPunctuation="true",
            collapseConsecutiveWhitespace="true",
            removeLeadingAndTrailingWhitespace="true",
        ),
        step(
            "REMOVE_COMBINED",
            sourceColumn="trim",
            removeCustomValue="true",
            customValue="the",
            removeSpecialCharacters="true",
            removeAllWhitespace="true",
        ),
        step(
            "REPLACE_BETWEEN_POSITIONS",
            sourceColumn="place",
            startPosition="0",
            endPosition="3",
            value="A",
        ),
        step(
            "EXTRACT_BETWEEN_DELIMITERS",
            sourceColumn="t",
            targetColumn="inside",
            startPattern=r"\(",
            endPattern=r"\)",
        ),
        step(
            "EXTRACT_BETWEEN_POSITIONS",
            sourceColumn="t",
            targetColumn="part",
            startPosition="1",
            endPosition="3",
        ),
        step("EXTRACT_PATTERN", sourceColumn="t", targetColumn="n", pattern="[0-9]+"),
        step(
            "TOKENIZATION",
            sourceColumn="t",
            targetColumn="tokens",
            delimiter="|",
            stopWordRemovalMode="DEFAULT",
        ),
        step(
            "SPLIT_COLUMN_SINGLE_DELIMITER",
            sourceColumn="mid",
            pattern="-",
            limit="2",
            includeInSplit="true",
        ),
        step("SPLIT_COLUMN_FROM_START", sourceColumn="words", position="3"),
        step("SPLIT_COLUMN_FROM_END", sourceColumn="first", position="2"),
        step("MERGE", sourceColumns=["k", "n"], targetColumn="merged", delimiter="/"),
    ]
    found = cooked(aws, steps).set_index("k").astype(object)
    found = found.where(found.notna(), None)
    assert found.loc[1].to_dict() == {
        "t": "the  Quick (fox) 12!",
        "lower": "the  quick (fox) 12!",
        "upper": "THE  QUICK (FOX) 12!",
        "words_1": "The",
        "words_2": "  Quick (fox) 12!",
        "first_1": "The  quick (fox) 1",
        "first_2": "2!",
        "quoted": '"the  Quick (fox) 12!"',
        "single": "<'the  Quick (fox) 12!'>",
        "cut": "the  Quick (fox) ##!",
        "swap": "the  Quick (cat) 12!",
        "gone": "the Quick (fox)",
        "trim": "Quickfox12",
        "place": "A  Quick (fox) 12!",
        "mid_1": "the  Quick (fox) 12!",
        "mid_2": None,
        "mid_3": None,
        "inside": "fox",
        "part": "he",
        "n": "12",
        "tokens": "Quick|fox|12",
        "merged": "1/12",
    }
    assert set(found.loc[2].drop("merged")) == {None}
    assert (found.loc[2, "merged"], found.loc[3, "upper"]) == ("2", "b-c.d")
    assert (found.loc[3, "mid_1"], found.loc[3, "mid_2"]) == ("b", "-c.d")


GAPS = "k,n,w\n1,1,a\n2,,\n3,2,b\n4,2,b\n5,3,x\n6,3,7\n7,9,\n"


def test_what_is_missing_is_filled(aws: Aws) -> None:
    put(aws, "in.csv", GAPS)
    dataset(aws, "in.csv")
    fills = {
        "FILL_WITH_AVERAGE": 20 / 6,
        "FILL_WITH_MEDIAN": 2.5,
        "FILL_WITH_SUM": 20,
        "FILL_WITH_LAST_VALID": 1,
        "FILL_WITH_MOST_FREQUENT": 2,
    }
    steps = []
    for name in fills:
        steps += [
            step("DUPLICATE", sourceColumn="n", targetColumn=name),
            step(name, sourceColumn=name),
        ]
    modes = {"MINIMUM": 2, "MAXIMUM": 3, "AVERAGE": 2.5, "NONE": None}
    for mode in modes:
        steps += [
            step("DUPLICATE", sourceColumn="n", targetColumn=mode),
            step("FILL_WITH_MODE", sourceColumn=mode, modeType=mode),
        ]
    for name, value in (("custom", "-1"), ("w", "none")):
        if name == "custom":
            steps.append(step("DUPLICATE", sourceColumn="n", targetColumn=name))
        kind = "number" if name == "custom" else "string"
        steps.append(
            step(
                "FILL_WITH_CUSTOM",
                sourceColumn=name,
                columnDataType=kind,
                value=value,
            )
        )
    steps += [
        step("DUPLICATE", sourceColumn="w", targetColumn="v"),
        step("REPLACE_WITH_MEDIAN", sourceColumn="v", columnDataType="number"),
        step(
            "FLAG_DUPLICATES_IN_COLUMN",
            sourceColumn="w",
            targetColumn="twice",
            trueString="yes",
        ),
        step(
            "REPLACE_WITH_ROLLING_AVERAGE",
            sourceColumn="k",
            columnDataType="number",
            period="2",
        ),
    ]
    found = cooked(aws, steps)
    gap = found.iloc[1]
    assert {name: gap[name] for name in fills} == fills
    assert [gap[mode] for mode in ("MINIMUM", "MAXIMUM", "AVERAGE")] == [2, 3, 2.5]
    assert found["NONE"].isna().sum() == 1
    assert found["FILL_WITH_LAST_VALID"].dtype == "int32"
    assert found["custom"].tolist() == [1, -1, 2, 2, 3, 3, 9]
    assert found["w"].tolist() == ["a", "none", "b", "b", "x", "7", "none"]
    assert found["v"].tolist() == ["7.0"] * 5 + ["7", "7.0"]
    flags = ["False", "False", "False", "yes", "False", "False", "yes"]
    assert found["twice"].tolist() == flags
    assert found["k"].tolist()[1:] == [1, 1.5, 2.5, 3.5, 4.5, 5.5]


def test_rows_go(aws: Aws) -> None:
    rows = ["k,n,w"] + [f"{k},{k},w{k}" for k in range(1, 31)]
    put(aws, "in.csv", "\n".join([*rows, "31,900,", "32,,7", "33,5,w5"]))
    dataset(aws, "in.csv")
    strategy = {"sourceColumn": "n", "outlierStrategy": "Z_SCORE", "threshold": "3"}
    between = {"GREATER_THAN_EQUAL": 2, "LESS_THAN_EQUAL": 4}
    steps = [
        step("FLAG_OUTLIERS", **strategy, targetColumn="out"),
        step(
            "REPLACE_OUTLIERS",
            **{**strategy, "outlierStrategy": "MODIFIED_Z_SCORE"},
            replaceType="REPLACE_WITH_MAX",
        ),
        step("REMOVE_DUPLICATES", sourceColumn="w"),
        step("REMOVE_VALUES", where("n", "IS_BETWEEN", between), sourceColumn="n"),
        step(
            "REMOVE_VALUES",
            where("n", "LESS_THAN_EQUAL", "9"),
            where("w", "NOT_STARTS_WITH", "w8"),
            sourceColumn="n",
        ),
        step("REMOVE_VALUES", where("w", "ENDS_WITH", "0"), sourceColumn="w"),
        step("REMOVE_VALUES", where("w", "CONTAINS", "15"), sourceColumn="w"),
        step("REMOVE_VALUES", where("n", "IS", ["11", "12"]), sourceColumn="n"),
        step("REMOVE_VALUES", where("n", "IS_MISSING"), sourceColumn="n"),
        step("REMOVE_INVALID", sourceColumn="w", columnDataType="string"),
    ]
    found = cooked(aws, steps)
    assert found["k"].tolist() == [8, 13, 14, *range(16, 20), *range(21, 30), 31]
    assert found["out"].tolist() == ["False"] * (len(found) - 1) + ["True"]
    assert found["n"].tolist()[-1] == 30
