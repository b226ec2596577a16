"""The two ways to call a kind of resource: boto3, and the SDK's resource class."""

import contextlib
import uuid
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.store import operation
from tests.localaws.sagemaker.resource_kinds import BY_NOUN, KINDS, Kind, Members


class ByBoto3:
    """Calls a kind's operations by boto3.

    Args:
        kind: Of what.
    """

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    @cached_property
    def client(self) -> Any:
        """One client for all threads: making one is slow and for one thread."""
        return boto3.client("sagemaker")

    def given(self, name: str = "one", **change: Any) -> Members:
        """Return the input that creates a resource; None leaves a member out."""
        found = {f"{self.kind.noun}Name": name, **self.kind.request(), **change}
        return {key: value for key, value in found.items() if value is not None}

    def make(self, name: str = "one", **change: Any) -> None:
        """Create a resource."""
        self.create(self.given(name, **change))

    def create(self, request: Members) -> None:
        """Create what an input says."""
        getattr(self.client, f"create_{self.kind.stem}")(**request)

    def look(self, name: str = "one") -> None:
        """Describe a resource."""
        self.described(name)

    def delete(self, name: str = "one") -> None:
        """Remove a resource."""
        operation = getattr(self.client, f"delete_{self.kind.stem}")
        operation(**{f"{self.kind.noun}Name": name})

    def described(self, name: str = "one") -> Members:
        """Return the description of a resource, by boto3."""
        operation = getattr(self.client, f"describe_{self.kind.stem}")
        return operation(**{f"{self.kind.noun}Name": name})

    def there(self, name: str = "one") -> bool:
        """Whether there is a resource of a name."""
        try:
            self.described(name)
        except ClientError:
            return False
        return True


class ByClass(ByBoto3):
    """Calls a kind's operations by its class in `sagemaker.core.resources`."""

    @property
    def _class(self) -> Any:
        from sagemaker.core import resources

        return getattr(resources, self.kind.noun)

    def create(self, request: Members) -> None:
        from sagemaker.core.utils.code_injection.codec import transform

        shape = operation(f"Create{self.kind.noun}").input_shape.name
        # what 3.27.0 makes of a package's answer, after the package is made
        broken = KeyError if self.kind.noun == "ModelPackage" else ()
        with contextlib.suppress(broken):
            self._class.create(**transform(request, shape))

    def look(self, name: str = "one") -> None:
        self._class.get(**{f"{self.kind.stem}_name": name})

    def delete(self, name: str = "one") -> None:
        token = {}
        if self.kind.noun == "Pipeline":
            token = {"client_request_token": str(uuid.uuid4())}
        self._class(**{f"{self.kind.stem}_name": name}).delete(**token)


def _both(kind: Kind, *more: Any) -> Iterator[Any]:
    quiet = pytest.mark.filterwarnings("ignore")
    yield pytest.param(ByBoto3(kind), *more, id=f"{kind.noun}-boto3")
    yield pytest.param(ByClass(kind), *more, id=f"{kind.noun}-sdk", marks=quiet)


def both_of(*cases: tuple[Any, ...]) -> pytest.MarkDecorator:
    """Give a test `caller`, `change` and `text` of each case, in both ways.

    Args:
        cases: The noun of a kind, what differs from what creates one, and perhaps a
            text.
    """
    names = ("caller", "change", "text")[: len(cases[0])]
    pairs = [pair for noun, *more in cases for pair in _both(BY_NOUN[noun], *more)]
    return pytest.mark.parametrize(names, pairs)


by_both = pytest.mark.parametrize(
    "caller", [pair for kind in KINDS for pair in _both(kind)]
)
