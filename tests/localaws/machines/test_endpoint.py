"""Endpoints, their configurations and models against a model of AWS's documentation."""

from botocore.exceptions import ClientError
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, invariant, precondition, rule

from tests.localaws.machines.hosting import Config, Endpoint
from tests.localaws.machines.machine import Machine, drive
from tests.localaws.machines.world import Answer, World, attempt, race, refused, until
from tests.localaws.sagemaker.conftest import SKLEARN, archive
from tests.localaws.sagemaker.hosted import SAYS

MODELS = ("one", "two", "bad")
BAD = "def model_fn(folder):\n    raise ValueError('asked to fail')\n"
MOST = 3
MOVING = ("Creating", "Updating")
INVALID = "ValidationException"


class Endpoints(Machine):
    configs = Bundle("configs")
    endpoints = Bundle("endpoints")

    def __init__(self) -> None:
        self.alive: list[Endpoint] = []
        self.known: list[Config] = []
        super().__init__()

    def prepare(self) -> None:
        for name in MODELS:
            text = BAD if name == "bad" else SAYS.format(word=name)
            uri = self.world.store(f"{name}.tar.gz", archive(code__inference_py=text))
            self.create_model(name, uri)

    def create_model(self, name: str, uri: str) -> Answer:
        variables = {"SAGEMAKER_PROGRAM": "inference.py"}
        return self.call(
            "create_model",
            ModelName=name,
            ExecutionRoleArn=self.world.role,
            PrimaryContainer={
                "Image": SKLEARN,
                "ModelDataUrl": uri,
                "Environment": variables,
            },
        )

    def configure(self, name: str, model: str) -> Answer:
        variant = {
            "VariantName": "v",
            "ModelName": model,
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
        }
        return self.call(
            "create_endpoint_config",
            EndpointConfigName=name,
            ProductionVariants=[variant],
        )

    def describe(self, name: str) -> Answer:
        return self.call("describe_endpoint", EndpointName=name)

    @rule(target=configs, model=st.sampled_from(MODELS))
    def make_config(self, model: str) -> Config:
        name = self.name("config")
        calls = [lambda: self.configure(name, model)] * 2
        assert race(*calls, codes=(INVALID,)) == 1
        config = Config(name, model)
        self.known.append(config)
        return config

    @rule(config=consumes(configs))
    def delete_config(self, config: Config) -> None:
        """Delete a configuration: who was made from it goes on."""
        self.call("delete_endpoint_config", EndpointConfigName=config.name)
        config.there = False
        self.known.remove(config)
        with refused(INVALID, "Could not find endpoint configuration"):
            self.call("describe_endpoint_config", EndpointConfigName=config.name)
        with refused(INVALID):
            self.call(
                "create_endpoint", EndpointName="none", EndpointConfigName=config.name
            )

    @rule()
    def make_and_delete_model(self) -> None:
        name = self.name("spare")
        uri = "s3://on-time-desk/one.tar.gz"
        self.create_model(name, uri)
        with refused(INVALID):
            self.create_model(name, uri)
        assert len(self.listed("list_models", NameContains=name)) == 1
        self.call("delete_model", ModelName=name)
        for verb in ("describe", "delete"):
            with refused(INVALID, "Could not find model"):
                self.call(f"{verb}_model", ModelName=name)
        with refused(INVALID, "Could not find model"):
            self.configure("none", name)

    @precondition(lambda self: len(self.alive) < MOST)
    @rule(target=endpoints, config=configs, wait=st.booleans())
    def make(self, config: Config, wait: bool) -> Endpoint:
        """Create one name twice at once: one wins."""
        name = self.name("desk")

        def create() -> Answer:
            return self.call(
                "create_endpoint", EndpointName=name, EndpointConfigName=config.name
            )

        assert race(create, create, codes=(INVALID,)) == 1
        with refused(INVALID, "Cannot create already existing endpoint"):
            create()
        found = self.describe(name)
        made = Endpoint(name, found["EndpointArn"], config, found["CreationTime"])
        self.alive.append(made)
        self.see(made, found)
        if wait:
            self.settle(made)
        return made

    @rule(endpoint=endpoints, config=configs)
    def update(self, endpoint: Endpoint, config: Config) -> None:
        """Update an endpoint: only one that is in service can be."""
        if config is endpoint.config:
            return
        members = {"EndpointConfigName": config.name}
        if self.change(endpoint, "update_endpoint", **members):
            endpoint.coming, endpoint.coming_weight = config, 1.0

    @rule(endpoint=endpoints, weight=st.sampled_from((0.5, 2.0)))
    def weigh(self, endpoint: Endpoint, weight: float) -> None:
        """Set the weight of the variant."""
        desired = [{"VariantName": "v", "DesiredWeight": weight}]
        name = "update_endpoint_weights_and_capacities"
        if self.change(endpoint, name, DesiredWeightsAndCapacities=desired):
            endpoint.coming, endpoint.coming_weight = endpoint.config, weight

    def change(self, endpoint: Endpoint, name: str, **members: object) -> bool:
        """Call what takes an endpoint into Updating; return whether it did."""
        self.see(endpoint, self.describe(endpoint.name))
        before = endpoint.status
        code = attempt(
            lambda: self.call(name, EndpointName=endpoint.name, **members), INVALID
        )
        if before in ("InService", "Failed"):
            assert (code is None) == (before == "InService")
        if code is None and before in MOVING:
            # it has come into service in between
            self.arrive(endpoint, self.describe(endpoint.name), late=True)
        if code is None:
            endpoint.status = "Updating"
        return code is None

    @rule(endpoint=endpoints)
    def settle(self, endpoint: Endpoint) -> None:
        """Wait until an endpoint is in service or has failed."""

        def still() -> bool:
            self.see(endpoint, self.describe(endpoint.name))
            return endpoint.status not in MOVING

        until(still, f"the end of {endpoint}")

    @rule(endpoint=endpoints)
    def invoke(self, endpoint: Endpoint) -> None:
        """Ask an endpoint: who serves, answers with the name of its model."""
        self.see(endpoint, self.describe(endpoint.name))
        words = {endpoint.config.model}
        words |= {endpoint.coming.model} if endpoint.coming else set()
        try:
            said = self.ask(endpoint.name)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ValidationError", error
            assert endpoint.status not in ("InService", "Updating"), error
            return
        assert endpoint.status != "Failed"
        assert said in words - {"bad"}

    def ask(self, name: str) -> str:
        answer = self.world.aws("sagemaker-runtime").invoke_endpoint(
            EndpointName=name, Body=b"x", ContentType="text/csv"
        )
        return answer["Body"].read().decode()

    @rule(endpoint=consumes(endpoints))
    def delete(self, endpoint: Endpoint) -> None:
        """Delete an endpoint twice at once, after it has settled."""

        def delete() -> Answer:
            return self.call("delete_endpoint", EndpointName=endpoint.name)

        if endpoint.status in MOVING:
            if attempt(delete, INVALID) is None:
                self.forget(endpoint)
                return
            self.settle(endpoint)
        assert race(delete, delete, codes=(INVALID,)) == 1
        self.forget(endpoint)

    def forget(self, endpoint: Endpoint) -> None:
        self.alive.remove(endpoint)
        with refused(INVALID, "Could not find endpoint"):
            self.describe(endpoint.name)
        with refused("ValidationError"):
            self.ask(endpoint.name)

    @rule(
        status=st.sampled_from((None, "Creating", "InService", "Updating", "Failed")),
        by=st.sampled_from((None, "Name", "CreationTime")),
        order=st.sampled_from((None, "Ascending", "Descending")),
        size=st.sampled_from((1, 100)),
    )
    def look_through(
        self, status: str | None, by: str | None, order: str | None, size: int
    ) -> None:
        given = {"StatusEquals": status, "SortBy": by, "SortOrder": order}
        given = {name: value for name, value in given.items() if value}
        found = self.listed("list_endpoints", 100 if status else size, **given)
        names = [one["EndpointName"] for one in found]
        if status:
            assert {one["EndpointStatus"] for one in found} <= {status}
        fitting = [one for one in self.alive if not status or one.name in names]
        fitting.sort(
            key=lambda one: one.name if by == "Name" else one.created,
            reverse=order != "Ascending",
        )
        assert names == [one.name for one in fitting]

    @invariant()
    def agree(self) -> None:
        found = {one["EndpointName"]: one for one in self.listed("list_endpoints")}
        assert found.keys() == {one.name for one in self.alive}
        for one in self.alive:
            assert found[one.name]["EndpointArn"] == one.arn
            self.see(one, self.describe(one.name))
        configs = self.listed("list_endpoint_configs", 2)
        assert [c["EndpointConfigName"] for c in configs] == [
            config.name for config in reversed(self.known)
        ]

    def see(self, endpoint: Endpoint, found: Answer) -> None:
        """Take a description into the model."""
        status = found["EndpointStatus"]
        assert found["CreationTime"] == endpoint.created <= found["LastModifiedTime"]
        if endpoint.status in MOVING and status != endpoint.status:
            self.arrive(endpoint, found)
        assert status == endpoint.status, f"{endpoint}: {status}"
        told = "FailureReason" in found
        assert told == (status == "Failed" or endpoint.failed_update), found
        assert found["EndpointConfigName"] == endpoint.config.name
        if status == "InService":
            (variant,) = found["ProductionVariants"]
            assert variant["CurrentWeight"] == endpoint.weight

    def arrive(self, endpoint: Endpoint, found: Answer, late: bool = False) -> None:
        """Let a creation or an update end, as its model lets it."""
        target = endpoint.coming or endpoint.config
        works = target.model != "bad"
        if endpoint.killed:
            # the kill decides whether the old or the new configuration and weight serve
            works = found["EndpointConfigName"] == target.name
            works &= found["EndpointStatus"] == "InService"
        if endpoint.status == "Creating":
            endpoint.status = "InService" if works else "Failed"
        else:
            endpoint.status = "InService"
            endpoint.failed_update = "FailureReason" in found if late else not works
            if works:
                endpoint.config, endpoint.weight = target, endpoint.coming_weight
            if endpoint.killed:
                (variant,) = found["ProductionVariants"]
                endpoint.weight = variant["CurrentWeight"]
        endpoint.coming, endpoint.killed = None, False

    def before_death(self) -> None:
        self.agree()

    def after_death(self) -> None:
        for endpoint in self.alive:
            endpoint.killed = endpoint.status in MOVING
            self.settle(endpoint)
            if endpoint.status == "InService":
                assert self.ask(endpoint.name) == endpoint.config.model
        self.agree()

    def finish(self) -> None:
        for endpoint in self.alive:
            self.settle(endpoint)


def test_endpoints_do_as_documented(world: World) -> None:
    drive(Endpoints)
