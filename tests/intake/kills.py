"""The kills: whoever takes a file in is ended by kill -9 at a random instant, and all or nothing is left."""

import random
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from attrs import define, evolve, field

from tests.intake.deeds import DEEDS, PATIENCE_S, Deed, Done, add
from tests.intake.intake import Intake
from tests.rig.tapes import noise, write_tape
from tests.rig.waiting import wait_until

_BEYOND = 1.05  # of its length: some are killed just when all is done
_LENGTH = 1_000  # ms of sound
_TAIL = 600_000  # bytes that follow it, so that the page does not keep the form in memory
# What changes the card; a question mark lets strace pass over what another machine does not have.
_STEPS = "?rename,?renameat,?renameat2,?link,?linkat,?unlink,?unlinkat,fsync,fdatasync,write,pwrite64,ftruncate"


@define
class Kills:
    """What was done and what was found; `lasts` is how many ms the longest of `measured` whole deeds took."""

    folder: Path
    chance: random.Random
    measured: int = 3
    done: Counter[str] = field(factory=Counter)
    outcomes: Counter[tuple[str, str]] = field(factory=Counter)
    lasts: dict[str, float] = field(factory=dict)
    wrong: list[str] = field(factory=list)
    untold: str = ""
    _sounds: int = 0

    def run(self, kills: int, *, steps: bool = True) -> None:
        """Kill so often, a third of them each deed; with `steps`, one deed once more at each of its steps."""
        intake = Intake(self.folder)
        command, *others = DEEDS
        with intake.running():
            intake.station.terminate()
            self._kill_at_random(intake, command, kills - kills // 3 * 2)
            if steps:
                self._kill_at_each_step(intake, command)
            intake.station.start()
            for deed in others:
                self._kill_at_random(intake, deed, kills // 3)
            self.wrong += [f"at the end: {it}" for it in intake.complaints()]

    def table(self) -> Iterator[str]:
        """The result in Markdown."""
        columns = (
            "killed while at it",
            "acknowledged before",
            "then not there",
            "then in the queue",
            "then taken in",
        )
        columns_told = " | ".join((*columns, "left something to sweep", f"lasts, longest of {self.measured}"))
        yield f"| kill -9 of | times | {columns_told} |"
        yield "| --- |" + " ---: |" * 8
        for name, times in self.done.items():
            told = " | ".join(str(self.outcomes[name, column]) for column in (*columns, "swept"))
            lasts = f"{self.lasts[name] / 1e3:.1f} s" if name in self.lasts else "–"
            yield f"| {name} | {times} | {told} | {lasts} |"
        yield f"| all | {self.done.total()} |" + " |" * 7
        if self.untold:
            yield f"\n{self.untold}"

    def _kill_at_random(self, intake: Intake, deed: Deed, times: int) -> None:
        whole = [deed.do(intake, self._sound(), None).lasted for _ in range(self.measured)]
        wait_until(lambda: not intake.kept.waiting(), PATIENCE_S)
        self.lasts[deed.name] = max(whole)
        for _ in range(times):
            self._kill(intake, deed, self.chance.uniform(0, max(whole) * _BEYOND))

    def _kill_at_each_step(self, intake: Intake, deed: Deed) -> None:
        """Ended before its first write to the card, before its second, and so on, until it comes to its end."""
        if not shutil.which("strace"):
            self.untold = "Not killed at each step: strace is not installed here."
            return
        step, met = 1, True
        while met:
            kill = f"signal=KILL:when={step}"
            under = ("strace", "-qq", "-o", "/dev/null", f"-etrace={_STEPS}", f"-einject={_STEPS}:{kill}")
            stepped = evolve(deed, name=f"{deed.name}, before each write", do=partial(add, under=under))
            met = self._kill(intake, stepped, None).met
            step += 1

    def _kill(self, intake: Intake, deed: Deed, after: float | None) -> Done:
        content = self._sound()
        done = deed.do(intake, content, after)
        row = intake.kept.of(content)
        state = {None: "not there", "received": "in the queue"}.get(row and row["state"], "taken in")
        swept = any(intake.kept.complaints())
        deed.begin_again(intake)
        found = [*self._judge(intake, deed, content, done)]
        self.done[deed.name] += 1
        self.outcomes[deed.name, f"then {state}"] += 1
        self.outcomes[deed.name, "killed while at it"] += done.met
        self.outcomes[deed.name, "acknowledged before"] += done.acknowledged
        self.outcomes[deed.name, "swept"] += swept
        when = f"after {after:.0f} ms" if after is not None else f"before write {self.done[deed.name]}"
        self.wrong += [f"{deed.name} killed {when}, {state}: {it}" for it in found]
        print("\n  WRONG: ".join([f"{self.done.total()} kills", *found]), file=sys.stderr, flush=True)
        return done

    def _judge(self, intake: Intake, deed: Deed, content: bytes, done: Done) -> Iterator[str]:
        """What is not as it should be after the next start, and once the file was sent again."""
        if intake.station.alive:
            yield from self._queue_left(intake)
        yield from intake.complaints()
        if done.acknowledged and not intake.kept.of(content):
            yield "it was acknowledged and is lost"
        if not self._taken_in(intake, content):
            deed.send_again(intake, content)
        if intake.station.alive:
            yield from self._queue_left(intake)
        if not self._taken_in(intake, content):
            yield "sent again it is not taken in"
        yield from intake.complaints()

    def _taken_in(self, intake: Intake, content: bytes) -> bool:
        row = intake.kept.of(content)
        return row is not None and row["state"] == "draft"

    def _queue_left(self, intake: Intake) -> Iterator[str]:
        try:
            wait_until(lambda: not intake.kept.waiting(), PATIENCE_S, every=0.05)
        except TimeoutError:
            yield "the player does not take in what waits"

    def _sound(self) -> bytes:
        """A recording unlike any other."""
        self._sounds += 1
        file = write_tape(self.folder / "sound.wav", noise(_LENGTH, seed=self._sounds), silence=0).path
        return Path(file).read_bytes() + b"junk" + _TAIL.to_bytes(4, "little") + bytes(_TAIL)
