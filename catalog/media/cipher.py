"""AES-256-CTR over whole files: any part can be read without the rest (NIST SP 800-38A, 6.5).

The counter block is the asset's nonce (12 bytes) and the number of the 16-byte block (4 bytes, big
endian): 64 GiB a file. Ciphertext is as long as the plain bytes.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

BLOCK: Final = 16
NONCE: Final = 12


def nonce_of(secret: bytes, sha256: bytes) -> bytes:
    """The nonce under which a recording's key encrypts these bytes (sha256: of the plain ones).

    Derived, so that a step which runs twice makes the same ciphertext, and two files of one
    recording never share a key stream.
    """
    return hmac.digest(secret, b"asset nonce" + sha256, hashlib.sha256)[:NONCE]


def stream(secret: bytes, nonce: bytes, offset: int = 0) -> CipherContext:
    """Turns plain bytes from `offset` on into ciphertext, and ciphertext into plain bytes."""
    counter = nonce + (offset // BLOCK).to_bytes(4, "big")
    context = Cipher(AES(secret), CTR(counter)).encryptor()
    context.update(bytes(offset % BLOCK))
    return context
