"""Feature groups and their records against a model of AWS's documentation."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, invariant, precondition, rule

from tests.localaws.machines.machine import Machine, drive
from tests.localaws.machines.world import (
    BUCKET,
    Answer,
    World,
    attempt,
    race,
    refused,
    until,
)

ENDS = {"online": "Created", "both": "Created", "lost": "CreateFailed"}
FLIGHTS = st.sampled_from(("AA1", "UA2"))
HOURS = st.sampled_from(range(1, 8))
MOST = 3


@dataclass(eq=False)
class Group:
    """What the model knows of one feature group.

    `records` has the hour and the values of each flight; None is a soft deletion.
    """

    name: str
    kind: str
    status: str = "Creating"
    extra: bool = False
    records: dict[str, tuple[int, dict[str, str] | None]] = field(default_factory=dict)


class Features(Machine):
    groups = Bundle("groups")

    def __init__(self) -> None:
        self.alive: list[Group] = []
        super().__init__()

    def create(self, name: str, kind: str) -> Answer:
        bucket = "no-such-bucket" if kind == "lost" else BUCKET
        offline = {"S3StorageConfig": {"S3Uri": f"s3://{bucket}/fs"}}
        return self.call(
            "create_feature_group",
            FeatureGroupName=name,
            RecordIdentifierFeatureName="flight",
            EventTimeFeatureName="at",
            FeatureDefinitions=[
                {"FeatureName": "flight", "FeatureType": "String"},
                {"FeatureName": "at", "FeatureType": "String"},
                {"FeatureName": "delay", "FeatureType": "Integral"},
            ],
            OnlineStoreConfig={"EnableOnlineStore": True},
            RoleArn=self.world.role,
            **({} if kind == "online" else {"OfflineStoreConfig": offline}),
        )

    def describe(self, name: str) -> Answer:
        return self.call("describe_feature_group", FeatureGroupName=name)

    def store(self, operation: str, group: Group, **members: Any) -> Answer:
        """Call an operation of the runtime."""
        client = self.world.aws("sagemaker-featurestore-runtime")
        return getattr(client, operation)(FeatureGroupName=group.name, **members)

    @precondition(lambda self: len(self.alive) < MOST)
    @rule(
        target=groups,
        word=st.sampled_from(("late", "latest")),
        kind=st.sampled_from(tuple(ENDS)),
        wait=st.booleans(),
    )
    def make(self, word: str, kind: str, wait: bool) -> Group:
        """Create one name three times at once: one wins."""
        name = self.name(word)
        calls = [lambda: self.create(name, kind)] * 3
        assert race(*calls, codes=("ResourceInUse",)) == 1
        group = Group(name, kind)
        self.alive.append(group)
        with refused("ResourceInUse", name):
            self.create(name, kind)
        if wait:
            self.settle(group)
        return group

    @rule(group=groups)
    def settle(self, group: Group) -> None:
        """Wait until a group is made, or cannot be."""

        def settled() -> bool:
            self.see(group, self.describe(group.name))
            return group.status != "Creating"

        until(settled, f"the end of {group}")

    @rule(group=consumes(groups))
    def delete(self, group: Group) -> None:
        """Delete a group twice at once: it is seen as Deleting, then not at all."""
        self.settle(group)

        def delete() -> Answer:
            return self.call("delete_feature_group", FeatureGroupName=group.name)

        gone = ("ValidationException", "ResourceNotFound")
        assert race(delete, delete, codes=gone) == 1
        self.alive.remove(group)

        def deleted() -> bool:
            return attempt(deleting, "ResourceNotFound") is not None

        def deleting() -> Answer:
            found = self.describe(group.name)
            assert found["FeatureGroupStatus"] == "Deleting"
            return found

        until(deleted, f"the deletion of {group}")
        with refused("ResourceNotFound", group.name):
            delete()
        with refused("ResourceNotFound"):
            self.store("get_record", group, RecordIdentifierValueAsString="AA1")

    @rule()
    def name_what_is_not_there(self) -> None:
        with refused("ResourceNotFound", "nobody"):
            self.describe("nobody")
        with refused("ResourceNotFound", "nobody"):
            self.call("delete_feature_group", FeatureGroupName="nobody")

    @rule(group=groups)
    def add_feature(self, group: Group) -> None:
        """Add a feature, once."""
        self.settle(group)
        addition = [{"FeatureName": "gate", "FeatureType": "String"}]

        def add() -> Answer:
            return self.call(
                "update_feature_group",
                FeatureGroupName=group.name,
                FeatureAdditions=addition,
            )

        if group.extra or group.status != "Created":
            with refused("ValidationException"):
                add()
            return
        assert race(add, add, codes=("ValidationException",)) == 1
        group.extra = True

        def updated() -> bool:
            found = self.describe(group.name)
            status = found["LastUpdateStatus"]["Status"]
            assert status in ("InProgress", "Successful")
            return status == "Successful"

        until(updated, "the update")

    @rule(group=groups, flight=FLIGHTS, hour=HOURS, delay=st.sampled_from("123"))
    def put(self, group: Group, flight: str, hour: int, delay: str) -> None:
        """Put a record: of two the later by event time stays."""
        values = {"flight": flight, "at": at(hour), "delay": delay}
        if group.extra:
            values["gate"] = f"B{delay}"
        record = [
            {"FeatureName": name, "ValueAsString": value}
            for name, value in values.items()
        ]
        if self.served(group, lambda: self.store("put_record", group, Record=record)):
            before = group.records.get(flight)
            if before is None or before[0] <= hour:
                group.records[flight] = (hour, values)
            self.get(group, flight)

    @rule(group=groups, flight=FLIGHTS, hour=HOURS)
    def delete_record(self, group: Group, flight: str, hour: int) -> None:
        """Delete a record softly, with a later event time than its own."""
        before = group.records.get(flight)
        if before and before[0] == hour:
            return

        def delete() -> Answer:
            return self.store(
                "delete_record",
                group,
                RecordIdentifierValueAsString=flight,
                EventTime=at(hour),
            )

        if self.served(group, delete):
            if before is None or before[0] < hour:
                group.records[flight] = (hour, None)
            self.get(group, flight)

    def served(self, group: Group, call: Any) -> bool:
        """Write to a group: it is refused until the group is made."""
        self.see(group, self.describe(group.name))
        code = attempt(call, "ValidationError")
        if group.status != "Creating":
            assert (code is None) == (group.status == "Created")
        return code is None

    def get(self, group: Group, flight: str) -> None:
        """Compare a record with the model's."""
        found = self.store("get_record", group, RecordIdentifierValueAsString=flight)
        got = {f["FeatureName"]: f["ValueAsString"] for f in found.get("Record", ())}
        _, values = group.records.get(flight, (0, None))
        assert got == (values or {})

    @rule(
        contains=st.sampled_from((None, "late", "latest", "none")),
        status=st.sampled_from((None, "Created", "CreateFailed")),
        order=st.sampled_from(("Ascending", "Descending")),
        size=st.sampled_from((1, 100)),
    )
    def look_through(
        self, contains: str | None, status: str | None, order: str, size: int
    ) -> None:
        given = {"NameContains": contains, "FeatureGroupStatusEquals": status}
        given = {name: value for name, value in given.items() if value}
        for group in self.alive:
            self.settle(group)
        found = self.listed(
            "list_feature_groups", size, SortBy="CreationTime", SortOrder=order, **given
        )
        fitting = [
            group.name
            for group in self.alive
            if (not contains or contains in group.name)
            and status in (None, group.status)
        ]
        if order == "Descending":
            fitting.reverse()
        assert [one["FeatureGroupName"] for one in found] == fitting

    @invariant()
    def agree(self) -> None:
        found = {one["FeatureGroupName"] for one in self.listed("list_feature_groups")}
        assert found == {group.name for group in self.alive}
        for group in self.alive:
            self.see(group, self.describe(group.name))
            if group.status == "Created":
                for flight in group.records:
                    self.get(group, flight)

    def see(self, group: Group, found: Answer) -> None:
        """Take a description into the model."""
        status = found["FeatureGroupStatus"]
        allowed = {group.status}
        if group.status == "Creating":
            allowed.add(ENDS[group.kind])
        assert status in allowed, f"{group}: {status}"
        group.status = status
        assert ("FailureReason" in found) == (status == "CreateFailed")
        names = [one["FeatureName"] for one in found["FeatureDefinitions"]]
        assert ("gate" in names) == group.extra

    def before_death(self) -> None:
        self.agree()

    def after_death(self) -> None:
        for group in self.alive:
            self.settle(group)
        self.agree()

    def finish(self) -> None:
        for group in self.alive:
            self.settle(group)


def at(hour: int) -> str:
    """Return an event time."""
    return f"2026-01-05T{hour:02}:00:00Z"


def test_feature_groups_do_as_documented(world: World) -> None:
    drive(Features)
