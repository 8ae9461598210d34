"""Binance Pay's signatures: HMAC-SHA512 of our requests, RSA of their webhooks.

Both sign "<timestamp>\\n<nonce>\\n<body>\\n", the last line feed included.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import string
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

NONCE_LENGTH: Final = 32


def text(timestamp: str, nonce: str, body: bytes) -> bytes:
    return timestamp.encode() + b"\n" + nonce.encode() + b"\n" + body + b"\n"


def sign(secret: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Upper-case hex."""
    signed = text(timestamp, nonce, body)
    return hmac.new(secret.encode(), signed, hashlib.sha512).hexdigest().upper()


def nonce() -> str:
    return "".join(secrets.choice(string.ascii_letters) for _ in range(NONCE_LENGTH))


def fits(public_pem: str, signature: str, timestamp: str, nonce_: str, body: bytes) -> bool:
    """RSA PKCS#1 v1.5 with SHA-256, base64."""
    try:
        key = load_pem_public_key(public_pem.encode())
        raw = base64.b64decode(signature, validate=True)
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        key.verify(raw, text(timestamp, nonce_, body), padding.PKCS1v15(), hashes.SHA256())
    except (ValueError, binascii.Error, InvalidSignature):
        return False
    return True
