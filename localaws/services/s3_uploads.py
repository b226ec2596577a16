"""Amazon S3: unfinished uploads, with the times that moto makes up."""

from xml.etree import ElementTree

from localaws.services import s3_keys
from localaws.services.context import Context
from localaws.services.s3_address import bucket_of, option, xml_response
from localaws.wire import Request, Response

_PAGE = 1000


def listed(context: Context, request: Request) -> Response:
    """List the uploads of a bucket that are neither complete nor aborted."""
    bucket, prefix = bucket_of(request), option(request, "prefix")
    checked = context.moto(request)
    if checked.status != 200:
        return checked
    after = (option(request, "key-marker"), option(request, "upload-id-marker"))
    most = min(_PAGE, int(option(request, "max-uploads") or _PAGE))
    found = [
        upload
        for upload in s3_keys.uploads(bucket)
        if upload.key.startswith(prefix) and _follows(upload, *after)
    ]
    page = found[:most]
    root = ElementTree.Element("ListMultipartUploadsResult")
    head = {
        "Bucket": bucket,
        "Prefix": prefix,
        "KeyMarker": after[0],
        "UploadIdMarker": after[1],
        "MaxUploads": str(most),
        "IsTruncated": str(len(page) < len(found)).lower(),
    }
    if page and len(page) < len(found):
        head["NextKeyMarker"] = page[-1].key
        head["NextUploadIdMarker"] = page[-1].id
    for name, text in head.items():
        ElementTree.SubElement(root, name).text = text
    for upload in page:
        element = ElementTree.SubElement(root, "Upload")
        for name, text in (
            ("Key", upload.key),
            ("UploadId", upload.id),
            ("StorageClass", upload.storage),
            ("Initiated", f"{upload.begun:%Y-%m-%dT%H:%M:%S.000Z}"),
        ):
            ElementTree.SubElement(element, name).text = text
    return xml_response(ElementTree.tostring(root))


def _follows(upload: s3_keys.Upload, key: str, upload_id: str) -> bool:
    """Whether an upload comes after a marker."""
    if not key or upload.key > key:
        return True
    return upload.key == key and bool(upload_id) and upload.id > upload_id


HANDLERS = {("s3", "ListMultipartUploads"): listed}
