"""Clients that are made once a test: making them took most of the time."""

import functools
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from localaws.daemon import Connection


@pytest.fixture
def aws(endpoint: Connection) -> Callable[[str], Any]:
    """Return the test's boto3 client of a service: `aws("kms")`."""
    return functools.cache(boto3.client)
