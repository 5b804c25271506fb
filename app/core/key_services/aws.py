"""Key-encryption keys in AWS KMS: they never leave it.

`aws:eu-central-1/alias/rekindle` names region and key (alias, id or ARN). Credentials and a private endpoint come from where
the AWS libraries look for them. The context is the EncryptionContext, which KMS binds to the ciphertext and
writes to CloudTrail; it holds random ids only.
"""

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.core.kms import KeyServiceUnavailableError, KeyUnavailableError
from app.core.settings import Settings

NOT_OURS: Final = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})


class Kms:
    """One symmetric KMS key."""

    def __init__(self, where: str, settings: Settings) -> None:
        """Connects to nothing yet; raises KeyUnavailableError for an address that cannot be meant."""
        region, _, self._key = where.partition("/")
        if not (region and self._key):
            raise KeyUnavailableError(
                "REKINDLE_KEY_SERVICE for AWS is `aws:<region>/<key>`, as `aws:eu-central-1/alias/rekindle`"
            )
        seconds = settings.key_service_seconds
        patience = Config(connect_timeout=seconds, read_timeout=seconds, retries={"total_max_attempts": 1})
        with _understood():
            self._client: Any = boto3.client("kms", region_name=region, config=patience)

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """KMS's ciphertext of the key."""
        return self._ask("encrypt", "CiphertextBlob", KeyId=self._key, Plaintext=key, EncryptionContext=_bound(context))

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key; raises KeyUnavailableError when KMS says that this is none of its ciphertexts for this context."""
        return self._ask("decrypt", "Plaintext", CiphertextBlob=wrapped, EncryptionContext=_bound(context))

    def rewrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The same key under the key that the setting names now; it stays inside KMS meanwhile."""
        bound = _bound(context)
        return self._ask(
            "re_encrypt",
            "CiphertextBlob",
            CiphertextBlob=wrapped,
            SourceEncryptionContext=bound,
            DestinationKeyId=self._key,
            DestinationEncryptionContext=bound,
        )

    def current_key_id(self) -> str:
        """The ARN behind the alias."""
        with _understood():
            return str(self._client.describe_key(KeyId=self._key)["KeyMetadata"]["Arn"])

    def health(self) -> bool:
        """Wraps and unwraps once."""
        probe = os.urandom(32)
        return self.unwrap(self.wrap(probe, b"health"), b"health") == probe

    def _ask(self, what: str, wanted: str, **said: Any) -> bytes:
        with _understood():
            return bytes(getattr(self._client, what)(**said)[wanted])


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in NOT_OURS:
            raise KeyUnavailableError("AWS KMS does not take this for a key it wrapped here") from None
        raise KeyServiceUnavailableError from None
    except (BotoCoreError, KeyError, TypeError, ValueError, OSError):
        raise KeyServiceUnavailableError from None


def _bound(context: bytes) -> dict[str, str]:
    return {"rekindle": base64.b64encode(context).decode()}


SERVICE = Kms
