"""Amazon S3: the default encryption of buckets, and kinds that they block."""

from xml.etree import ElementTree

from localaws.errors import AwsError, NotImplementedHere
from localaws.services.context import Context
from localaws.services.s3_address import bucket_of, malformed, tree, xml_response
from localaws.services.s3_encryption import stored, wanted
from localaws.services.s3_encryption.envelope import KMS
from localaws.services.s3_encryption.rewriting import rewritten
from localaws.wire import Request, Response

_KINDS = ("SSE-C", "NONE")


def put(context: Context, request: Request) -> Response:
    """Set the default encryption; what is blocked stays where nothing is said of it."""
    root = tree(request.body)
    [rule] = root.findall("Rule") or [None]
    if rule is None:
        raise malformed()
    applied = rule.find("ApplyServerSideEncryptionByDefault")
    if applied is None:
        applied = ElementTree.SubElement(rule, "ApplyServerSideEncryptionByDefault")
        ElementTree.SubElement(applied, "SSEAlgorithm").text = "AES256"
    _check(applied)
    given = rule.find("BlockedEncryptionTypes")
    kinds = [] if given is None else [one.text or "" for one in given]
    kinds = kinds or wanted.blocked(bucket_of(request))
    if any(kind not in _KINDS for kind in kinds):
        raise malformed()
    if given is not None:
        rule.remove(given)
    blocks = ElementTree.SubElement(rule, "BlockedEncryptionTypes")
    for kind in kinds:
        ElementTree.SubElement(blocks, "EncryptionType").text = kind
    return context.moto(rewritten(request, ElementTree.tostring(root), {}))


def _check(applied: ElementTree.Element) -> None:
    algorithm, key = applied.findtext("SSEAlgorithm"), applied.find("KMSMasterKeyID")
    if algorithm == "aws:kms:dsse":
        raise NotImplementedHere(
            "s3:PutBucketEncryption SSEAlgorithm='aws:kms:dsse'",
            "encrypts new objects twice",
        )
    if algorithm not in ("AES256", KMS):
        raise malformed()
    if algorithm == "AES256" and key is not None:
        raise AwsError(
            "InvalidArgument",
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not "
            "aws:kms or aws:kms:dsse",
        )


def get(context: Context, request: Request) -> Response:
    """Return the default encryption, as it was put."""
    response, rule = context.moto(request), stored.rule(bucket_of(request))
    if response.status != 200 or not rule:
        return response
    root = ElementTree.Element("ServerSideEncryptionConfiguration")
    place = ElementTree.SubElement(root, "Rule")
    applied = ElementTree.SubElement(place, "ApplyServerSideEncryptionByDefault")
    for name, value in rule["ApplyServerSideEncryptionByDefault"].items():
        ElementTree.SubElement(applied, name).text = value
    switch = ElementTree.SubElement(place, "BucketKeyEnabled")
    switch.text = str(wanted.is_on(rule)).lower()
    kinds = wanted.blocked(bucket_of(request))
    if kinds:
        blocks = ElementTree.SubElement(place, "BlockedEncryptionTypes")
        for kind in kinds:
            ElementTree.SubElement(blocks, "EncryptionType").text = kind
    return xml_response(ElementTree.tostring(root))


def delete(context: Context, request: Request) -> Response:
    """Set the default encryption back to S3's own keys."""
    root = ElementTree.Element("ServerSideEncryptionConfiguration")
    ElementTree.SubElement(root, "Rule")
    again = rewritten(request, ElementTree.tostring(root), {}, REQUEST_METHOD="PUT")
    response = put(context, again)
    return Response(204, {}, b"") if response.status == 200 else response


HANDLERS = {
    ("s3", "PutBucketEncryption"): put,
    ("s3", "GetBucketEncryption"): get,
    ("s3", "DeleteBucketEncryption"): delete,
}
