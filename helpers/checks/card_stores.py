"""Lab 1.1, task 2: one table out of each of four stores, whole, and at speed."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from helpers.check import JSON, Check, CheckFailed, Clients
from helpers.payments import draw, land, scratch
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
# How much more than it needs a volume may have.
MARGIN = 1.25


def drawn(seed: int) -> JSON:
    """Draw names, a password, and what is asked of the scratch volume."""
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
        "scratch": {"seconds": scratch.sort(seed).seconds},
    }


def _probe(inputs: JSON, answer: Callable[..., Any], aws: Clients) -> JSON:
    __tracebackhide__ = True
    from pandas import DataFrame

    given = land("pull_from_four_stores", inputs, aws)
    seed = inputs["seed"]
    slow = scratch.land(f"graded-{uuid4().hex[:8]}", seed, aws)
    try:
        stores = given | {"scratch": inputs["scratch"] | slow}
        returned = answer({key: stores[key] for key in stores if key != "seed"})
        sorted_again = _sorted(slow, seed, aws)
    finally:
        scratch.remove(slow, aws)
    nothing = returned is None
    evidence: JSON = {"returned": "None" if nothing else f"a {type(returned).__name__}"}
    if isinstance(returned, dict):
        evidence["returned"] = {
            name: type(each).__name__ for name, each in returned.items()
        }
        evidence["extracts"] = {
            name: digest(each)
            for name, each in returned.items()
            if isinstance(each, DataFrame) and name in STORES
        }
        evidence["seen"] = {
            name: {str(column): _seen(each[column]) for column in each}
            for name, each in returned.items()
            if name in evidence["extracts"]
        }
    bucket = given["bucket"]
    status = aws("s3").get_bucket_accelerate_configuration(Bucket=bucket)
    return evidence | {
        "accelerate": status.get("Status", "none"),
        "volume": sorted_again,
    }


def _seen(column: "Series") -> str:
    first = repr(column.iloc[0])[:60] if len(column) else "nothing"
    return f"{column.dtype}, the first is {first}; other values, or gaps"


def _sorted(slow: JSON, seed: int, aws: Clients) -> JSON:
    """Tell the settings of the volume, and how long the sort takes on it now."""
    (found,) = aws("ec2").describe_volumes(VolumeIds=[slow["volume"]])["Volumes"]
    done = scratch.run(slow["instance"], scratch.sort(seed).line, aws)
    took = float(done["ExecutionElapsedTime"].strip("PTS"))
    settings = ("VolumeType", "Iops", "Throughput")
    return {"took": took} | {name: found.get(name) for name in settings}


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
                    evidence.get("seen", {}).get(name, {}).get(column, "other values"),
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
    volume = evidence["volume"]
    _volume(scratch.sort(inputs["seed"]), volume)
    rows = sum(extracts[name]["rows"] for name in STORES)
    return (
        f"{rows:,} rows from four stores, each column whole; acceleration is on, and "
        f"the sort takes {volume['took']:.0f} seconds."
    )


def _volume(sort: scratch.Sort, found: JSON) -> None:
    if found["VolumeType"] != "gp3":
        raise CheckFailed(
            "a gp3 volume, as it was: its type is not what makes it slow",
            str(found["VolumeType"]),
            "the settings that a gp3 volume has",
        )
    if found["took"] > sort.seconds * 1.01:
        raise CheckFailed(
            f"a scratch volume on which the sort takes {sort.seconds} seconds",
            f"{found['took']:.0f} seconds with {found['Iops']:,} IOPS and "
            f"{found['Throughput']:,} MiB/s",
            "which limit the volume exceeded in the night, by its metrics in AWS/EBS, "
            "and what the sort took of it in all",
        )
    limits = {"Iops": 3_000, "Throughput": 125}
    limits[sort.limit] = round(sort.need * MARGIN)
    for name, most in limits.items():
        if found[name] > most:
            raise CheckFailed(
                f"no more than the sort needs: {name} of at most {most:,}",
                f"{found[name]:,}",
                "the limit that was not exceeded, and a margin that nobody uses",
            )


pull_from_four_stores = Check(drawn, _probe, _verdict)
