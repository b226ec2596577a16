"""Amazon RDS for PostgreSQL: a server that one connects to."""

from localaws.services.rds import exports, instances
from localaws.services.rds.operations import HANDLERS

RESUMERS = [exports.resume, instances.resume]

__all__ = ["HANDLERS", "RESUMERS"]
