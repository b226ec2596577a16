"""The two ways to call a family of jobs: boto3, and the SDK's resource class."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import boto3
import pytest

from tests.localaws.sagemaker.conftest import wait
from tests.localaws.sagemaker.family import FAMILIES, Family

Members = dict[str, Any]
RUNNING = ("InProgress", "Stopping")


class Boto3:
    """Calls a family's operations by boto3.

    Args:
        family: Whose jobs.
    """

    def __init__(self, family: Family) -> None:
        self.family = family

    @cached_property
    def client(self) -> Any:
        """One client for all threads: making one is slow and for one thread."""
        return boto3.client("sagemaker")

    def request(self, name: str = "job", kind: str = "quick") -> Members:
        """Prepare a job of a kind, and return the input that creates it."""
        return {**self.on(name), **self.family.request(kind)}

    def begin(self, name: str = "job", kind: str = "quick") -> None:
        """Create a job of a kind."""
        self.create(self.request(name, kind))

    def ended(self, name: str = "job") -> Members:
        """Wait for a job's end and return its description."""
        status = f"{self.family.noun}Status"
        return wait(lambda: self._call("describe", name), status, *RUNNING)

    def on(self, name: str) -> Members:
        """Return the member that names a job."""
        return {f"{self.family.noun}Name": name}

    def _call(self, verb: str, name: str) -> Members:
        operation = getattr(self.client, f"{verb}_{self.family.stem}")
        return operation(**self.on(name))

    def create(self, request: Members) -> None:
        """Create a job."""
        getattr(self.client, f"create_{self.family.stem}")(**request)

    def status(self, name: str = "job") -> str:
        """Return a job's status."""
        return str(self._call("describe", name)[f"{self.family.noun}Status"])

    def stop(self, name: str = "job") -> None:
        """Stop a job."""
        self._call("stop", name)

    def delete(self, name: str = "job") -> None:
        """Remove a job."""
        self._call("delete", name)

    def names(self, **filters: Any) -> list[str]:
        """List the jobs that pass the filters, page after page of one."""
        pages = self.client.get_paginator(f"list_{self.family.stem}s")
        noun = self.family.noun
        return [
            job[f"{noun}Name"]
            for page in pages.paginate(PaginationConfig={"PageSize": 1}, **filters)
            for job in page[f"{noun}Summaries"]
        ]


class Resource(Boto3):
    """Calls a family's operations by its class in `sagemaker.core.resources`."""

    @property
    def _class(self) -> Any:
        from sagemaker.core import resources

        return getattr(resources, self.family.noun)

    def get(self, name: str = "job") -> Any:
        """Return the resource of a name."""
        return self._class.get(**{f"{self.family.stem}_name": name})

    def _named(self, name: str) -> Any:
        """Return the resource of a name, without asking for it."""
        return self._class(**{f"{self.family.stem}_name": name})

    def create(self, request: Members) -> None:
        from sagemaker.core.utils.code_injection.codec import transform

        shape = f"Create{self.family.noun}Request"
        self._class.create(**transform(request, shape))

    def status(self, name: str = "job") -> str:
        return str(getattr(self.get(name), f"{self.family.stem}_status"))

    def stop(self, name: str = "job") -> None:
        self._named(name).stop()

    def delete(self, name: str = "job") -> None:
        self._named(name).delete()

    def names(self, **filters: Any) -> list[str]:
        from sagemaker.core.utils.code_injection.codec import pascal_to_snake

        given = {pascal_to_snake(key): value for key, value in filters.items()}
        found = self._class.get_all(**given)
        return [getattr(job, f"{self.family.stem}_name") for job in found]


NOUNS = tuple(family for family in FAMILIES if family.title != "built-in")


def by(
    *ways: type[Boto3], families: Iterable[Family] = FAMILIES
) -> pytest.MarkDecorator:
    """Run a test once for each family and way to call it, as `caller`."""
    quiet = pytest.mark.filterwarnings("ignore")
    pairs = [
        pytest.param(
            way(family),
            id=f"{family.title}-{way.__name__.lower()}",
            marks=(quiet,) if way is Resource else (),
        )
        for family in families
        for way in ways
    ]
    return pytest.mark.parametrize("caller", pairs)
