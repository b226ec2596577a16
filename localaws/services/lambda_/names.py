"""How a function, version, alias or layer is named."""

import re
from dataclasses import dataclass

from localaws.home import ACCOUNT as ACCOUNT
from localaws.services.lambda_.errors import invalid

LATEST = "$LATEST"
_FUNCTION = re.compile(
    r"(?:arn:[\w-]+:lambda:(?P<region>[\w-]+):)?(?:(?P<account>\d{12}):)?"
    r"(?:function:)?(?P<name>[\w-]+)(?::(?P<qualifier>\$LATEST|[\w-]+))?"
)


@dataclass(frozen=True)
class Place:
    """An account and region, which stand in every ARN.

    Attributes:
        account: Twelve digits.
        region: Such as us-east-1.
    """

    account: str
    region: str

    def arn(self, kind: str, *names: str) -> str:
        """Return the ARN of a function, layer or event source mapping."""
        words = ("arn:aws:lambda", self.region, self.account, kind, *names)
        return ":".join(words)


def split(given: str, qualifier: str | None = None) -> tuple[str, str | None]:
    """Return the name and the qualifier in a function's name, ARN or partial ARN.

    Args:
        given: As the caller names the function.
        qualifier: The parameter `Qualifier`, if the operation has one.

    Raises:
        AwsError: They name two different qualifiers.
    """
    found = _FUNCTION.fullmatch(given)
    if found is None:
        raise invalid(f"Invalid function name: {given}")
    inner = found["qualifier"]
    if inner and qualifier and inner != qualifier:
        raise invalid(
            "The derived qualifier from the function name does not match the specified "
            "qualifier."
        )
    return found["name"], inner or qualifier


def is_version(qualifier: str) -> bool:
    """Whether a qualifier is the number of a version, or $LATEST."""
    return qualifier == LATEST or qualifier.isdecimal()
