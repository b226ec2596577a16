"""What the author of a flow wrote: pandas, PySpark, SQL, functions, formulas.

The code runs as the job does, without a sandbox.
"""

import traceback
from typing import Any

import pandas as pd

from localaws.wrangler.casting import cast
from localaws.wrangler.choices import Members, Step, call, choose
from localaws.wrangler.errors import FlowError
from localaws.wrangler.files import from_arrow
from localaws.wrangler.frames import kind, need, normal
from localaws.wrangler.spark_code import session

# What the container's pandas shows of a column that has missing values.
_WITH_GAPS = {"long": "float64", "bool": "object"}
_WITHOUT = {"long": "int64", "bool": "bool"}


def custom_code(step: Step) -> pd.DataFrame:
    """Run code in the language that the node chose."""
    function, inner, _ = choose(step.parameters, _TABLE)
    return call(function, inner, step if function is _pyspark else step.frame)


def custom_pandas(step: Step) -> pd.DataFrame:
    """Run pandas code, in the older form of the node."""
    return call(_pandas, _unnamed(step), step.frame)


def custom_pyspark(step: Step) -> pd.DataFrame:
    """Run PySpark code, in the older form of the node."""
    return call(_pyspark, _unnamed(step), step)


def custom_sql(step: Step) -> pd.DataFrame:
    """Run SQL, in the older form of the node."""
    return call(_sql, _unnamed(step), step.frame)


def custom_formula(step: Step) -> pd.DataFrame:
    """Add a column with a Spark SQL expression of the others."""
    return call(_formula, _unnamed(step), step.frame)


def _unnamed(step: Step) -> Members:
    """Return the parameters without the step's title, which authors may set."""
    return {n: v for n, v in step.parameters.items() if n != "name"}


def _pandas(frame: pd.DataFrame, *, code: str) -> pd.DataFrame:
    scope: dict[str, Any] = {"df": _shown(frame)}
    _execute(code, scope)
    result = scope.get("df")
    if not isinstance(result, pd.DataFrame):
        raise FlowError(
            f"the code must leave a DataFrame in df; found {type(result).__name__}"
        )
    result.columns = pd.Index([str(name) for name in result.columns])
    if not result.columns.is_unique:
        raise FlowError("the code left two columns of the same name in df")
    # Spark cannot type a column of nothing; Data Wrangler makes it one of strings
    empty = [name for name in result if len(result) and result[name].isna().all()]
    return normal(result).assign(**{name: "" for name in empty})


def _pyspark(step: Step, *, code: str) -> pd.DataFrame:
    return session(step.job.scratch / "spark").run(code, step.frame)


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the data as a Spark data frame's toPandas would."""
    types = {
        name: (_WITH_GAPS if frame[name].isna().any() else _WITHOUT).get(
            kind(frame[name]), frame[name].dtype
        )
        for name in frame
    }
    return frame.astype(types)


def _execute(code: str, scope: dict[str, Any]) -> None:
    try:
        exec(compile(code, "<custom transform>", "exec"), scope)
    except Exception as error:
        print(traceback.format_exc())
        lines = [
            entry.lineno
            for entry in traceback.extract_tb(error.__traceback__)
            if entry.filename == "<custom transform>"
        ]
        where = f" in line {lines[-1]} of the code" if lines else ""
        raise FlowError(f"{type(error).__name__}: {error}{where}") from error


def _sql(frame: pd.DataFrame, *, sql: str) -> pd.DataFrame:
    return query(frame, sql.strip().rstrip(";"))


def _formula(frame: pd.DataFrame, *, formula: str, output_column: str) -> pd.DataFrame:
    found = query(frame, f"SELECT {formula} AS formula_value FROM df")
    if len(found) != len(frame):
        raise FlowError(f"the formula {formula!r} does not give one value a row")
    if list(found) != ["formula_value"]:
        raise FlowError(f"the formula {formula!r} is not one expression")
    return frame.assign(**{output_column: found["formula_value"].array})


def query(frame: pd.DataFrame, sql: str) -> pd.DataFrame:
    """Answer Spark SQL over the table `df`."""
    import duckdb
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        asked = sqlglot.parse_one(sql, read="spark")
        local = asked.sql(dialect="duckdb")
    except (SqlglotError, ValueError) as error:
        raise FlowError(f"Spark SQL cannot parse {sql!r}: {error}") from error
    for part in asked.find_all(exp.TimeToStr, exp.StrToTime, exp.StrToUnix):
        if "'" in part.text("format"):
            raise FlowError(
                f"the local endpoint does not know quoted text in a format of time: "
                f"{sql!r}; Spark does"
            )
    with duckdb.connect() as connection:
        connection.execute("SET ieee_floating_point_ops = false")
        connection.execute("SET enable_external_access = false")
        connection.register("df", frame)
        try:
            table = connection.execute(local).to_arrow_table()
        except duckdb.Error as error:
            raise FlowError(
                f"the local endpoint cannot evaluate {sql!r}: {error}"
            ) from error
    return from_arrow(table)


def _udf(
    frame: pd.DataFrame,
    *,
    input_col: str,
    output_col: str,
    return_type: str,
    udf_mode: str,
    pandas_code: str = "",
    python_code: str = "",
) -> pd.DataFrame:
    need(frame, [input_col])
    pandas_mode = udf_mode == "Pandas"
    scope: dict[str, Any] = {}
    _execute(pandas_code if pandas_mode else python_code, scope)
    if not callable(scope.get("custom_func")):
        raise FlowError("the code must define custom_func")
    scope["column"] = _shown(frame[[input_col]])[input_col]
    run = "custom_func(column)" if pandas_mode else "column.map(custom_func)"
    _execute(f"result = {run}", scope)
    result = pd.Series(scope["result"])
    if len(result) != len(frame):
        raise FlowError(f"custom_func gave {len(result)} values for {len(frame)} rows")
    values = normal(pd.DataFrame({"value": result.array}))["value"]
    return frame.assign(**{output_col: cast(values, return_type).array})


_TABLE = {
    "Python (Pandas)": (_pandas, "pandas_parameters"),
    "Python (User-Defined Function)": (_udf, "udf_parameters"),
    "SQL (PySpark SQL)": (_sql, "sql_parameters"),
    "Python (PySpark)": (_pyspark, "pyspark_parameters"),
}
