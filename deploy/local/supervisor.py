"""Starts programs in dependency order, watches them, stops them in reverse order."""

import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType

from deploy.local.process import CannotStart, Child, Program

POLL = 0.05
TELL_EVERY = 15.0
RESTARTS = 3
RESTART_WINDOW = 60.0


class Interrupted(Exception):
    """A person asked us to stop while something was still starting."""


class Supervisor:
    """Keeps the children of one world. Not thread-safe: children die with the starting thread."""

    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        self.logs = logs
        self.say = say
        self.children: dict[str, Child] = {}
        self.stopping = False
        self.hurry = False
        self._deaths: dict[str, list[float]] = {}
        self._batches: dict[str, int] = {}

    def on_signals(self) -> None:
        """SIGINT, SIGTERM and SIGHUP ask for an orderly stop; a second one shortens the wait."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.hurry = self.stopping
        self.stopping = True

    def start(self, programs: Iterable[Program]) -> None:
        """Starts all at once and returns when each is ready. Raises CannotStart or Interrupted."""
        waiting: dict[str, Child] = {}
        batch = max(self._batches.values(), default=0) + 1
        for program in programs:
            child = Child(program, self.logs / f"{program.name}.log")
            self.children[program.name] = child
            self._batches.setdefault(program.name, batch)
            waiting[program.name] = child
        told = time.monotonic()
        while waiting:
            if time.monotonic() - told > TELL_EVERY:
                told = time.monotonic()
                self.say(f"  waiting for {', '.join(waiting)}")
            for name, child in list(waiting.items()):
                if not child.is_ready():
                    continue
                del waiting[name]
                if child.program.once:
                    del self.children[name]
                child.program.then()
                seconds = time.monotonic() - child.started_at
                self.say(f"  {name:<10}{seconds:5.1f} s  {child.program.address}".rstrip())
            self._pause()

    def _pause(self) -> None:
        if self.stopping:
            raise Interrupted
        time.sleep(POLL)

    def watch(self) -> None:
        """Returns when asked to stop. A child that dies is started again, a few times a minute."""
        while not self.stopping:
            for child in [one for one in self.children.values() if not one.alive]:
                self._revive(child)
            time.sleep(POLL * 4)

    def _revive(self, child: Child) -> None:
        name, now = child.program.name, time.monotonic()
        recent = [at for at in self._deaths.get(name, []) if now - at < RESTART_WINDOW]
        if len(recent) >= RESTARTS:
            raise CannotStart(f"{name} keeps dying; its log is {child.log}")
        self._deaths[name] = [*recent, now]
        self.say(f"  {name} ended with code {child.process.returncode}; starting it again")
        child.kill()
        self.start([child.program])

    def stop(self) -> None:
        """Stops everything in the reverse order of starting; what started together, together."""
        for batch in sorted(set(self._batches.values()), reverse=True):
            self.stop_all([name for name in self.children if self._batches[name] == batch])

    def stop_all(self, names: Iterable[str]) -> None:
        """Asks all the named to stop, then waits for each; none survives its time."""
        ending = [self.children.pop(name) for name in names]
        for child in ending:
            child.ask_to_stop()
        asked = time.monotonic()
        for child in ending:
            child.wait_stopped(asked + (1.0 if self.hurry else child.program.stop_within))

    def kill(self, name: str) -> None:
        """Ends one child without a warning, as the out-of-memory killer would."""
        self.children.pop(name).kill()
