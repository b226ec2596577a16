"""Releases of Amazon EMR, and which of them run the Spark that is here."""

import re
from typing import Any

from moto.utilities.utils import load_resource

from localaws.errors import AwsError, NotImplementedHere
from localaws.limits import limits
from localaws.services.context import Context
from localaws.services.json_operations import Members, page

_LABEL = re.compile(r"emr-(spark-)?\d+\.\d+\.\d+(-[\w.-]+)?")
_SPARK = "3.5"
_PAGE = 100


def check(subject: str, label: str) -> None:
    """Refuse a release that does not run here.

    Args:
        subject: What names it, such as `emr-serverless:CreateApplication releaseLabel`.
        label: Such as `emr-7.12.0`.

    Raises:
        AwsError: It is none of AWS's.
        NotImplementedHere: It runs another Spark.
    """
    known = limits("emr", "releases")
    if label in known:
        return
    if not _LABEL.fullmatch(label):
        raise AwsError(
            "ValidationException",
            f"The supplied release label is invalid: {label}.",
        )
    first, *_, last = known
    raise NotImplementedHere(
        f"{subject}={label!r} (here only {last} to {first}: Spark {_SPARK})",
        "runs the Spark of that release",
    )


def spark(label: str) -> str:
    """Return the version of Spark that AWS runs for a release."""
    return str(limits("emr", "releases")[label])


def instance_types(label: str) -> list[Members]:
    """Return the machines that a release can have, as moto's lists have them."""
    known = load_resource("emr/resources/instance_types.json")
    names = load_resource(f"emr/resources/instance-types-{label}.json")
    return [known[name] for name in names if name in known]


def listed(context: Context, given: Members) -> Members:
    """Answer ListReleaseLabels."""
    labels = load_resource(f"emr/resources/release-labels-{context.aws.region}.json")
    prefix = given.get("Filters", {}).get("Prefix", "")
    found = [one for one in labels if one.startswith(prefix)]
    return page("ReleaseLabels", found, given, _PAGE)


def supported(context: Context, given: Members) -> Members:
    """Answer ListSupportedInstanceTypes."""
    label = given["ReleaseLabel"]
    check("elasticmapreduce:ListSupportedInstanceTypes ReleaseLabel", label)
    found = instance_types(label)
    return page("SupportedInstanceTypes", found, given, _PAGE, "Marker")


OPERATIONS: dict[str, Any] = {
    "ListReleaseLabels": listed,
    "ListSupportedInstanceTypes": supported,
}
