"""AWS KMS: data keys and data key pairs for envelope encryption, and random bytes."""

import secrets

from localaws.services.kms import asymmetric, symmetric
from localaws.services.kms.access import Caller, demand_account
from localaws.services.kms.documents import Members, material_id
from localaws.services.kms.encrypting import used
from localaws.services.kms.errors import invalid, unsupported
from localaws.services.kms.keystore import Keystore
from localaws.services.kms.operations import charge

_BYTES = {"AES_256": 32, "AES_128": 16}


def generate(caller: Caller, given: Members) -> Members:
    """Return a data key, plain and encrypted."""
    return _generated(caller, given, "GenerateDataKey")


def without_plaintext(caller: Caller, given: Members) -> Members:
    """Return a data key, encrypted only."""
    told = _generated(caller, given, "GenerateDataKeyWithoutPlaintext")
    del told["Plaintext"]
    return told


def _generated(caller: Caller, given: Members, operation: str) -> Members:
    if ("KeySpec" in given) == ("NumberOfBytes" in given):
        raise invalid("Please specify either number of bytes or key spec.")
    size = given.get("NumberOfBytes") or _BYTES[given["KeySpec"]]
    pairs = given.get("EncryptionContext", {})
    key = used(caller, given["KeyId"], operation, pairs)
    plaintext = secrets.token_bytes(size)
    store = caller.context.part(Keystore)
    blob = symmetric.encrypt(store, key["id"], plaintext, pairs)
    return {
        "CiphertextBlob": blob,
        "Plaintext": plaintext,
        "KeyId": key["arn"],
        "KeyMaterialId": material_id(key),
    }


def generate_pair(caller: Caller, given: Members) -> Members:
    """Return a data key pair; the private key plain and encrypted."""
    return _pair(caller, given, "GenerateDataKeyPair")


def pair_without_plaintext(caller: Caller, given: Members) -> Members:
    """Return a data key pair; the private key encrypted only."""
    told = _pair(caller, given, "GenerateDataKeyPairWithoutPlaintext")
    del told["PrivateKeyPlaintext"]
    return told


def _pair(caller: Caller, given: Members, operation: str) -> Members:
    pairs, spec = given.get("EncryptionContext", {}), given["KeyPairSpec"]
    key = used(caller, given["KeyId"], operation, pairs)
    if not asymmetric.is_pair(spec):
        raise unsupported(f"KeyPairSpec {spec} is not offered here.")
    charge(caller, key, "rsa-pair" if spec.startswith("RSA") else "ecc-pair")
    private = asymmetric.generate(spec)
    store = caller.context.part(Keystore)
    return {
        "PrivateKeyCiphertextBlob": symmetric.encrypt(store, key["id"], private, pairs),
        "PrivateKeyPlaintext": private,
        "PublicKey": asymmetric.public(private),
        "KeyId": key["arn"],
        "KeyPairSpec": spec,
        "KeyMaterialId": material_id(key),
    }


def random(caller: Caller, given: Members) -> Members:
    """Return random bytes."""
    demand_account(caller, "GenerateRandom")
    return {"Plaintext": secrets.token_bytes(given.get("NumberOfBytes", 32))}


OPERATIONS = {
    "GenerateDataKey": generate,
    "GenerateDataKeyWithoutPlaintext": without_plaintext,
    "GenerateDataKeyPair": generate_pair,
    "GenerateDataKeyPairWithoutPlaintext": pair_without_plaintext,
    "GenerateRandom": random,
}
