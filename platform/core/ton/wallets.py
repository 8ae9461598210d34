"""The wallet contracts that people use, known by the hash of their code.

Of these alone may the public key be read from the data: another code may keep anything there.
Hashes are those of the published code cells (docs.ton.org, "Wallet contracts"; v3r1, v3r2, v4r2
and v5r1 are the hashes of the codes in pytoniq). The key stands at a fixed bit offset.
"""

from __future__ import annotations

from typing import Final

from pytoniq_core.boc.cell import Cell

_KEY_BITS: Final = 256
_LIBRARY: Final = 2
_V1 = _V2 = 32
_V3 = _V4 = 32 + 32
_V5_BETA: Final = 1 + 32 + 80
_V5: Final = 1 + 32 + 32

# code hash -> (version, offset of the key in bits)
CODES: Final[dict[str, tuple[str, int]]] = {
    "a0cfc2c48aee16a271f2cfc0b7382d81756cecb1017d077faaab3bb602f6868c": ("v1r1", _V1),
    "d4902fcc9fad74698fa8e353220a68da0dcf72e32bcb2eb9ee04217c17d3062c": ("v1r2", _V1),
    "587cc789eff1c84f46ec3797e45fc809a14ff5ae24f1e0c7a6a99cc9dc9061ff": ("v1r3", _V1),
    "5c9a5e68c108e18721a07c42f9956bfb39ad77ec6d624b60c576ec88eee65329": ("v2r1", _V2),
    "fe9530d3243853083ef2ef0b4c2908c0abf6fa1c31ea243aacaa5bf8c7d753f1": ("v2r2", _V2),
    "b61041a58a7980b946e8fb9e198e3c904d24799ffa36574ea4251c41a566f581": ("v3r1", _V3),
    "84dafa449f98a6987789ba232358072bc0f76dc4524002a5d0918b9a75d2d599": ("v3r2", _V3),
    "64dd54805522c5be8a9db59cea0105ccf0d08786ca79beb8cb79e880a8d7322d": ("v4r1", _V4),
    "feb5ff6820e2ff0d9483e7e0d62c817d846789fb4ae580c878866d959dabd5c0": ("v4r2", _V4),
    "e4cf3b2f4c6d6a61ea0f2b5447d266785b26af3637db2deee6bcd1aa826f3412": ("v5beta", _V5_BETA),
    "20834b7b72b112147e1b2fb457b84e74d1a30f04f737d4f62a668e9552d2b72f": ("v5r1", _V5),
}


def code_hash(code: Cell) -> str:
    """The hash of what runs: of the code, or of the library that the code is a reference to."""
    if code.type_ == _LIBRARY:
        return code.bits[8 : 8 + _KEY_BITS].tobytes().hex()
    return code.hash.hex()


def public_key(code: Cell, data: Cell) -> bytes | None:
    """The key of a known wallet; None when the code is unknown or the data too short."""
    known = CODES.get(code_hash(code))
    if known is None:
        return None
    key = data.bits[known[1] : known[1] + _KEY_BITS]
    return key.tobytes() if len(key) == _KEY_BITS else None
