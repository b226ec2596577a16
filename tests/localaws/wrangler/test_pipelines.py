"""A flow as a step of a pipeline, as Data Wrangler exports it."""

import json

from tests.localaws.sagemaker.pipelining import (
    create,
    definition,
    finished,
    get,
    join,
    start,
    step,
)
from tests.localaws.wrangler.flows import BUCKET, Flow, output, read, request, store


def test_a_step_sets_a_parameter_of_its_flow(flow: Flow, role: str) -> None:
    flow.parameters.append({"name": "day", "type": "string", "value": "mon"})
    store("days/tue.csv", "n\n2\n")
    uri = f"s3://{BUCKET}/days/{{{{day}}}}.csv"
    node = flow.typed(flow.source("days", uri))
    arguments = request(
        flow,
        role,
        arguments=[
            f"--output-config '{json.dumps({f'{node}.default': {}})}'",
            join(
                """--parameter-override '{"day": \"""",
                get("Parameters.Day"),
                "\"}'",
                on="",
            ),
        ],
        ProcessingOutputConfig={"Outputs": [output(node)]},
    )
    del arguments["ProcessingJobName"]
    create(definition(step("Wrangle", "Processing", arguments), Day="mon"), role)
    done = finished(start(Day="tue"))
    assert done["PipelineExecutionStatus"] == "Succeeded", done
    assert read("out/")["n"].tolist() == [2]
