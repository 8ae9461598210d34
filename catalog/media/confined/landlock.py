"""Files that a limited child may read and write (Landlock, landlock(7), Linux 5.13 and later)."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
from collections.abc import Iterable
from typing import Final

_CREATE: Final = 444
_ADD: Final = 445
_RESTRICT: Final = 446
_VERSION: Final = 1
_BENEATH: Final = 1
_READ: Final = 0b1101  # execute, read a file, read a folder
_LIST: Final = 0b1000
_FIRST_13: Final = (1 << 13) - 1
# What came later, by version of the interface: linking across folders, truncating.
_LATER: Final = ((2, 1 << 13), (3, 1 << 14))
_OF_FILES: Final = 0b111 | (1 << 14)  # execute, write, read, truncate


def restrict(reads: Iterable[str], lists: Iterable[str], writes: Iterable[str]) -> bool:
    """From now on only these are readable, names of files seen in `lists`, and `writes` writable.

    False: the kernel has no Landlock. Raises OSError when it refuses a rule.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return False
    handled = _FIRST_13 | sum(bit for since, bit in _LATER if version >= since)
    attribute = ctypes.create_string_buffer(struct.pack("=Q", handled), 8)
    rules = libc.syscall(_CREATE, attribute, ctypes.c_size_t(8), 0)
    if rules < 0:
        return False
    for path in reads:
        _allow(libc, rules, path, _READ)
    for path in lists:
        _allow(libc, rules, path, _LIST)
    for path in writes:
        _allow(libc, rules, path, handled & ~1)
    if libc.syscall(_RESTRICT, rules, 0):
        raise OSError(ctypes.get_errno(), "landlock")
    os.close(rules)
    return True


def _allow(libc: ctypes.CDLL, rules: int, path: str, access: int) -> None:
    """What is not there needs no permission."""
    with contextlib.suppress(FileNotFoundError):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if not os.path.isdir(path):  # noqa: PTH112  a program of few imports
            access &= _OF_FILES
        rule = ctypes.create_string_buffer(struct.pack("=Qi", access, place), 12)
        failed = libc.syscall(_ADD, rules, _BENEATH, rule, 0)
        os.close(place)
        if failed:
            raise OSError(ctypes.get_errno(), f"landlock: {path}")
