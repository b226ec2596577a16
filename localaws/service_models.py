"""botocore's models of the services, in a server that keeps them for days.

As botocore reads them EC2's takes 14 MB and SageMaker's 9, again in each session, and
moto reads its own. The half of it is prose that a server does not show.
"""

import functools
import gzip
import json
import re
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.loaders import JSONFileLoader, Loader
from botocore.model import ServiceModel

_ORDER = re.compile("Sort|Order")


class LeanFileLoader(JSONFileLoader):
    """Reads models, and of their documentation what is used here.

    That is what an operation does, which a refusal says, and how a list is ordered.
    """

    def load_file(self, file_path: str) -> Any:
        """Return what a file says, None if there is none.

        Args:
            file_path: Without `.json` or `.json.gz`.
        """
        words: dict[str, str] = {}

        def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            found = {
                name: words.setdefault(value, value) if type(value) is str else value
                for name, value in pairs
            }
            used = "http" in found or _ORDER.search(str(found.get("shape")))
            if type(found.get("documentation")) is str and not used:
                found["documentation"] = ""
            return found

        for ending, opened in ((".json", open), (".json.gz", gzip.open)):
            path = Path(file_path + ending)
            if path.is_file():
                with opened(path, "rb") as file:
                    return json.load(file, object_pairs_hook=members)
        return None


LOADER = Loader(file_loader=LeanFileLoader())


def lean() -> None:
    """Let loaders be lean, and sessions share one: call it before moto is imported."""
    Loader.FILE_LOADER_CLASS = LeanFileLoader
    botocore.session.create_loader = lambda path=None: LOADER


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
