"""S3's DeleteObjects, whose answer says of each key whether its caller may."""

from xml.etree import ElementTree

from localaws.compat import with_body
from localaws.services.access import s3_holding
from localaws.services.access.s3_demands import demands
from localaws.services.context import Context
from localaws.services.s3_address import tree, xml_response
from localaws.wire import Request, Response

_NAME = "DeleteObjects"


def delete(context: Context, request: Request) -> Response:
    """Delete the objects that the caller may delete, and name the others."""
    asker = s3_holding.held(request)
    if asker is None:
        return context.moto(request)
    refused: dict[tuple[str, str], str] = {}
    for demand in demands(request, _NAME):
        error = s3_holding.refusal(context, request, _NAME, asker, demand)
        if error:
            refused[demand.key, demand.version] = error.message
    if not refused:
        return context.moto(request)
    body = tree(request.body)
    wanted = body.findall("Object")
    for one in wanted:
        if (one.findtext("Key"), one.findtext("VersionId") or "") in refused:
            body.remove(one)
    if len(wanted) == len(refused):
        root = ElementTree.Element("DeleteResult")
    else:
        less = with_body(request, ElementTree.tostring(body))
        response = context.moto(less)
        if response.status != 200:
            return response
        root = tree(response.body)
    for (key, version), message in refused.items():
        element = ElementTree.SubElement(root, "Error")
        for name, text in _told(key, version, message).items():
            ElementTree.SubElement(element, name).text = text
    return xml_response(ElementTree.tostring(root))


def _told(key: str, version: str, message: str) -> dict[str, str]:
    told = {"Key": key, "Code": "AccessDenied", "Message": message}
    return told | ({"VersionId": version} if version else {})


HANDLERS = {("s3", _NAME): delete}
