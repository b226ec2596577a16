"""Lab 1.3, task 3: tests and letters that may leave the hospital."""

import hashlib
import io
import re
from collections.abc import Callable
from difflib import SequenceMatcher
from typing import Any
from uuid import uuid4

from helpers.check import JSON, Check, CheckFailed, Clients
from helpers.patients import files, land
from helpers.patients.landing import outsider
from helpers.payments.naming import dice, named

REGIONS = ("ca-central-1", "eu-central-1", "eu-west-1", "ap-southeast-2")
PASS_MARKS = {"card": 0.95, "e-mail": 0.95, "SSN": 0.95, "phone": 0.95, "street": 0.8}
# What must be left of the words that give nobody away.
LEFT = 0.9
DIGESTS = (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512)
LONGEST = 400_000


def drawn(seed: int) -> JSON:
    """Draw a Region, and names for the buckets and for the outsider."""
    return {
        "seed": seed,
        "region": dice(seed, "region").choice(REGIONS),
        "source": named(seed, "hospital"),
        "bucket": named(seed, "released"),
        "outsider": named(seed, "outsider"),
    }


def _probe(inputs: JSON, answer: Callable[..., Any], aws: Clients) -> JSON:
    __tracebackhide__ = True
    given = land(inputs, aws)
    given["bucket"] = f"{given['bucket']}-{uuid4().hex[:8]}"
    returned = answer(**given)
    if not isinstance(returned, dict) or sorted(returned) != ["letters", "tests"]:
        return {"returned": repr(returned)[:200]}
    s3, found = aws("s3"), {"bucket": given["bucket"]}
    found["region"] = _region(s3, given["bucket"])
    for name, uri in returned.items():
        found[name] = _object(str(uri), given["bucket"], s3, outsider(inputs, aws))
    found["http"] = _without_tls(str(returned["tests"]), found["region"])
    return found


def _region(s3: Any, bucket: str) -> str:
    from botocore.exceptions import ClientError

    try:
        told = s3.get_bucket_location(Bucket=bucket)["LocationConstraint"]
    except ClientError as error:
        return error.response["Error"]["Code"]
    return told or "us-east-1"


def _object(uri: str, bucket: str, s3: Any, session: JSON) -> JSON:
    from boto3 import client
    from botocore.exceptions import ClientError

    place, _, key = uri.removeprefix("s3://").partition("/")
    if place != bucket:
        return {"uri": uri}
    try:
        held = s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        return {"uri": uri, "error": str(error)}
    other = client(
        "s3",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )
    return {
        "uri": uri,
        "body": held["Body"].read(LONGEST).decode(errors="replace"),
        "encrypted": held.get("ServerSideEncryption", ""),
        "key": held.get("SSEKMSKeyId", ""),
        "outsider": _read(other, bucket, key),
    }


def _read(s3: Any, bucket: str, key: str) -> str:
    from botocore.exceptions import ClientError

    try:
        s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "read"


def _without_tls(uri: str, region: str) -> str:
    from boto3 import client

    bucket, _, key = uri.removeprefix("s3://").partition("/")
    host = f"http://s3.{region}.amazonaws.com"
    return _read(client("s3", endpoint_url=host), bucket, key)


def _verdict(inputs: JSON, evidence: JSON) -> str:
    if "returned" in evidence:
        raise CheckFailed(
            "a dict of tests and letters, the URIs of the released files",
            evidence["returned"],
            "your return statement",
        )
    _placed(inputs, evidence)
    _sealed(evidence)
    truth = files.draw(inputs["seed"])
    people = _tests(truth.tests, evidence["tests"]["body"])
    shares, left = _letters(truth.letters, evidence["letters"]["body"])
    told = ", ".join(f"{kind} {share:.2f}" for kind, share in shares.items())
    return (
        f"{people:,} patients under pseudonyms; recall {told}, with {left:.0%} of the "
        f"other words left; in {inputs['region']}, and unreadable without the key."
    )


def _placed(inputs: JSON, evidence: JSON) -> None:
    if evidence["region"] != inputs["region"]:
        raise CheckFailed(
            f"the bucket {evidence['bucket']} in {inputs['region']}",
            evidence["region"],
            "LocationConstraint in CreateBucketConfiguration",
        )
    for name in ("tests", "letters"):
        if "body" not in evidence[name]:
            raise CheckFailed(
                f"{name}: an object in the bucket {evidence['bucket']}",
                evidence[name].get("error", evidence[name]["uri"]),
                "the URIs that you return",
            )


def _sealed(evidence: JSON) -> None:
    for name in ("tests", "letters"):
        held = evidence[name]
        if held["outsider"] != "AccessDenied":
            raise CheckFailed(
                f"AccessDenied for a role with s3:GetObject and no key, on the {name}",
                f"{held['outsider']}; encrypted by {held['encrypted'] or 'nothing'}",
                "server-side encryption with a key of your own in KMS; and the key's "
                "policy: whom does it let decrypt?",
            )
        if held["encrypted"] not in ("aws:kms", "aws:kms:dsse"):
            raise CheckFailed(
                f"the {name} under a key in KMS",
                held["encrypted"],
                "the bucket's default encryption, before you put objects into it",
            )
        if f":{evidence['region']}:" not in held["key"]:
            raise CheckFailed(
                f"a key in {evidence['region']}, where the bucket is",
                held["key"],
                "the region_name of the client that makes the key",
            )
    if evidence["http"] != "AccessDenied":
        raise CheckFailed(
            "AccessDenied for a request without TLS, whoever sends it",
            evidence["http"],
            "a bucket policy that denies where aws:SecureTransport is false",
        )


def _tests(true: Any, body: str) -> int:
    """Compare the released table with the true one, and count its patients."""
    from pandas import read_csv

    rows = read_csv(io.StringIO(body))
    asked = ["patient", *(name for name in true if name not in files.NAMED)]
    more, less = ({*rows} - {*asked}, {*asked} - {*rows})
    if more or less or len(rows) != len(true):
        raise CheckFailed(
            f"{len(true):,} tests, with patient in place of {', '.join(files.NAMED)}",
            f"{len(rows):,} tests; columns too many: {', '.join(sorted(more)) or '-'}; "
            f"missing: {', '.join(sorted(less)) or '-'}",
            "the columns that say who somebody is go, all others stay",
        )
    identities = {str(value) for value in true["subject_id"]}
    pseudonyms = rows["patient"].astype(str)
    if identities & set(pseudonyms):
        raise CheckFailed(
            "pseudonyms that are no subject ids", pseudonyms[0], "the column patient"
        )
    _unguessable(identities, set(pseudonyms))
    pairs = len(set(zip(true["subject_id"], pseudonyms, strict=True)))
    if not pairs == true["subject_id"].nunique() == pseudonyms.nunique():
        raise CheckFailed(
            f"one pseudonym for each of {true['subject_id'].nunique():,} patients, in "
            "the order of the tests",
            f"{pseudonyms.nunique():,} pseudonyms, in {pairs:,} pairs of patient and "
            "pseudonym",
            "the same patient must get the same pseudonym, and no other one",
        )
    _kept(true, rows)
    return pairs


def _unguessable(identities: set[str], pseudonyms: set[str]) -> None:
    lengths = {len(each) for each in pseudonyms if len(each) > 5}
    for digest in DIGESTS:
        for identity in identities:
            guess = digest(identity.encode()).hexdigest()
            if any(guess[:length] in pseudonyms for length in lengths):
                raise CheckFailed(
                    "pseudonyms that nobody can compute without your secret",
                    f"the {digest().name} of a subject id: {guess[:12]}…",
                    "there are few subject ids, and all are tried in a moment: take "
                    "an HMAC, or draw tokens",
                )


def _kept(true: Any, rows: Any) -> None:
    from pandas import isna

    for name in true.columns.difference(files.NAMED):
        asked = true[name].clip(upper=files.OLD) if name == "age" else true[name]
        same = (asked == rows[name]) | (asked.isna() & rows[name].isna())
        if asked.dtype.kind == "f":
            same |= (asked - rows[name]).abs() < 1e-6
        if not same.all():
            place = int((~same).to_numpy().argmax())
            look = "values that are not to be touched, in the order of the tests"
            if name == "age":
                look = f"ages above {files.OLD} become {files.OLD}, all others stay"
            kept, found = (
                "nothing" if isna(each) else str(each)
                for each in (asked[place], rows[name][place])
            )
            raise CheckFailed(f"{name} {kept} in row {place} of 0, 1, 2 …", found, look)


def _letters(true: list[JSON], body: str) -> tuple[dict[str, float], float]:
    lines = body.split("\n")
    lines = lines[:-1] if lines[-1] == "" else lines
    if len(lines) != len(true):
        raise CheckFailed(
            f"{len(true)} letters, one a line",
            f"{len(lines)} lines",
            "the order and the number of the lines",
        )
    shares = recall(true, lines)
    weak = {kind: s for kind, s in shares.items() if s < PASS_MARKS[kind]}
    if weak:
        kind = min(weak, key=lambda kind: weak[kind] - PASS_MARKS[kind])
        raise CheckFailed(
            f"at least {PASS_MARKS[kind]} of the pieces of the kind {kind} masked",
            f"{shares[kind]:.2f}",
            "measure by kind on the marked letters, where a street is an address, "
            "and look at what was missed: is it in small letters? Add a pattern",
        )
    left = sum(map(_left, true, lines)) / len(true)
    if left < LEFT:
        raise CheckFailed(
            f"at least {LEFT:.0%} of the words that give nobody away",
            f"{left:.0%}",
            "patterns that hit too much",
        )
    return shares, left


def recall(true: list[JSON], lines: list[str]) -> dict[str, float]:
    """Give the share of the pieces of each graded kind that are gone."""
    gone: dict[str, list[bool]] = {kind: [] for kind in PASS_MARKS}
    for note, line in zip(true, lines, strict=True):
        for span in note["spans"]:
            piece = note["text"][span["begin"] : span["end"]]
            kind = "street" if span["kind"] == "address" else span["kind"]
            if kind in gone:
                gone[kind].append(_gone(piece, line))
    return {kind: sum(each) / len(each) for kind, each in gone.items() if each}


def _gone(piece: str, line: str) -> bool:
    """Say whether no half of a piece is left in a line.

    Less is no proof: an e-mail address may hold the name that follows it.
    """
    match = SequenceMatcher(None, piece.lower(), line.lower(), autojunk=False)
    return match.find_longest_match().size < len(piece) / 2


def _left(note: JSON, line: str) -> float:
    """Give the share of a letter's other words that are still in a line."""
    rest, end = "", 0
    for span in note["spans"]:
        rest, end = f"{rest} {note['text'][end : span['begin']]}", span["end"]
    words = re.findall(r"\w+", f"{rest} {note['text'][end:]}".lower())
    there = re.findall(r"\w+", line.lower())
    return sum(word in there for word in words) / max(1, len(words))


hide_the_patients = Check(drawn, _probe, _verdict)
