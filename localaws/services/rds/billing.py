"""What a DB instance costs: its class while it is up, its storage always."""

from localaws.services import rentals
from localaws.services.context import Context


def rent(context: Context, name: str, up: bool) -> None:
    """Charge from now on for an instance as it is described.

    Args:
        context: The endpoint.
        name: The instance.
        up: Whether it is not stopped.
    """
    described = context.aws.client("rds").describe_db_instances(
        DBInstanceIdentifier=name
    )["DBInstances"][0]
    costs: dict[str, tuple[str | None, float]] = {
        "rds-storage": (None, described["AllocatedStorage"])
    }
    if up:
        costs["rds-instance"] = (described["DBInstanceClass"], 1)
    rentals.rent(context, f"db:{name}", costs)


def end(context: Context, name: str) -> None:
    """Charge for the last time."""
    rentals.end(context, f"db:{name}")
