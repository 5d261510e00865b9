"""By which name does a patient go in a dataset? HMAC-SHA256 under a key that stays with its owner.

The same key gives the same pseudonyms, so that datasets built with it can be joined; without it
nobody can compute them from a list of patient numbers, as with a plain hash. The key is read from
its file each time a process needs it: it enters no record, dataset, log, error or pickle.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from gazekit.model.errors import UsageError

__all__ = ["KeyedPseudonyms", "PassingPseudonyms", "check_key"]

_LEAST_BYTES = 32
_DIGITS = 16
_PREFIX: Mapping[str, str] = {"patient": "pat", "study": "stu", "image": "img", "session": "ses"}
_MAKE_ONE = (
    'make one with: python -c "import secrets; print(secrets.token_hex(32))" > FILE, '
    "keep it apart from the dataset, and give it with: --key FILE"
)


@dataclass(frozen=True)
class KeyedPseudonyms:
    """Pseudonyms under the key in a file; what is pickled is the path."""

    path: Path

    def __call__(self, domain: str, identifier: str) -> str:
        """Return the pseudonym of `identifier` in a domain such as ``patient``.

        Raises
        ------
        UsageError
            The key's file is missing or too short.
        """
        return _pseudonym(_key(self.path), domain, identifier)


@dataclass(frozen=True)
class PassingPseudonyms:
    """Pseudonyms that nobody can make again: for looking at a source without building from it."""

    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(_LEAST_BYTES), repr=False)

    def __call__(self, domain: str, identifier: str) -> str:
        """Return the pseudonym of `identifier`, the same as long as this object lives."""
        return _pseudonym(self._secret, domain, identifier)


def check_key(path: Path) -> Path:
    """Return `path` when a key can be read from it.

    Raises
    ------
    UsageError
        It is missing or too short; the line says how to make one.
    """
    _key(path)
    return path


def _pseudonym(key: bytes, domain: str, identifier: str) -> str:
    message = f"{domain}\0{identifier}".encode()
    digest = hmac.new(key, message, hashlib.sha256).hexdigest()
    return f"{_PREFIX.get(domain, domain)}-{digest[:_DIGITS]}"


@lru_cache(maxsize=4)
def _key(path: Path) -> bytes:
    if not path.is_file():
        raise UsageError("there is no such key file", where=path.name, remedy=_MAKE_ONE)
    key = path.read_bytes().strip()
    if len(key) < _LEAST_BYTES:
        raise UsageError(
            "the key is too short",
            where=path.name,
            expected=f"{_LEAST_BYTES} bytes or more",
            found=f"{len(key)} bytes",
            remedy=_MAKE_ONE,
        )
    return key
