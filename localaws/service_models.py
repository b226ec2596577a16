"""botocore's models of the services, each read once for the whole process.

Every session of botocore would read and keep its own: EC2's takes 17 MB.
"""

import functools

import botocore.session
from botocore.loaders import create_loader
from botocore.model import ServiceModel

LOADER = create_loader()


def session() -> botocore.session.Session:
    """Return a new session that reads the models which the others have read."""
    made = botocore.session.get_session()
    made.register_component("data_loader", LOADER)
    return made


@functools.cache
def model(service: str = "sagemaker") -> ServiceModel:
    """Return botocore's model of a service."""
    return session().get_service_model(service)
