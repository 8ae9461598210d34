"""Gives up every right that a limited child does not need, then becomes the command.

    python -I -S -c "..." '{"limits": {...}, ...}' command words...

Runs with few imports and one thread, before any hostile byte is read. Where a right cannot be
given up, the command does not start (exit 125); only the namespace is taken where it can be had.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
from typing import Any, Final

from catalog.media.confined import landlock, seccomp

NOBODY: Final = 65534
REFUSED: Final = 125
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_CAPBSET_DROP: Final = 24
_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
_CLONE_NEWIPC: Final = 0x08000000
_CAPABILITIES: Final = 64


def main() -> None:
    told: dict[str, Any] = json.loads(sys.argv[1])
    command = sys.argv[2:]
    try:
        if "limits" in told:
            _confine(told)
        _end_with(told["parent"])
        for name in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_DFL)  # ignored signals would stay ignored
        os.execv(command[0], command)  # noqa: S606  no shell is wanted
    except (OSError, ValueError) as error:
        print(f"confine: {error}", file=sys.stderr)
        sys.exit(REFUSED)


def _confine(told: dict[str, Any]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    own_space = _leave(libc, nobody=told["nobody"])
    if told["nobody"]:
        for capability in range(_CAPABILITIES):
            libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    else:
        _drop_capabilities(libc)
    os.chdir(told["folder"])
    os.umask(0o077)
    _limit(told["limits"], counted=own_space or told["nobody"])
    if libc.prctl(seccomp.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    landlock.restrict(told["reads"], told["lists"], [told["folder"], "/dev/null"])
    seccomp.refuse()


def _leave(libc: ctypes.CDLL, *, nobody: bool) -> bool:
    """A network of its own without any way out, where the kernel allows it; True: and a user's.

    Whoever becomes nobody needs root's rights until then; the others take a user namespace, in
    which no right over the machine is left.
    """
    spaces = _CLONE_NEWNET | _CLONE_NEWIPC
    if nobody:
        libc.unshare(spaces)
        return False
    return bool(libc.unshare(spaces | _CLONE_NEWUSER) == 0)


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    """None is left, and none comes back by running a program (capabilities(7))."""
    for capability in range(_CAPABILITIES):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    head = (ctypes.c_uint32 * 2)(0x20080522, 0)
    if libc.capset(head, (ctypes.c_uint32 * 6)()):
        raise OSError(ctypes.get_errno(), "capset")


def _limit(limits: dict[str, int], *, counted: bool) -> None:
    """Set every limit for good. Processes are counted by user: the rest of ours come on top."""
    processes = limits["processes"] + (0 if counted else _running())
    for kind, value in (
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_FSIZE, limits["file"]),
        (resource.RLIMIT_NOFILE, limits["files"]),
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, limits["cpu"] + 1),
    ):
        hard = resource.getrlimit(kind)[1]
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        soft = most - 1 if kind == resource.RLIMIT_CPU else most  # first told by SIGXCPU
        resource.setrlimit(kind, (soft, most))


def _running() -> int:
    """Threads of this user now."""
    count, me = 0, os.getuid()
    for name in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208  a program of few imports
        with contextlib.suppress(OSError):
            if os.stat(f"/proc/{name}").st_uid == me:  # noqa: PTH116
                count += len(os.listdir(f"/proc/{name}/task"))  # noqa: PTH208
    return count


def _end_with(parent: int) -> None:
    """Die when whoever started this dies; asked for last, for a change of user forgets it."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() not in (parent, 0):
        os.kill(os.getpid(), signal.SIGKILL)
