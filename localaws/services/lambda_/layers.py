"""Layers: archives that are put beside the code of functions."""

from typing import Any

from localaws.services.context import Context
from localaws.services.lambda_ import archives
from localaws.services.lambda_.errors import missing
from localaws.services.lambda_.operations import page
from localaws.services.lambda_.state import State, state_of

Members = dict[str, Any]
_STORED = (
    "Description",
    "CompatibleRuntimes",
    "CompatibleArchitectures",
    "LicenseInfo",
)


def publish_layer_version(context: Context, given: Members) -> Members:
    """Store an archive as the next version of a layer."""
    state = state_of(context)
    name = _name(given)
    code = archives.read(context, given["Content"])
    content = {"CodeSha256": state.keep_code(code), "CodeSize": len(code)}
    with state.lock:
        layer = state.find("layer", name) or {"name": name, "next": 1, "versions": {}}
        number = layer["next"]
        version = {
            "LayerArn": state.place.arn("layer", name),
            "LayerVersionArn": state.place.arn("layer", name, str(number)),
            "Version": number,
            "CreatedDate": state.stamp(),
            "Content": content,
            "Description": "",
            **{member: given[member] for member in _STORED if member in given},
        }
        layer["versions"][str(number)] = version
        layer["next"] = number + 1
        state.save("layer", name, layer)
    return version


def _name(given: Members) -> str:
    return given["LayerName"].rpartition(":")[2]


def _version(state: State, name: str, number: Any) -> Members:
    layer = state.find("layer", name)
    found = layer["versions"].get(str(number)) if layer else None
    if found is None:
        raise missing("The resource you requested does not exist.")
    return found


def get_layer_version(context: Context, given: Members) -> Members:
    """Describe a version of a layer."""
    return _version(state_of(context), _name(given), given["VersionNumber"])


def list_layer_versions(context: Context, given: Members) -> Members:
    """Describe the versions of a layer, the newest first."""
    layer = state_of(context).find("layer", _name(given))
    versions = list(layer["versions"].values())[::-1] if layer else []
    return page("LayerVersions", [one for one in versions if _fits(one, given)], given)


def _fits(version: Members, given: Members) -> bool:
    runtime = given.get("CompatibleRuntime")
    machine = given.get("CompatibleArchitecture")
    return (runtime is None or runtime in version.get("CompatibleRuntimes", ())) and (
        machine is None or machine in version.get("CompatibleArchitectures", ())
    )


def list_layers(context: Context, given: Members) -> Members:
    """Describe the newest version of each layer."""
    found = []
    for layer in state_of(context).all("layer"):
        versions = [one for one in layer["versions"].values() if _fits(one, given)]
        if versions:
            found.append(
                {
                    "LayerName": layer["name"],
                    "LayerArn": versions[-1]["LayerArn"],
                    "LatestMatchingVersion": versions[-1],
                }
            )
    return page("Layers", found, given)


def delete_layer_version(context: Context, given: Members) -> None:
    """Remove a version of a layer; functions that have it keep it."""
    state, name = state_of(context), _name(given)
    with state.lock:
        layer = state.find("layer", name)
        if layer and layer["versions"].pop(str(given["VersionNumber"]), None):
            state.save("layer", name, layer)


OPERATIONS = {
    "PublishLayerVersion": publish_layer_version,
    "GetLayerVersion": get_layer_version,
    "ListLayerVersions": list_layer_versions,
    "ListLayers": list_layers,
    "DeleteLayerVersion": delete_layer_version,
}
