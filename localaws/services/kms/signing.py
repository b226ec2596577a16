"""AWS KMS: signatures, public keys, authentication codes."""

import hmac

from localaws.errors import AwsError
from localaws.limits import limit
from localaws.services.kms import asymmetric
from localaws.services.kms.access import Caller, demand
from localaws.services.kms.documents import Members, demand_usable, find
from localaws.services.kms.errors import invalid, unsupported, wrong_usage
from localaws.services.kms.keystore import Keystore
from localaws.services.kms.operations import charge


def sign(caller: Caller, given: Members) -> Members:
    """Sign a message, or its hash, with the private key of a pair."""
    key, material = _signer(caller, given, "Sign")
    try:
        signature = asymmetric.sign(
            material,
            given["Message"],
            given["SigningAlgorithm"],
            hashed=_hashed(given),
        )
    except ValueError as error:
        raise invalid(
            f"Digest is invalid length for algorithm {given['SigningAlgorithm']}."
        ) from error
    return {
        "KeyId": key["arn"],
        "Signature": signature,
        "SigningAlgorithm": given["SigningAlgorithm"],
    }


def verify(caller: Caller, given: Members) -> Members:
    """Say that a signature is right; one that is not is an error."""
    key, material = _signer(caller, given, "Verify")
    try:
        right = asymmetric.verify(
            material,
            given["Message"],
            given["Signature"],
            given["SigningAlgorithm"],
            hashed=_hashed(given),
        )
    except ValueError as error:
        raise invalid(
            f"Digest is invalid length for algorithm {given['SigningAlgorithm']}."
        ) from error
    if not right:
        raise AwsError("KMSInvalidSignatureException", "")
    return {
        "KeyId": key["arn"],
        "SignatureValid": True,
        "SigningAlgorithm": given["SigningAlgorithm"],
    }


def _hashed(given: Members) -> bool:
    hashed = given.get("MessageType", "RAW") == "DIGEST"
    most = limit("kms", "plaintext_bytes")
    if not hashed and len(given["Message"]) > most:
        raise invalid(
            "1 validation error detected: Value at 'message' failed to satisfy "
            f"constraint: Member must have length less than or equal to {most}"
        )
    return hashed


def _signer(caller: Caller, given: Members, operation: str) -> tuple[Members, bytes]:
    algorithm = given["SigningAlgorithm"]
    asked = {
        "kms:signingalgorithm": (algorithm,),
        "kms:messagetype": (given.get("MessageType", "RAW"),),
    }
    return _used(caller, given, operation, asked, "SIGN_VERIFY", algorithm)


def _used(
    caller: Caller,
    given: Members,
    operation: str,
    asked: dict[str, tuple[str, ...]],
    usage: str,
    algorithm: str,
) -> tuple[Members, bytes]:
    key = find(caller.context, caller.region, given["KeyId"])
    demand(caller, key, operation, asked)
    demand_usable(key)
    if key["usage"] != usage:
        raise wrong_usage(key["arn"], key["usage"], operation)
    known = asymmetric.algorithms(key["spec"], usage).values()
    if not any(algorithm in names for names in known):
        raise AwsError(
            "InvalidKeyUsageException",
            f"Algorithm {algorithm} is incompatible with key spec {key['spec']}.",
        )
    charge(caller, key)
    material = caller.context.part(Keystore).get(key["id"])
    assert material is not None
    return key, material


def public_key(caller: Caller, given: Members) -> Members:
    """Return the public key of a pair, with which anybody encrypts or verifies."""
    key = find(caller.context, caller.region, given["KeyId"])
    demand(caller, key, "GetPublicKey")
    demand_usable(key)
    if not asymmetric.is_pair(key["spec"]):
        raise unsupported(f"{key['arn']} is not an asymmetric key.")
    charge(caller, key)
    material = caller.context.part(Keystore).get(key["id"])
    assert material is not None
    return {
        "KeyId": key["arn"],
        "PublicKey": asymmetric.public(material),
        "CustomerMasterKeySpec": key["spec"],
        "KeySpec": key["spec"],
        "KeyUsage": key["usage"],
        **asymmetric.algorithms(key["spec"], key["usage"]),
    }


def generate_mac(caller: Caller, given: Members) -> Members:
    """Return the authentication code of a message."""
    key, code = _code(caller, given, "GenerateMac")
    return {"Mac": code, "MacAlgorithm": given["MacAlgorithm"], "KeyId": key["arn"]}


def verify_mac(caller: Caller, given: Members) -> Members:
    """Say that an authentication code is right; one that is not is an error."""
    key, code = _code(caller, given, "VerifyMac")
    if not hmac.compare_digest(code, given["Mac"]):
        raise AwsError("KMSInvalidMacException", "")
    algorithm = given["MacAlgorithm"]
    return {"KeyId": key["arn"], "MacValid": True, "MacAlgorithm": algorithm}


def _code(caller: Caller, given: Members, operation: str) -> tuple[Members, bytes]:
    algorithm, usage = given["MacAlgorithm"], "GENERATE_VERIFY_MAC"
    asked = {"kms:macalgorithm": (algorithm,)}
    key, material = _used(caller, given, operation, asked, usage, algorithm)
    return key, asymmetric.mac(material, given["Message"], algorithm)


OPERATIONS = {
    "Sign": sign,
    "Verify": verify,
    "GetPublicKey": public_key,
    "GenerateMac": generate_mac,
    "VerifyMac": verify_mac,
}
