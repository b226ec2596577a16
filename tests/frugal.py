"""What keeps a worker of the tests fast and small over thousands of clients.

The guard drops boto3's session for each test. A session reads botocore's models anew,
30,000 objects a service, and the collector then walks over millions of them. With one
loader for all sessions a client costs a third of the CPU. The SageMaker SDK checks the
schema of its settings for 60 ms whenever it makes a resource.
"""

import functools
import gc
import os
import pickle
from typing import Any

import botocore.session
import jsonschema
from botocore.hooks import EventAliaser
from botocore.loaders import Loader

# young objects, and generations, before each next one: 700, 10 and 10 else
_THRESHOLDS = (50_000, 20, 20)


class OneReading(Loader):
    """Reads each of botocore's models once in this process."""

    def load_service_model(
        self, service_name: str, type_name: str, api_version: str | None = None
    ) -> Any:
        """Return a model, or what belongs to it.

        Args:
            service_name: As clients name it.
            type_name: Such as `service-2` or `paginators-1`.
            api_version: Its date, the latest if there is none.
        """
        found = super().load_service_model(service_name, type_name, api_version)
        # botocore takes the bucket out of the paths of Amazon S3's model, in place
        if (service_name, type_name) == ("s3", "service-2"):
            return pickle.loads(_kept(self, api_version))
        return found


@functools.cache
def _kept(loader: OneReading, version: str | None) -> bytes:
    return pickle.dumps(Loader.load_service_model(loader, "s3", "service-2", version))


@functools.cache
def _loader(path: str | None = None) -> Loader:
    return OneReading(path.split(os.pathsep) if path else None)


def _validate(instance: Any, schema: dict[str, Any], *, real: Any) -> None:
    """Validate as jsonschema does, but check the same schema once."""
    known = _schemas.get(id(schema))
    if known is None:
        real(instance, schema)
        known = jsonschema.validators.validator_for(schema)(schema)
        _schemas[id(schema)] = known
    error = jsonschema.exceptions.best_match(known.iter_errors(instance))
    if error is not None:
        raise error


_schemas: dict[int, Any] = {}


def be_frugal() -> None:
    """Share the models among sessions, and collect garbage less often."""
    jsonschema.validate = functools.partial(_validate, real=jsonschema.validate)
    botocore.session.create_loader = _loader
    # no session has other aliases of events than botocore's
    alias = functools.cache(EventAliaser(None)._alias_event_name)
    EventAliaser._alias_event_name = lambda _, name: alias(name)
    gc.set_threshold(*_THRESHOLDS)
