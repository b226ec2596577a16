"""AWS KMS: Encrypt, Decrypt, ReEncrypt."""

from collections.abc import Mapping

from localaws.errors import AwsError
from localaws.limits import limit
from localaws.services.kms import asymmetric, symmetric
from localaws.services.kms.access import Caller, context_keys, demand
from localaws.services.kms.documents import (
    KEYS,
    Members,
    demand_usable,
    find,
    material_id,
)
from localaws.services.kms.errors import (
    invalid,
    unknown_ciphertext,
    unreadable,
    wrong_usage,
)
from localaws.services.kms.keystore import Keystore
from localaws.services.kms.operations import charge
from localaws.services.records import Records

_PLAIN = "SYMMETRIC_DEFAULT"
Pairs = Mapping[str, str]


def used(
    caller: Caller, given: str, operation: str, pairs: Pairs, algorithm: str = _PLAIN
) -> Members:
    """Return a key that a caller may use, and that can be used.

    Args:
        caller: Who asks.
        given: The key's id, ARN or alias.
        operation: Such as `Encrypt`.
        pairs: The encryption context.
        algorithm: With which it is used.
    """
    key = find(caller.context, caller.region, given)
    demand_use(caller, key, operation, pairs, algorithm, given)
    return key


def demand_use(
    caller: Caller,
    key: Members,
    operation: str,
    pairs: Pairs,
    algorithm: str = _PLAIN,
    given: str = "",
    *,
    charged: bool = True,
) -> None:
    """Raise AWS's error unless a caller may use a key, and it can be used."""
    asked = context_keys(pairs) | {"kms:encryptionalgorithm": (algorithm,)}
    if given.startswith("alias/") or ":alias/" in given:
        asked["kms:requestalias"] = (f"alias/{given.partition('alias/')[2]}",)
    demand(caller, key, operation, asked)
    demand_usable(key)
    if key["usage"] != "ENCRYPT_DECRYPT":
        raise wrong_usage(key["arn"], key["usage"], operation)
    if (
        algorithm
        not in asymmetric.algorithms(key["spec"], key["usage"])["EncryptionAlgorithms"]
    ):
        raise wrong_usage(key["arn"], key["usage"], f"{operation} by {algorithm}")
    if charged:
        charge(caller, key)


def encrypt(caller: Caller, given: Members) -> Members:
    """Encrypt up to 4,096 bytes."""
    pairs = given.get("EncryptionContext", {})
    algorithm = given.get("EncryptionAlgorithm", _PLAIN)
    most = limit("kms", "plaintext_bytes")
    if not 1 <= len(given["Plaintext"]) <= most:
        longest = f"less than or equal to {most}"
        bound = longest if given["Plaintext"] else "greater than or equal to 1"
        raise invalid(
            "1 validation error detected: Value at 'plaintext' failed to satisfy "
            f"constraint: Member must have length {bound}"
        )
    key = used(caller, given["KeyId"], "Encrypt", pairs, algorithm)
    blob = _sealed(caller, key, given["Plaintext"], pairs, algorithm)
    return {
        "CiphertextBlob": blob,
        "KeyId": key["arn"],
        "EncryptionAlgorithm": algorithm,
    }


def _sealed(
    caller: Caller, key: Members, plaintext: bytes, pairs: Pairs, algorithm: str
) -> bytes:
    store = caller.context.part(Keystore)
    if algorithm == _PLAIN:
        return symmetric.encrypt(store, key["id"], plaintext, pairs)
    if pairs:
        raise invalid("An encryption context is for symmetric encryption keys.")
    material = store.get(key["id"])
    assert material is not None
    try:
        return asymmetric.encrypt(material, plaintext, algorithm)
    except ValueError as error:
        raise invalid(
            f"Algorithm {algorithm} and key spec {key['spec']} cannot encrypt data "
            f"of {len(plaintext)} bytes."
        ) from error


def decrypt(caller: Caller, given: Members) -> Members:
    """Decrypt what was encrypted under a key, with the same context."""
    algorithm = given.get("EncryptionAlgorithm", _PLAIN)
    key, plaintext = opened(
        caller,
        given["CiphertextBlob"],
        given.get("EncryptionContext", {}),
        algorithm,
        given.get("KeyId"),
    )
    return {
        "KeyId": key["arn"],
        "Plaintext": plaintext,
        "EncryptionAlgorithm": algorithm,
        **_material("KeyMaterialId", key, given["CiphertextBlob"]),
    }


def _material(member: str, key: Members, blob: bytes) -> Members:
    """Return the id of the material that a ciphertext was made with, if it says so."""
    if key["spec"] != _PLAIN:
        return {}
    return {member: material_id(key, symmetric.read(blob).version)}


def opened(
    caller: Caller,
    blob: bytes,
    pairs: Pairs,
    algorithm: str = _PLAIN,
    given: str | None = None,
    operation: str = "Decrypt",
) -> tuple[Members, bytes]:
    """Return the key of a ciphertext, and what it holds.

    Args:
        caller: Who asks.
        blob: The ciphertext.
        pairs: The encryption context.
        algorithm: With which it was made.
        given: The key that the caller expects, or None.
        operation: What the caller needs the right to do.
    """
    store = caller.context.part(Keystore)
    if algorithm != _PLAIN:
        if given is None:
            raise invalid("KeyId is required to decrypt with an asymmetric key.")
        key = used(caller, given, operation, pairs, algorithm)
        material = store.get(key["id"])
        assert material is not None
        try:
            return key, asymmetric.decrypt(material, blob, algorithm)
        except ValueError as error:
            raise unreadable() from error
    expected = find(caller.context, caller.region, given) if given else None
    if expected is not None and expected["spec"] != _PLAIN:
        raise wrong_usage(expected["arn"], expected["usage"], operation)
    found = symmetric.read(blob)
    key = caller.context.part(Records).get(KEYS, found.key) or {}
    if key.get("region") != caller.region:
        raise unknown_ciphertext()
    if expected is not None and expected["id"] != key["id"]:
        demand_use(caller, expected, operation, pairs)
        raise AwsError(
            "IncorrectKeyException",
            "The key ID in the request does not identify a CMK that can perform this "
            "operation.",
        )
    demand_use(caller, key, operation, pairs, given=given or "")
    return key, symmetric.decrypt(store, found, pairs)


def re_encrypt(caller: Caller, given: Members) -> Members:
    """Encrypt under another key, or another context, without showing the plaintext."""
    algorithms = [
        given.get(f"{end}EncryptionAlgorithm", _PLAIN)
        for end in ("Source", "Destination")
    ]
    target = find(caller.context, caller.region, given["DestinationKeyId"])
    source, plaintext = opened(
        caller,
        given["CiphertextBlob"],
        given.get("SourceEncryptionContext", {}),
        algorithms[0],
        given.get("SourceKeyId"),
        "ReEncryptFrom",
    )
    pairs = given.get("DestinationEncryptionContext", {})
    demand_use(caller, target, "ReEncryptTo", pairs, algorithms[1])
    blob = _sealed(caller, target, plaintext, pairs, algorithms[1])
    return {
        "CiphertextBlob": blob,
        "SourceKeyId": source["arn"],
        "KeyId": target["arn"],
        "SourceEncryptionAlgorithm": algorithms[0],
        "DestinationEncryptionAlgorithm": algorithms[1],
        **_material("SourceKeyMaterialId", source, given["CiphertextBlob"]),
        **_material("DestinationKeyMaterialId", target, blob),
    }


OPERATIONS = {"Encrypt": encrypt, "Decrypt": decrypt, "ReEncrypt": re_encrypt}
