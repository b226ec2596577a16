"""Lab 1.1, task 2: one table out of each of four stores, whole, and at speed."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from helpers.check import JSON, Check, CheckFailed, Clients
from helpers.payments import draw, land
from helpers.payments.naming import dice, named
from helpers.payments.stores import secret

if TYPE_CHECKING:
    from pandas import DataFrame, Series

STORES = {
    "customers": "Amazon RDS",
    "terminals": "Amazon DynamoDB",
    "receipts": "Amazon EFS",
    "payments": "Amazon S3",
}
WHOLE = {"payment_id", "items"}


def drawn(seed: int) -> JSON:
    """Draw names, a password, and the IOPS that the scratch volume is to have."""
    draw_from = dice(seed, "stores")
    return {
        "seed": seed,
        "bucket": named(seed, "card-stores"),
        "payments": "payments/",
        "database": {
            "instance": named(seed, "customers"),
            "name": "desk",
            "table": "customers",
            "user": "maria",
            "password": secret(draw_from.randrange(16**12)),
        },
        "table": named(seed, "terminals"),
        "iops": draw_from.randrange(4_000, 14_000, 500),
    }


def _probe(inputs: JSON, answer: Callable[..., Any], aws: Clients) -> JSON:
    from pandas import DataFrame

    given = land("pull_from_four_stores", inputs, aws)
    returned = answer(given)
    evidence: JSON = {"returned": repr(type(returned).__name__)}
    if isinstance(returned, dict):
        evidence["returned"] = {
            name: type(each).__name__ for name, each in returned.items()
        }
        evidence["extracts"] = {
            name: digest(each)
            for name, each in returned.items()
            if isinstance(each, DataFrame) and name in STORES
        }
    bucket, volume = given["bucket"], given["volume"]
    status = aws("s3").get_bucket_accelerate_configuration(Bucket=bucket)
    (found,) = aws("ec2").describe_volumes(VolumeIds=[volume])["Volumes"]
    return evidence | {
        "accelerate": status.get("Status", "none"),
        "iops": found.get("Iops", 0),
    }


def digest(rows: "DataFrame") -> JSON:
    """Sum up each column, and the rows, so that the order of rows does not matter."""
    from pandas.util import hash_array

    sums: dict[str, str] = {}
    together: Any = 0
    for name in sorted(map(str, rows)):
        try:
            hashes = hash_array(_values(name, rows[name]))
        except (ValueError, TypeError) as error:
            sums[name] = f"unreadable: {error}"[:200]
            continue
        sums[name] = f"{int(hashes.sum(dtype='uint64')):016x}"
        together = together * 31 + hashes
    whole = int(hash_array(together).sum(dtype="uint64")) if sums else 0
    return {"rows": len(rows), "columns": sums, "together": f"{whole:016x}"}


def _values(name: str, column: "Series") -> Any:
    """Give a column in one type, whatever the store and its client made of it."""
    from pandas import to_datetime

    if name in WHOLE:
        return column.astype("int64").to_numpy()
    if name == "amount":
        return (column.astype(float) * 100).round().astype("int64").to_numpy()
    if name == "paid_at":
        moments = to_datetime(column, utc=True).dt.as_unit("s")
        return moments.astype("int64").to_numpy()
    text = column.astype(str)
    return (text.str[:10] if name == "since" else text).to_numpy(dtype=object)


def _verdict(inputs: JSON, evidence: JSON) -> str:
    extracts = evidence.get("extracts", {})
    if sorted(extracts) != sorted(STORES):
        raise CheckFailed(
            f"a dict with a DataFrame for each of {', '.join(STORES)}",
            str(evidence["returned"])[:300],
            "your return statement",
        )
    tables = draw(inputs["seed"])
    for name, store in STORES.items():
        asked, found = digest(getattr(tables, name)), extracts[name]
        if found["rows"] != asked["rows"]:
            raise CheckFailed(
                f"{asked['rows']:,} {name} from {store}",
                f"{found['rows']:,}",
                "pages, parts or lines that you did not read, or read twice",
            )
        if sorted(found["columns"]) != sorted(asked["columns"]):
            raise CheckFailed(
                f"the columns {', '.join(asked['columns'])} of {name}",
                ", ".join(found["columns"]),
                "what you select, and what you leave out",
            )
        for column, total in asked["columns"].items():
            if found["columns"][column] != total:
                raise CheckFailed(
                    f"the column {column} of {name} as it is in {store}",
                    found["columns"][column],
                    "types that changed on the way, gaps, values that were cut",
                )
        if found["together"] != asked["together"]:
            raise CheckFailed(
                f"rows of {name} as they are in {store}",
                "each column is right, but they slipped against each other",
                "columns that you sorted or put together one by one",
            )
    if evidence["accelerate"] != "Enabled":
        raise CheckFailed(
            "Transfer Acceleration of the bucket: Enabled",
            evidence["accelerate"],
            "put_bucket_accelerate_configuration",
        )
    if evidence["iops"] != inputs["iops"]:
        raise CheckFailed(
            f"{inputs['iops']:,} IOPS provisioned for the scratch volume",
            f"{evidence['iops']:,}",
            "modify_volume of the EC2 client",
        )
    rows = sum(extracts[name]["rows"] for name in STORES)
    return (
        f"{rows:,} rows from four stores, each column whole; acceleration is on, and "
        f"the volume has {inputs['iops']:,} IOPS."
    )


pull_from_four_stores = Check(drawn, _probe, _verdict)
