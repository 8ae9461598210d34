"""The system calls that a limited child may not make (seccomp-BPF, prctl(2), seccomp(2)).

Needs no rights, only no_new_privs, and passes to every child of the child. A refused call fails
with EPERM; one by another architecture's table ends the process.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Iterator
from typing import Final

PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2
_KILL: Final = 0x80000000
_ERRNO: Final = 0x00050000
_ALLOW: Final = 0x7FFF0000
_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_SET: Final = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_RETURN: Final = 0x06
# Places in struct seccomp_data: nr, arch, low half of the first argument.
_NR: Final = 0
_ARCH: Final = 4
_FIRST: Final = 16
_NEW_NAMESPACES: Final = 0x7E020000  # CLONE_NEWNS, -CGROUP, -UTS, -IPC, -USER, -PID, -NET
# In both tables alike: pidfd_send_signal, io_uring_setup/enter/register, open_tree, move_mount,
# fsopen, fsconfig, fsmount, fspick, pidfd_open, pidfd_getfd, process_madvise, mount_setattr,
# process_mrelease.
_COMMON: Final = (424, 425, 426, 427, 428, 429, 430, 431, 432, 433, 434, 438, 440, 442, 448)
# machine: (AUDIT_ARCH, number of clone, names to numbers)
_TABLES: Final = {
    "x86_64": (
        0xC000003E,
        56,
        {
            "socket": 41, "connect": 42, "accept": 43, "sendto": 44, "recvfrom": 45,
            "sendmsg": 46, "recvmsg": 47, "bind": 49, "listen": 50, "socketpair": 53,
            "accept4": 288, "sendmmsg": 307, "recvmmsg": 299, "kill": 62, "tkill": 200,
            "setpgid": 109, "setsid": 112, "ptrace": 101, "process_vm_readv": 310,
            "process_vm_writev": 311, "pivot_root": 155, "chroot": 161, "acct": 163,
            "settimeofday": 164, "mount": 165, "umount2": 166, "swapon": 167, "reboot": 169,
            "init_module": 175, "delete_module": 176, "finit_module": 313, "kexec_load": 246,
            "kexec_file_load": 320, "add_key": 248, "request_key": 249, "keyctl": 250,
            "unshare": 272, "setns": 308, "perf_event_open": 298, "open_by_handle_at": 304,
            "bpf": 321, "userfaultfd": 323,
        },
    ),
    "aarch64": (
        0xC00000B7,
        220,
        {
            "socket": 198, "socketpair": 199, "bind": 200, "listen": 201, "accept": 202,
            "connect": 203, "sendto": 206, "recvfrom": 207, "sendmsg": 211, "recvmsg": 212,
            "accept4": 242, "recvmmsg": 243, "sendmmsg": 269, "kill": 129, "tkill": 130,
            "setpgid": 154, "setsid": 157, "ptrace": 117, "process_vm_readv": 270,
            "process_vm_writev": 271, "umount2": 39, "mount": 40, "pivot_root": 41,
            "chroot": 51, "acct": 89, "unshare": 97, "init_module": 105, "delete_module": 106,
            "kexec_load": 104, "reboot": 142, "settimeofday": 170, "add_key": 217,
            "request_key": 218, "keyctl": 219, "swapon": 224, "perf_event_open": 241,
            "open_by_handle_at": 265, "setns": 268, "finit_module": 273, "bpf": 280,
            "userfaultfd": 282, "kexec_file_load": 294,
        },
    ),
}  # fmt: skip
_CLONE3: Final = 435
_X32: Final = 0x40000000


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def refuse() -> None:
    """Install the filter. OSError where the kernel has none or the machine has no table here."""
    machine = platform.machine()
    if machine not in _TABLES:
        raise OSError(errno.ENOSYS, f"no table of system calls for {machine}")
    code = b"".join(_program(machine))
    libc = ctypes.CDLL(None, use_errno=True)
    program = _Program(len(code) // 8, code)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


def _program(machine: str) -> Iterator[bytes]:
    arch, clone, named = _TABLES[machine]
    refused = _ERRNO | errno.EPERM
    yield _step(_LOAD, _ARCH)
    yield _step(_EQUAL, arch, yes=1)
    yield _step(_RETURN, _KILL)
    yield _step(_LOAD, _NR)
    yield _step(_SET, _X32, no=1)
    yield _step(_RETURN, _KILL)
    for number in (*named.values(), *_COMMON):
        yield _step(_EQUAL, number, no=1)
        yield _step(_RETURN, refused)
    # The C library falls back to clone, whose flags can be looked at.
    yield _step(_EQUAL, _CLONE3, no=1)
    yield _step(_RETURN, _ERRNO | errno.ENOSYS)
    yield _step(_EQUAL, clone, no=3)
    yield _step(_LOAD, _FIRST)
    yield _step(_SET, _NEW_NAMESPACES, no=1)
    yield _step(_RETURN, refused)
    yield _step(_RETURN, _ALLOW)


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    """struct sock_filter: how many steps to jump over when it holds, and when not."""
    return struct.pack("=HBBI", code, yes, no, value)
