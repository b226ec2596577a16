"""AWS KMS: keys, who may use them, and what is encrypted under them.

Keys are documents in the journal; their material stands apart, in the keystore, so that
what is deleted is gone. Other services use keys by `localaws.services.kms.use`.
"""

from localaws.services.kms import (
    alias_operations,
    data_keys,
    encrypting,
    grant_operations,
    key_policies,
    keys,
    operations,
    rotation,
    signing,
    states,
)

HANDLERS = operations.handlers(
    {
        **alias_operations.OPERATIONS,
        **data_keys.OPERATIONS,
        **encrypting.OPERATIONS,
        **grant_operations.OPERATIONS,
        **key_policies.OPERATIONS,
        **keys.OPERATIONS,
        **rotation.OPERATIONS,
        **signing.OPERATIONS,
        **states.OPERATIONS,
    }
)
TICKERS = [states.tick, rotation.tick]
