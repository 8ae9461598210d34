"""`make run`: starts the shop on this machine and keeps it up until Ctrl-C."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from deploy.local.process import CannotStart
from deploy.local.supervisor import Interrupted
from deploy.local.world import World, kept

LOGINS = ("fan", "collector", "artist")
STAFF = ("admin", "moderator", "finance", "second", "operator", "support")


def say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    """0 after an orderly stop, 1 with one clear line when something prevents the start."""
    began = time.monotonic()
    with _own_foreground_group():
        try:
            world = kept(say)
        except CannotStart as problem:
            return _fail(problem)
        world.supervisor.on_signals()
        try:
            world.start()
            _greet(world, time.monotonic() - began)
            world.supervisor.watch()
        except CannotStart as problem:
            return _fail(problem)
        except Interrupted:
            pass
        finally:
            say("stopping")
            world.stop()
        say("stopped")
    return 0


def _fail(problem: CannotStart) -> int:
    print(f"cannot run: {problem}", file=sys.stderr, flush=True)
    return 1


def _greet(world: World, seconds: float) -> None:
    public = world.environ["PUBLIC_URL"]
    say(f"\nTonality is up after {seconds:.0f} s. Ctrl-C stops it.\n")
    say(f"  start here    {public}/")
    say(f"  Mini App      {public}/app/   portal {public}/portal/   admin {public}/admin/")
    say(f"  API           {public}/api/docs/")
    for login in LOGINS:
        say(f"  as the {login:<10}{public}/api/v1/dev/login/{login}")
    for login in STAFF:
        say(f"  staff login   {login}, password tonality-{login}")
    say("                then the code that the page shows")
    say(f"  live updates  {world.environ['WS_URL']}")
    say(f"  TON network   {world.environ['TON_ENDPOINTS']}")
    say(f"  logs          {_short(world.state.logs)}\n")


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


@contextlib.contextmanager
def _own_foreground_group() -> Iterator[None]:
    """Takes the terminal from `make`, so that Ctrl-C is ours alone and `make` ends with our code.

    Without a terminal, or in the background, nothing is taken.
    """
    terminal = sys.stdin.fileno() if sys.stdin and sys.stdin.isatty() else None
    if terminal is None or os.tcgetpgrp(terminal) != os.getpgrp():
        yield
        return
    before = os.getpgrp()
    # Writing to the terminal's settings from a group in the background would stop us.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    # Our parent waits for an end, not for a pause: Ctrl-Z would freeze the terminal.
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    if os.getpid() != before:
        os.setpgid(0, 0)
        os.tcsetpgrp(terminal, os.getpgrp())
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.tcsetpgrp(terminal, before)


if __name__ == "__main__":
    sys.exit(main())
