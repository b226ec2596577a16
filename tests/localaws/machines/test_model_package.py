"""Model package groups and their versions against a model of AWS's documentation."""

import itertools
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, invariant, precondition, rule

from tests.localaws.machines.machine import Machine, drive
from tests.localaws.machines.world import Answer, World, race, refused
from tests.localaws.sagemaker.conftest import SKLEARN, archive

APPROVALS = ("PendingManualApproval", "Approved", "Rejected")
INVALID = "ValidationException"


@dataclass(eq=False)
class Package:
    """What the model knows of one version."""

    arn: str
    version: int
    approval: str
    properties: dict[str, str]
    last: Answer = field(default_factory=dict, repr=False)


@dataclass(eq=False)
class Group:
    """What the model knows of one group; `given` counts the versions given out."""

    name: str
    arn: str
    given: int = 0
    packages: list[Package] = field(default_factory=list)


class Packages(Machine):
    groups = Bundle("groups")

    def __init__(self) -> None:
        self.known: list[Group] = []
        super().__init__()

    def prepare(self) -> None:
        self.uri = self.world.store("model.tar.gz", archive(weights_txt="1"))

    def version(self, group: str, **members: Any) -> Answer:
        return self.call(
            "create_model_package",
            ModelPackageGroupName=group,
            InferenceSpecification={
                "Containers": [{"Image": SKLEARN, "ModelDataUrl": self.uri}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
            **members,
        )

    def describe(self, arn: str) -> Answer:
        return self.call("describe_model_package", ModelPackageName=arn)

    @rule(target=groups, word=st.sampled_from(("late", "latest")))
    def make_group(self, word: str) -> Group:
        """Create one name three times at once: one wins."""
        name = self.name(word)

        def create() -> Answer:
            return self.call("create_model_package_group", ModelPackageGroupName=name)

        assert race(create, create, create, codes=(INVALID,)) == 1
        with refused(INVALID, "already exists"):
            create()
        found = self.call("describe_model_package_group", ModelPackageGroupName=name)
        assert found["ModelPackageGroupStatus"] == "Completed"
        group = Group(name, found["ModelPackageGroupArn"])
        self.known.append(group)
        return group

    @rule(group=consumes(groups))
    def delete_group(self, group: Group) -> None:
        """Delete a group: only an empty one can be."""
        name = {"ModelPackageGroupName": group.name}
        if group.packages:
            with refused("ConflictException", group.name):
                self.call("delete_model_package_group", **name)
            for package in list(group.packages):
                self.delete(group, package)
        self.call("delete_model_package_group", **name)
        self.known.remove(group)
        with refused(INVALID, "does not exist"):
            self.call("describe_model_package_group", **name)
        with refused(INVALID):
            self.version(group.name)

    @rule(group=groups, approval=st.sampled_from((None, *APPROVALS)))
    def register(self, group: Group, approval: str | None) -> None:
        """Create the next version."""
        given = {"ModelApprovalStatus": approval} if approval else {}
        properties = {"owner": "desk"} if approval == "Approved" else {}
        if properties:
            given["CustomerMetadataProperties"] = properties
        arn = self.version(group.name, **given)["ModelPackageArn"]
        self.add(group, arn, approval or APPROVALS[0], properties)

    @rule(group=groups)
    def register_at_once(self, group: Group) -> None:
        """Create three versions at once: each gets a number of its own."""
        made: list[str] = []

        def create() -> Answer:
            answer = self.version(group.name)
            made.append(answer["ModelPackageArn"])
            return answer

        assert race(create, create, create, codes=()) == 3
        for arn in sorted(made, key=lambda arn: int(arn.rpartition("/")[2])):
            self.add(group, arn, APPROVALS[0], {})

    def add(
        self, group: Group, arn: str, approval: str, properties: dict[str, str]
    ) -> None:
        group.given += 1
        assert arn.endswith(f":model-package/{group.name}/{group.given}")
        group.packages.append(Package(arn, group.given, approval, dict(properties)))

    @precondition(lambda self: any(group.packages for group in self.known))
    @rule(
        group=groups,
        number=st.sampled_from((0, 1, -1)),
        approval=st.sampled_from(APPROVALS),
        value=st.sampled_from((None, "day", "night")),
    )
    def review(
        self, group: Group, number: int, approval: str, value: str | None
    ) -> None:
        """Approve or reject a version, from any state into any."""
        if not group.packages:
            return
        package = group.packages[number % len(group.packages)]
        change = {"ModelApprovalStatus": approval}
        if value is not None:
            change["CustomerMetadataProperties"] = {"shift": value}
            package.properties["shift"] = value
        elif package.properties:
            key = sorted(package.properties)[0]
            change["CustomerMetadataPropertiesToRemove"] = [key]
            del package.properties[key]
        self.call("update_model_package", ModelPackageArn=package.arn, **change)
        package.approval, package.last = approval, {}

    @rule(group=groups, number=st.sampled_from((0, 1, -1)))
    def delete_version(self, group: Group, number: int) -> None:
        """Delete a version: its number does not come again."""
        if group.packages:
            self.delete(group, group.packages[number % len(group.packages)])

    def delete(self, group: Group, package: Package) -> None:
        def delete() -> Answer:
            return self.call("delete_model_package", ModelPackageName=package.arn)

        assert race(delete, delete, codes=(INVALID,)) == 1
        group.packages.remove(package)
        with refused(INVALID, "does not exist"):
            self.describe(package.arn)
        with refused(INVALID):
            self.call(
                "update_model_package",
                ModelPackageArn=package.arn,
                ModelApprovalStatus="Approved",
            )

    @rule(
        group=groups,
        approval=st.sampled_from((None, *APPROVALS)),
        order=st.sampled_from((None, "Ascending", "Descending")),
        size=st.sampled_from((1, 2, 100)),
    )
    def look_through(
        self, group: Group, approval: str | None, order: str | None, size: int
    ) -> None:
        given = {"ModelApprovalStatus": approval, "SortOrder": order}
        given = {name: value for name, value in given.items() if value}
        found = self.listed(
            "list_model_packages", size, ModelPackageGroupName=group.name, **given
        )
        fitting = [p for p in group.packages if approval in (None, p.approval)]
        if order == "Descending":
            fitting.reverse()
        assert [one["ModelPackageArn"] for one in found] == [p.arn for p in fitting]

    @rule(group=groups)
    def delete_while_paging(self, group: Group) -> None:
        """Delete what the first page showed: the others show all the rest."""
        pages = self.pages("list_model_packages", 1, ModelPackageGroupName=group.name)
        first = next(pages)
        if not first:
            return
        (package,) = [p for p in group.packages if p.arn == first[0]["ModelPackageArn"]]
        self.delete(group, package)
        rest = [one["ModelPackageArn"] for one in itertools.chain(*pages)]
        assert rest == [p.arn for p in group.packages]

    @invariant()
    def agree(self) -> None:
        found = self.listed("list_model_package_groups", 2)
        assert [one["ModelPackageGroupName"] for one in found] == [
            group.name for group in self.known
        ]
        for package in (p for group in self.known for p in group.packages):
            found = self.describe(package.arn)
            assert found["ModelPackageStatus"] == "Completed"
            assert found["ModelApprovalStatus"] == package.approval
            assert found["ModelPackageVersion"] == package.version
            assert found.get("CustomerMetadataProperties", {}) == package.properties
            assert found == (package.last or found), "changed by nobody"
            package.last = found

    def before_death(self) -> None:
        self.agree()

    def after_death(self) -> None:
        self.agree()


def test_model_packages_do_as_documented(world: World) -> None:
    drive(Packages)
