"""botocore's models of the services, in a server that keeps them for days.

As botocore reads them EC2's takes 14 MB and SageMaker's 9, again in each session, and
moto reads its own. The half of it is prose that no server shows.
"""

import functools
import gzip
import json
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.loaders import JSONFileLoader, Loader
from botocore.model import ServiceModel


class LeanFileLoader(JSONFileLoader):
    """Reads models with empty documentation, each of their words kept once."""

    def load_file(self, file_path: str) -> Any:
        """Return what a file says, None if there is none.

        Args:
            file_path: Without `.json` or `.json.gz`.
        """
        words: dict[str, str] = {}

        def kept(name: str, value: Any) -> Any:
            if type(value) is not str:
                return value
            return "" if name == "documentation" else words.setdefault(value, value)

        def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            return {name: kept(name, value) for name, value in pairs}

        for ending, opened in ((".json", open), (".json.gz", gzip.open)):
            path = Path(file_path + ending)
            if path.is_file():
                with opened(path, "rb") as file:
                    return json.load(file, object_pairs_hook=members)
        return None


LOADER = Loader(file_loader=LeanFileLoader())


def lean() -> None:
    """Let each loader of this process be lean: call it before moto is imported."""
    Loader.FILE_LOADER_CLASS = LeanFileLoader


def session() -> botocore.session.Session:
    """Return a new session that reads the models which the others have read."""
    made = botocore.session.get_session()
    made.register_component("data_loader", LOADER)
    return made


@functools.cache
def boto_session() -> boto3.session.Session:
    """Return the session of boto3 that tells moto of regions."""
    return boto3.session.Session(botocore_session=session())


@functools.cache
def model(service: str = "sagemaker") -> ServiceModel:
    """Return botocore's model of a service."""
    return session().get_service_model(service)
