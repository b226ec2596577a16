"""Pipelines and their executions against a model of AWS's documentation."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, invariant, precondition, rule

from tests.localaws.machines.machine import RESTARTED, Machine, drive
from tests.localaws.machines.pipelines import Execution, Pipeline
from tests.localaws.machines.world import Answer, World, attempt, race, refused, until
from tests.localaws.sagemaker import pipelining

# Which status may be seen after which; a retry begins again.
FOLLOWS = {
    "Executing": {"Executing", "Stopping", "Stopped", "Failed", "Succeeded"},
    "Stopping": {"Stopping", "Stopped"},
}
ENDS = {"quick": "Succeeded", "fails": "Failed"}
KINDS = st.sampled_from(("quick", "fails", "hangs"))
RUNNING = ("Executing", "Stopping")
MOST = 4
BLOCKING = 2


class Pipelines(Machine):
    pipelines = Bundle("pipelines")

    def __init__(self) -> None:
        self.alive: list[Pipeline] = []
        super().__init__()

    def prepare(self) -> None:
        sleeps = "import time; time.sleep(600)"
        self.steps = {
            "quick": pipelining.check("Check", 1, 1),
            "fails": pipelining.fail("Fail", "asked to fail"),
            "hangs": pipelining.training("Train", sleeps, self.world.role),
        }

    def definition(self, kind: str) -> dict[str, str]:
        return {"PipelineDefinition": pipelining.definition(self.steps[kind])}

    def describe(self, execution: Execution) -> Answer:
        return self.call(
            "describe_pipeline_execution", PipelineExecutionArn=execution.arn
        )

    @rule(target=pipelines, word=st.sampled_from(("late", "latest")), kind=KINDS)
    def make(self, word: str, kind: str) -> Pipeline:
        """Create one name twice at once: one wins."""
        name = self.name(word)

        def create() -> Answer:
            return self.call(
                "create_pipeline",
                PipelineName=name,
                RoleArn=self.world.role,
                ClientRequestToken=f"{self.name('token'):x>32}",
                **self.definition(kind),
            )

        assert race(create, create, codes=("ValidationException",)) == 1
        with refused("ValidationException", "must be unique"):
            create()
        found = self.call("describe_pipeline", PipelineName=name)
        assert found["PipelineStatus"] == "Active"
        made = Pipeline(name, found["PipelineArn"], found["CreationTime"], [kind])
        self.alive.append(made)
        return made

    @rule(pipeline=pipelines, kind=KINDS)
    def update(self, pipeline: Pipeline, kind: str) -> None:
        """Give a pipeline a definition: another one is another version."""
        answer = self.call(
            "update_pipeline", PipelineName=pipeline.name, **self.definition(kind)
        )
        if pipeline.versions[-1] != kind:
            pipeline.versions.append(kind)
        assert answer["PipelineVersionId"] == len(pipeline.versions)

    @rule()
    def name_what_is_not_there(self) -> None:
        for verb in ("describe", "update", "delete"):
            token = {"ClientRequestToken": "x" * 32} if verb == "delete" else {}
            with refused("ResourceNotFound", "nobody"):
                self.call(f"{verb}_pipeline", PipelineName="nobody", **token)

    @rule(pipeline=consumes(pipelines))
    def delete(self, pipeline: Pipeline) -> None:
        """Delete a pipeline: only one of which nothing runs can be."""

        def delete() -> Answer:
            token = f"{self.name('token'):x>32}"
            return self.call(
                "delete_pipeline", PipelineName=pipeline.name, ClientRequestToken=token
            )

        if any(one.status in RUNNING for one in pipeline.executions):
            if attempt(delete, "ConflictException") is None:
                hung = [e for e in pipeline.executions if e.kind == "hangs"]
                assert all(e.stopping or e.status not in RUNNING for e in hung)
                self.forget(pipeline)
                return
            for execution in pipeline.executions:
                self.settled(execution)
        delete()
        self.forget(pipeline)

    def forget(self, pipeline: Pipeline) -> None:
        self.alive.remove(pipeline)
        with refused("ResourceNotFound", pipeline.name):
            self.call("describe_pipeline", PipelineName=pipeline.name)
        for execution in pipeline.executions:
            with refused("ResourceNotFound"):
                self.describe(execution)

    def room(self) -> bool:
        """Whether another execution may begin: one that hangs takes a slot."""
        every = [e for p in self.alive for e in p.executions]
        hanging = [e for e in every if e.kind == "hangs" and not e.stopping]
        return len(every) < MOST and len(hanging) < BLOCKING

    @precondition(lambda self: self.room())
    @rule(pipeline=pipelines, first=st.booleans(), token=st.booleans())
    def start(self, pipeline: Pipeline, first: bool, token: bool) -> None:
        """Start an execution; a token that is sent again starts no other."""
        version = 1 if first else len(pipeline.versions)
        given: dict[str, Any] = {"PipelineName": pipeline.name}
        if first:
            given["PipelineVersionId"] = 1
        given["ClientRequestToken"] = f"{self.name('token'):x>32}"
        arn = self.call("start_pipeline_execution", **given)["PipelineExecutionArn"]
        if token:
            again = self.call("start_pipeline_execution", **given)
            assert again["PipelineExecutionArn"] == arn
        kind = pipeline.versions[version - 1]
        execution = Execution(arn, kind, version)
        pipeline.executions.append(execution)
        self.see(execution, self.describe(execution))

    def chosen(self, pipeline: Pipeline, number: int) -> Execution | None:
        """Return an execution of a pipeline, if there is one."""
        found = pipeline.executions
        return found[number % len(found)] if found else None

    @rule(pipeline=pipelines, number=st.sampled_from((0, 1, -1)))
    def stop(self, pipeline: Pipeline, number: int) -> None:
        execution = self.chosen(pipeline, number)
        if execution:
            self.stop_one(execution)

    def stop_one(self, execution: Execution) -> None:
        """Stop an execution: only one that runs can be."""
        before = execution.status
        code = self.change(execution, "stop")
        assert code or before in RUNNING
        execution.stopping |= code is None
        self.see(execution, self.describe(execution))
        assert code is None or execution.status not in RUNNING

    def change(self, execution: Execution, verb: str) -> str | None:
        token = f"{self.name('token'):x>32}"
        return attempt(
            lambda: self.call(
                f"{verb}_pipeline_execution",
                PipelineExecutionArn=execution.arn,
                ClientRequestToken=token,
            ),
            "ConflictException",
        )

    @rule(pipeline=pipelines, number=st.sampled_from((0, 1, -1)))
    def retry(self, pipeline: Pipeline, number: int) -> None:
        """Retry an execution: only one that failed or was stopped can be."""
        execution = self.chosen(pipeline, number)
        if execution is None or execution.kind == "hangs":
            return
        self.settled(execution)
        before = execution.status
        code = self.change(execution, "retry")
        assert (code is None) == (before in ("Failed", "Stopped"))
        if code is None:
            execution.status, execution.last = "Executing", {}
            execution.stopping = execution.killed = False

    @rule(pipeline=pipelines, number=st.sampled_from((0, 1, -1)))
    def settle(self, pipeline: Pipeline, number: int) -> None:
        execution = self.chosen(pipeline, number)
        if execution and (execution.kind in ENDS or execution.stopping):
            self.settled(execution)

    def settled(self, execution: Execution) -> None:
        """Wait for an execution's end, after a stop if nothing else ends it."""
        if execution.kind == "hangs" and execution.status == "Executing":
            self.stop_one(execution)

        def over() -> bool:
            self.see(execution, self.describe(execution))
            return execution.status not in RUNNING

        until(over, f"the end of {execution}")

    @rule(
        prefix=st.sampled_from((None, "late", "latest", "none")),
        order=st.sampled_from(("Ascending", "Descending")),
        size=st.sampled_from((1, 100)),
    )
    def look_through(self, prefix: str | None, order: str, size: int) -> None:
        given = {"PipelineNamePrefix": prefix} if prefix else {}
        found = self.listed("list_pipelines", size, SortOrder=order, **given)
        fitting = [p.name for p in self.alive if p.name.startswith(prefix or "")]
        fitting = fitting if order == "Ascending" else fitting[::-1]
        assert [one["PipelineName"] for one in found] == fitting

    @invariant()
    def agree(self) -> None:
        found = {one["PipelineName"] for one in self.listed("list_pipelines")}
        assert found == {pipeline.name for pipeline in self.alive}
        for pipeline in self.alive:
            name = {"PipelineName": pipeline.name}
            versions = self.listed("list_pipeline_versions", **name)
            assert len(versions) == len(pipeline.versions)
            listed = self.listed(
                "list_pipeline_executions", 1, SortOrder="Ascending", **name
            )
            arns = [one["PipelineExecutionArn"] for one in listed]
            assert arns == [one.arn for one in pipeline.executions]
            for summary, execution in zip(listed, pipeline.executions, strict=True):
                self.move(execution, summary["PipelineExecutionStatus"])
                self.see(execution, self.describe(execution))

    def move(self, execution: Execution, status: str) -> None:
        """Take a status into the model, if it may come after the one before."""
        allowed = FOLLOWS.get(execution.status, {execution.status})
        if execution.stopping:
            allowed = allowed & {"Stopping", "Stopped"}
        elif not execution.killed:
            allowed = allowed - {"Stopping", "Stopped"}
            if execution.kind == "hangs":
                allowed = allowed & {"Executing"}
            elif status not in RUNNING:
                allowed = allowed & {ENDS[execution.kind]}
        assert status in allowed, f"{execution}: {status}"
        execution.status = status

    def see(self, execution: Execution, found: Answer) -> None:
        """Take a description into the model."""
        self.move(execution, found["PipelineExecutionStatus"])
        failed = execution.status == "Failed"
        assert ("FailureReason" in found) == failed, found
        assert found["PipelineVersionId"] == execution.version
        assert found["CreationTime"] <= found["LastModifiedTime"]
        if execution.status in RUNNING:
            return
        assert found == (execution.last or found), "changed after its end"
        if not execution.last:
            steps = self.listed(
                "list_pipeline_execution_steps", PipelineExecutionArn=execution.arn
            )
            for step in steps:
                assert step["StepStatus"] in ("Succeeded", "Failed", "Stopped"), step
                assert ("FailureReason" in step) == (step["StepStatus"] == "Failed")
                assert step["StartTime"] <= step["EndTime"]
        execution.last = found

    def before_death(self) -> None:
        self.agree()

    def after_death(self) -> None:
        """Nothing runs any more, and nothing that was said is lost."""
        every = [e for p in self.alive for e in p.executions]
        for execution in every:
            execution.killed |= execution.status in RUNNING
        self.agree()
        for execution in every:
            assert execution.status not in RUNNING, f"{execution} outlived its process"
            if execution.status == "Failed" and execution.kind != "fails":
                assert RESTARTED in execution.last["FailureReason"]

    def finish(self) -> None:
        for execution in (e for p in self.alive for e in p.executions):
            self.settled(execution)


def test_pipelines_do_as_documented(world: World) -> None:
    drive(Pipelines)
