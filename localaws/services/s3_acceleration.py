"""Amazon S3: Transfer Acceleration, and the time that distance takes.

A client is in the region of `limits.yaml`. What it moves to or from a bucket in another
region takes modelled time on a standing clock, less of it by the accelerated endpoint.
The client's guard marks requests for that endpoint in their query.
"""

from collections.abc import Callable, Mapping
from typing import Any

from localaws.errors import AwsError
from localaws.hosts import ACCELERATED
from localaws.limits import limit, limits
from localaws.loopback import ENGINE_KEY
from localaws.services import s3_keys
from localaws.services.context import Context
from localaws.services.s3_address import bucket_of, option, tree
from localaws.wire import Request, Response

Handler = Callable[[Context, Request], Response]


def _put(context: Context, request: Request) -> Response:
    if "." in bucket_of(request):
        raise AwsError(
            "InvalidRequest",
            "S3 Transfer Acceleration is not supported for buckets with periods (.) in "
            "their names",
        )
    if tree(request.body).findtext("Status") not in ("Enabled", "Suspended"):
        raise AwsError(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our "
            "published schema",
        )
    return context.moto(request)


def distant(known: Mapping[Any, Handler]) -> dict[Any, Handler]:
    """Return handlers of requests for objects that know where their bucket is."""
    return {name: _distant(answer) for name, answer in known.items()}


def _distant(answer: Handler) -> Handler:
    def handle(context: Context, request: Request) -> Response:
        bucket = bucket_of(request)
        accelerated = bool(option(request, ACCELERATED))
        if accelerated and s3_keys.acceleration(bucket) != "Enabled":
            raise AwsError(
                "InvalidRequest",
                "S3 Transfer Acceleration is not configured on this bucket",
            )
        response = answer(context, request)
        if _from_afar(request):
            size = _moved(request, response)
            if accelerated and size:
                context.meter.add("s3-accelerated-bytes", size, resource=bucket)
            region = s3_keys.region(bucket)
            context.clock.tick(seconds(region, size, accelerated=accelerated))
        return response

    return handle


def _from_afar(request: Request) -> bool:
    """Whether a request comes from the client, not from within AWS."""
    key = request.scope[0] if request.scope else ""
    return key != ENGINE_KEY and not key.startswith("ASIA")


def _moved(request: Request, response: Response) -> int:
    sent = request.header("x-amz-decoded-content-length") or len(request.body)
    received = len(response.body) if request.method == "GET" else 0
    return int(sent) + received


def seconds(region: str | None, size: int, *, accelerated: bool) -> float:
    """Return how long a transfer is modelled to take.

    Args:
        region: Of the bucket; None if there is none.
        size: Bytes.
        accelerated: Whether it goes by the accelerated endpoint.
    """
    if region in (None, limits("s3_distance", "client_region")):
        return 0.0
    trips = limits("s3_distance", "round_trips")
    trip = trips.get(region, limit("s3_distance", "far"))
    factor = limit("s3_distance", "accelerated_factor") if accelerated else 1
    speed = limit("s3_distance", "window_bytes") / trip * factor
    return float(trip + size / speed)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("s3", "PutBucketAccelerateConfiguration"): _put,
}
