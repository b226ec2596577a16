"""AWS KMS for other services: data keys, made and opened on behalf of their caller."""

import secrets
from dataclasses import dataclass

from localaws.services.kms import symmetric
from localaws.services.kms.access import Caller
from localaws.services.kms.documents import Members, find
from localaws.services.kms.encrypting import Pairs, demand_use
from localaws.services.kms.keys import managed
from localaws.services.kms.keystore import Keystore


@dataclass(frozen=True)
class DataKey:
    """A data key.

    Attributes:
        key: ARN of the key that it is encrypted under.
        plaintext: To encrypt with, and to be forgotten.
        blob: Encrypted, to be kept with the data.
    """

    key: str
    plaintext: bytes
    blob: bytes


def named(caller: Caller, given: str | None) -> Members:
    """Return a key by its id, ARN or alias; by default, AWS's for the service.

    Raises:
        AwsError: It is not there.
    """
    if given is None or given.endswith(f"alias/aws/{caller.via}"):
        return managed(caller.context, caller.region, caller.via)
    return find(caller.context, caller.region, given)


def make(caller: Caller, key: Members, pairs: Pairs, *, charged: bool) -> DataKey:
    """Return a new data key; the caller needs `kms:GenerateDataKey`.

    Args:
        caller: Of the service, and the service.
        key: To encrypt it under.
        pairs: The encryption context.
        charged: Whether KMS is asked, or the service has the answer still.
    """
    demand_use(caller, key, "GenerateDataKey", pairs, charged=charged)
    plaintext = secrets.token_bytes(symmetric.BYTES)
    store = caller.context.part(Keystore)
    blob = symmetric.encrypt(store, key["id"], plaintext, pairs)
    return DataKey(key["arn"], plaintext, blob)


def opened(
    caller: Caller, key: str, blob: bytes, pairs: Pairs, *, charged: bool
) -> bytes:
    """Return a data key from its blob; the caller needs `kms:Decrypt`.

    Raises:
        AwsError: The caller may not, or the key is disabled, or gone.
    """
    found = find(caller.context, caller.region, key)
    demand_use(caller, found, "Decrypt", pairs, charged=charged)
    store = caller.context.part(Keystore)
    return symmetric.decrypt(store, symmetric.read(blob), pairs)
