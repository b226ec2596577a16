"""Lab 1.2, task 2: one encoder, in the training job and behind the endpoint."""

import io
import json
import math
import tarfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from helpers.check import JSON, Check, CheckFailed, Clients
from helpers.checks import jobs
from helpers.loans import book, desk
from helpers.payments.naming import named

if TYPE_CHECKING:
    from pandas import DataFrame

# Measured on 44 draws: 3.62 to 3.75 for the reference; a constant has 5.0.
PASS_MARK = 3.85
MOST = 10
ODD = {"unseen": "one with a word that no loan has", "gap": "one with a new gap"}
# A vector crosses as text, and 32-bit numbers have seven digits.
SAME = 1e-5


def drawn(seed: int) -> JSON:
    """Draw a bucket, and a name for the job and for the endpoint."""
    return {
        "seed": seed,
        "bucket": named(seed, "loan-desk"),
        "name": named(seed, "rate"),
        "words": desk.WORDS,
    }


def _probe(inputs: JSON, answer: Callable[..., Any], aws: Clients) -> JSON:
    given = desk.land(inputs, aws)
    name = f"{given['name']}-{uuid4().hex[:8]}"
    try:
        returned = answer(name, given["train"], given["bucket"])
        if not isinstance(returned, dict) or sorted(returned) != ["endpoint", "job"]:
            return {"returned": repr(returned)[:200]}
        found = {"name": name} | _job(str(returned["job"]), aws)
        return found | _answers(str(returned["endpoint"]), inputs["seed"], aws)
    finally:
        _remove(name, aws)


def _job(name: str, aws: Clients) -> JSON:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        job = aws("sagemaker").describe_training_job(TrainingJobName=name)
    except (BotoCoreError, ClientError):
        return {"job": name}
    found = {"job": name, "status": job["TrainingJobStatus"], "learned": None}
    found["reason"] = job.get("FailureReason", "")
    if found["status"] == "Completed":
        found["learned"] = _left(job, aws("s3"))
    return found


def _left(job: JSON, s3: Any) -> JSON | None:
    """Give what the job has told of its vectors."""
    artefact = job["ModelArtifacts"]["S3ModelArtifacts"]
    uri = artefact.rpartition("/")[0] + "/output.tar.gz"
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents", [])
    if not listed:
        return None
    with tarfile.open(fileobj=io.BytesIO(jobs.content(s3, uri))) as tar:
        names = [name for name in tar.getnames() if name.endswith("vectors.json")]
        file = tar.extractfile(names[0]) if names else None
        seen = json.load(file) if file else {}
    if sorted(seen) != ["least", "most", "vectors"]:
        return None
    return {
        "vectors": _finite(seen["vectors"]),
        "range": _finite([seen["least"], seen["most"]]),
    }


def _answers(endpoint: str, seed: int, aws: Clients) -> JSON:
    """Ask the endpoint for all hidden loans at once, and for others one by one."""
    state = _state(endpoint, aws)
    if state != "InService":
        return {"endpoint": endpoint, "state": state}
    drawn = desk.draw(seed)
    asked = {"hidden": desk.arriving(drawn.hidden)}
    asked["trained"] = desk.arriving(drawn.train)[:50]
    asked |= desk.odd(seed)
    found: JSON = {"endpoint": endpoint, "state": "InService"}
    for name, rows in asked.items():
        answer = _asked(endpoint, rows, aws)
        if isinstance(answer, str):
            return found | {"refused": name, "error": answer}
        rates, vectors = _finite([answer["rates"]])[0], _finite(answer["vectors"])
        found[f"{name}_lengths"] = sorted({len(each) for each in vectors})
        found[name] = vectors if name != "hidden" else vectors[:1]
        if name == "hidden":
            found["rates"] = rates
            found["hidden_gaps"] = sum(None in each for each in vectors)
    return found


def _state(endpoint: str, aws: Clients) -> str:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        told = aws("sagemaker").describe_endpoint(EndpointName=endpoint)
    except (BotoCoreError, ClientError):
        return "none"
    return str(told["EndpointStatus"])


def _asked(endpoint: str, rows: "DataFrame", aws: Clients) -> JSON | str:
    from botocore.exceptions import ClientError

    try:
        answer = aws("sagemaker-runtime").invoke_endpoint(
            EndpointName=endpoint,
            ContentType="text/csv",
            Body=rows.to_csv(index=False),
        )
        told = json.load(answer["Body"])
    except (ClientError, ValueError) as error:
        # What the model has said stands between AWS's own words and a link.
        said = str(error).partition(" See https://")[0]
        return (said.partition("with message ")[2].strip('"') or said)[-600:]
    right = isinstance(told, dict) and {"rates", "vectors"} <= {*told}
    if not right or {len(told["rates"]), len(told["vectors"])} != {len(rows)}:
        return f"an answer without a rate and a vector for each row: {str(told)[:200]}"
    return told


def _finite(rows: list[list[float]]) -> list[list[float | None]]:
    return [
        [round(v, 7) if v is not None and math.isfinite(v) else None for v in row]
        for row in rows
    ]


def _remove(name: str, aws: Clients) -> None:
    """Delete the endpoints of the graded name, which are billed by the second."""
    sagemaker = aws("sagemaker")
    for each in sagemaker.list_endpoints(NameContains=name)["Endpoints"]:
        if each["EndpointStatus"] not in ("Creating", "Deleting"):
            sagemaker.delete_endpoint(EndpointName=each["EndpointName"])


def _verdict(inputs: JSON, evidence: JSON) -> str:
    _ran(evidence)
    if "refused" in evidence:
        error = evidence["error"]
        leaking = [name for name in book.LEAKS if name in error]
        look = "the endpoint's log in CloudWatch; handle_unknown of your encoders"
        if leaking:
            look = f"{', '.join(leaking)}: not known when an application arrives"
        raise CheckFailed(
            "a rate and a vector for each application",
            f"for {ODD.get(evidence['refused'], 'a usual one')}: {error}",
            look,
        )
    size = _steady(evidence)
    _formed(evidence)
    for name in desk.WORDS:
        if _apart(evidence[name], evidence["usual"]) <= SAME:
            raise CheckFailed(
                f"a vector that tells one {name} from another",
                "the same one",
                f"the columns that your encoder encodes: {name} is a word",
            )
    error = _rmse(inputs["seed"], evidence["rates"])
    hidden = f"{len(evidence['rates']):,} hidden loans"
    if error > PASS_MARK:
        raise CheckFailed(
            f"an RMSE of at most {PASS_MARK} over {hidden}; a constant has 5.0",
            f"{error:.2f}",
            "the columns that your encoder leaves out; and does the model get vectors "
            "in the same order of columns?",
        )
    return (
        f"{size} numbers a vector, the same in the job and at the endpoint; RMSE "
        f"{error:.2f} over {len(evidence['rates']):,} loans."
    )


def _ran(evidence: JSON) -> None:
    if "returned" in evidence:
        raise CheckFailed(
            "a dict of job and endpoint, with their names, not their ARNs",
            evidence["returned"],
            "your return statement",
        )
    if evidence.get("status") != "Completed":
        raise CheckFailed(
            f"a job that ends as Completed: {evidence['job']}",
            f"{evidence.get('status', 'no such job')} {evidence.get('reason', '')}",
            "the reason, then the job's lines in CloudWatch Logs; did you wait for it?",
        )
    names = [evidence["job"], evidence["endpoint"]]
    if not all(each.startswith(evidence["name"]) for each in names):
        raise CheckFailed(
            f"a job and an endpoint of this call: their names begin with "
            f"{evidence['name']}",
            ", ".join(names),
            "the argument name: each call has another",
        )
    if evidence["learned"] is None:
        raise CheckFailed(
            "vectors.json with least, most and vectors in the job's output.tar.gz",
            "none",
            "the given script writes it to SM_OUTPUT_DATA_DIR",
        )
    if evidence["state"] != "InService":
        raise CheckFailed(
            f"an endpoint that is InService: {evidence['endpoint']}",
            evidence["state"],
            "create_endpoint, and its waiter endpoint_in_service",
        )


def _steady(evidence: JSON) -> int:
    """Ask for one vector a row, whoever asks, and give its length."""
    single = [name for name in evidence if f"{name}_lengths" in evidence]
    lengths = {size for name in single for size in evidence[f"{name}_lengths"]}
    learned = evidence["learned"]["vectors"]
    lengths |= {len(row) for row in learned}
    unseen, alone, batch = (evidence[n][0] for n in ("unseen", "usual", "hidden"))
    if len(lengths) > 1:
        raise CheckFailed(
            "vectors of one length, in the job and for each application",
            f"lengths {sorted(lengths)}; {len(unseen)} for a word that was never seen",
            "an encoder that is fitted again, or that adds a column for a new word",
        )
    for name, what in {"unseen": "a word", "gap": "a gap"}.items():
        if None in evidence[name][0]:
            raise CheckFailed(
                f"a number in each place of a vector, also where {what} was never seen",
                f"NaN in {evidence[name][0].count(None)} of its {len(unseen)} places",
                "unknown_value and handle_unknown of your encoders, SimpleImputer "
                "before them",
            )
    hidden = len(evidence["rates"])
    if evidence["hidden_gaps"] or any(None in row for row in learned):
        raise CheckFailed(
            "a number in each place of a vector",
            f"NaN in {evidence['hidden_gaps']:,} of {hidden:,} hidden loans",
            "the columns with gaps: SimpleImputer, before you scale",
        )
    if _apart([alone], [batch]) > SAME:
        raise CheckFailed(
            "the same vector for an application, asked alone or among others",
            f"vectors that differ by up to {_apart([alone], [batch]):.3g}",
            "an encoder that is fitted again on the rows of the request: fit once, on "
            "the training rows, then only transform",
        )
    apart = _apart(evidence["trained"], learned)
    if apart > SAME:
        raise CheckFailed(
            "the same vector for a loan in the training job and at the endpoint",
            f"vectors that differ by up to {apart:.3g}",
            "which encoder the endpoint loads: the file that the job has used",
        )
    return lengths.pop()


def _formed(evidence: JSON) -> None:
    least, most = evidence["learned"]["range"]
    widest = max(abs(value) for value in [*least, *most] if value is not None)
    if widest > MOST:
        raise CheckFailed(
            f"vectors of the training rows between -{MOST} and {MOST}",
            f"a place with {widest:,.1f}",
            "the columns of money and of counts: a standard deviation does not tame "
            "their largest values, what goes by rank or to a fixed range does",
        )


def _apart(one: list[list[float]], other: list[list[float]]) -> float:
    """Give the largest difference between two lists of vectors of one length."""
    return max(
        abs(a - b)
        for left, right in zip(one, other, strict=True)
        for a, b in zip(left, right, strict=True)
    )


def _rmse(seed: int, rates: list[float | None]) -> float:
    truth = desk.draw(seed).hidden[book.TARGET]
    if None in rates:
        return math.inf
    squares = [(a - b) ** 2 for a, b in zip(rates, truth, strict=True)]
    return math.sqrt(sum(squares) / len(squares))


encode_once = Check(drawn, _probe, _verdict)
