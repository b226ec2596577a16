"""StartQueryExecution and what asks for its outcome."""

import hashlib
import json

from localaws.services import permissions
from localaws.services.athena import results, saved, statements, workgroups
from localaws.services.athena.errors import invalid
from localaws.services.athena.executions import ENDED, TABLE, Executions
from localaws.services.athena.listing import Listing
from localaws.services.context import Context
from localaws.services.json_operations import Members
from localaws.services.permissions import Caller
from localaws.services.records import Records
from localaws.wire import Request

_TOKENS = "athena-token"
_LONGEST = 262_144
_MOST_ROWS = 1000
_WRITES = ("INSERT", "UNLOAD")
_LISTING = Listing(TABLE, "QueryExecution", "QueryExecutions", newest_first=True)


def _caller(context: Context, request: Request) -> Caller:
    assert request.scope is not None
    return permissions.caller(context.aws, request.scope[0])


def start(context: Context, given: Members, request: Request) -> Members:
    """Answer StartQueryExecution."""
    sql = given["QueryString"]
    if len(sql.encode()) > _LONGEST:
        raise invalid("Query string length exceeds 262144 bytes.")
    records = context.part(Records)
    token = given.get("ClientRequestToken")
    digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()
    with records.lock:
        known = records.get(_TOKENS, token) if token else None
        if known is not None:
            if known["digest"] != digest:
                raise invalid("Idempotent parameters do not match")
            return {"QueryExecutionId": known["id"]}
        key = saved.new_id(context, TABLE)
        _start(context, given, request, key)
        if token:
            records.put(_TOKENS, token, {"digest": digest, "id": key})
    return {"QueryExecutionId": key}


def _start(context: Context, given: Members, request: Request, key: str) -> None:
    group = given.get("WorkGroup", workgroups.PRIMARY)
    asked = given.get("ResultConfiguration", {}).get("OutputLocation")
    configuration, location = workgroups.settings(context, group, asked)
    sql = given["QueryString"]
    parameters = given.get("ExecutionParameters", [])
    execute = statements.execution_of(sql)
    if execute is not None:
        name, parameters = execute[0], execute[1] or parameters
        sql = saved.prepared(context, group, name)["QueryStatement"]
    if parameters or execute is not None:
        sql = statements.filled(sql, parameters)
    statement = statements.read(sql)
    caller = _caller(context, request)
    results.check_bucket(caller, location)
    where = {"Catalog": "awsdatacatalog", **given.get("QueryExecutionContext", {})}
    if where["Catalog"].lower() != saved.CATALOG.lower():
        raise invalid(f"DataCatalog {where['Catalog']} was not found")
    where["Database"] = where.get("Database", "default").lower()
    execution = {
        "QueryExecutionId": key,
        "Query": given["QueryString"],
        "StatementType": statement.type,
        "SubstatementType": statement.kind,
        "ResultConfiguration": {
            "OutputLocation": _output(location, key, statement.kind, statement.type)
        },
        "QueryExecutionContext": where,
        "Status": {"State": "QUEUED", "SubmissionDateTime": context.clock.now()},
        "Statistics": {},
        "WorkGroup": group,
        "EngineVersion": configuration["EngineVersion"],
    }
    if given.get("ExecutionParameters"):
        execution["ExecutionParameters"] = given["ExecutionParameters"]
    context.part(Executions).start(execution, statement, configuration, caller)


def _output(location: str, key: str, kind: str, type_: str) -> str:
    if kind == "CREATE_TABLE_AS_SELECT":
        return f"{location}tables/{key}"
    if kind in _WRITES:
        return f"{location}{key}"
    return f"{location}{key}{'.csv' if type_ == 'DML' else '.txt'}"


def get(context: Context, given: Members) -> Members:
    """Answer GetQueryExecution."""
    found = context.part(Executions).find(given["QueryExecutionId"])
    return {"QueryExecution": found}


def stop(context: Context, given: Members) -> Members:
    """Answer StopQueryExecution."""
    context.part(Executions).stop(given["QueryExecutionId"])
    return {}


def rows(context: Context, given: Members, request: Request) -> Members:
    """Answer GetQueryResults."""
    found = context.part(Executions).find(given["QueryExecutionId"])
    status = found["Status"]
    if status["State"] not in ENDED:
        raise invalid(
            f"Query has not yet finished. Current state: {status['State']}",
            "INVALID_QUERY_EXECUTION_STATUS",
        )
    if status["State"] != "SUCCEEDED":
        raise invalid(
            f"Query did not finish successfully. Final query state: {status['State']}",
            "INVALID_QUERY_EXECUTION_STATUS",
        )
    output = found["ResultConfiguration"]["OutputLocation"]
    if not output.endswith((".csv", ".txt")):
        return {
            "ResultSet": {"Rows": [], "ResultSetMetadata": {"ColumnInfo": []}},
            "UpdateCount": found.get("UpdateCount", 0),
        }
    caller = _caller(context, request)
    most = given.get("MaxResults", _MOST_ROWS)
    return results.page(caller, output, most, given.get("NextToken"))


def statistics(context: Context, given: Members) -> Members:
    """Answer GetQueryRuntimeStatistics."""
    found = context.part(Executions).find(given["QueryExecutionId"])
    figures = found["Statistics"]
    timeline = {
        "QueryQueueTimeInMillis": figures.get("QueryQueueTimeInMillis"),
        "EngineExecutionTimeInMillis": figures.get("EngineExecutionTimeInMillis"),
        "TotalExecutionTimeInMillis": figures.get("TotalExecutionTimeInMillis"),
    }
    return {"QueryRuntimeStatistics": {"Timeline": timeline}}


OPERATIONS = {
    "StartQueryExecution": start,
    "GetQueryExecution": get,
    "BatchGetQueryExecution": _LISTING.batch,
    "ListQueryExecutions": _LISTING.ids,
    "StopQueryExecution": stop,
    "GetQueryResults": rows,
    "GetQueryRuntimeStatistics": statistics,
}
