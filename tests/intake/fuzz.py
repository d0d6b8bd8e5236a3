"""The fuzz test: mutated files of every kind, sent through the page and the command line to the running player."""

import datetime as dt
import hashlib
import os
import random
import re
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field

from tests.intake.canary import Canary
from tests.intake.intake import Intake, resident
from tests.intake.mutations import Sent, as_it_is, mutated
from tests.intake.page import acknowledged, told
from tests.intake.seeds import make_bombs, make_seeds
from tests.intake.words import vietnamese
from tests.rig.waiting import wait_until

BATCH = 40
BY_COMMAND = 10  # of a batch; the others through the page
STUCK_S = 600  # for a batch; what costs most is killed after three minutes
GROWTH = 15.0  # MB that the player may grow from the first batch to the last
_LONGEST_NAME = 240  # bytes of a file's name


@define
class Fuzz:
    """What was sent and what was found; `times` are ms of intake by seed, `memory` MB of player and page."""

    folder: Path
    chance: random.Random
    sent: Counter[str] = field(factory=Counter)
    doors: Counter[str] = field(factory=Counter)
    results: Counter[tuple[str, str]] = field(factory=Counter)
    sentences: Counter[str] = field(factory=Counter)
    mutations: Counter[str] = field(factory=Counter)
    times: dict[str, list[float]] = field(factory=lambda: defaultdict(list))
    memory: list[tuple[float, float]] = field(factory=list)
    wrong: list[str] = field(factory=list)
    _judged: int = 0
    _taken: int = 0

    def run(self, files: int, *, quick: bool = False) -> None:
        """Send so many files, batch after batch, and judge after each; `quick` leaves out what takes long."""
        intake = Intake(self.folder)
        with Canary(self.folder / "canary") as canary, intake.running():
            seeds = make_seeds(self.folder, canary, few=quick)
            waiting = [as_it_is(seeds, seed, self.chance) for seed in self.chance.sample(sorted(seeds), len(seeds))]
            if not quick:
                costly = make_bombs(self.folder)
                waiting = [as_it_is(costly, seed, self.chance) for seed in costly] + waiting
            waiting = waiting[: files // 2]  # a short run is not without mutations
            waiting += [mutated(seeds, self.chance) for _ in range(files - len(waiting))]
            while waiting and not self._broken(intake):
                batch, waiting = waiting[:BATCH], waiting[BATCH:]
                self._batch(intake, canary, batch)
                print(f"{self.sent.total()} files, {len(self.wrong)} wrong", file=sys.stderr, flush=True)
        self.wrong += [] if self._growth() < GROWTH else [f"the player grew by {self._growth():.0f} MB"]

    def table(self) -> Iterator[str]:
        """The result in Markdown."""
        yield "| seed | sent | taken | refused | known already | intake, median / longest |"
        yield "| --- | ---: | ---: | ---: | ---: | ---: |"
        for seed in sorted(self.sent):
            yield self._line(seed, [seed])
        yield self._line("all", list(self.sent))
        yield "\n| refused with | times |\n| --- | ---: |"
        yield from (f"| {sentence} | {times} |" for sentence, times in self.sentences.most_common())
        yield "\n| through | files |\n| --- | ---: |"
        yield from (f"| {door} | {files} |" for door, files in sorted(self.doors.items()))
        yield "\n| mutation | times |\n| --- | ---: |"
        yield from (f"| {name} | {times} |" for name, times in sorted(self.mutations.items()))
        (player, page), (player_after, page_after) = self.memory[0], self.memory[-1]
        yield "\nResident memory after the first batch and after the last:"
        yield f"player {player:.1f} and {player_after:.1f} MB, page {page:.1f} and {page_after:.1f} MB."

    def _line(self, name: str, seeds: Sequence[str]) -> str:
        sent = sum(self.sent[seed] for seed in seeds)
        draft, refused = (sum(self.results[seed, state] for seed in seeds) for state in ("draft", "refused"))
        times = [time / 1e3 for seed in seeds for time in self.times[seed]]
        took = f"{statistics.median(times):.1f} / {max(times):.1f} s" if times else "–"
        return f"| {name} | {sent} | {draft} | {refused} | {sent - draft - refused} | {took} |"

    def _batch(self, intake: Intake, canary: Canary, batch: Sequence[Sent]) -> None:
        found: list[str] = []
        pids = intake.station.pid, intake.page.pid
        through_page, by_command = batch[:-BY_COMMAND], batch[-BY_COMMAND:]
        for it in through_page:
            found += self._through_page(intake, it)
        found += self._by_command(intake, by_command)
        try:
            wait_until(lambda: not intake.kept.waiting() or self._failed(intake), STUCK_S, every=0.1)
        except TimeoutError:
            found.append("a file is stuck in the queue")
        found += [f"{row['title']!r} is still waiting" for row in intake.kept.waiting()]
        found += self._judge_rows(intake, batch)
        found += [*intake.complaints(), *canary.complaints(), *self._answering(intake, pids)]
        self.memory.append((resident(pids[0]), resident(pids[1])))
        self.wrong += [f"batch {len(self.memory)}: {it}" for it in found]
        if found:
            self._keep(batch)

    def _through_page(self, intake: Intake, it: Sent) -> Iterator[str]:
        self._count(it, "the page's form")
        name = it.name.encode("utf-8", "replace").decode()  # a browser sends no other
        title = it.title.encode("utf-8", "replace").decode()
        answer = intake.page.upload(it.content, name, title)
        if answer is None:
            yield f"the page did not answer to {it.name!r}"
        elif acknowledged(answer):
            if not intake.kept.of(it.content):
                yield f"{it.name!r} was acknowledged and is not kept"
        elif answer.status_code not in (400, 413) or not vietnamese(told(answer)):
            yield f"{it.name!r}: the page answered {answer.status_code} {told(answer)!r}"

    def _by_command(self, intake: Intake, batch: Sequence[Sent]) -> Iterator[str]:
        """By one command, in the folder of the files, so that their names are its arguments."""
        phone = self.folder / f"phone-{len(self.memory)}"
        phone.mkdir()
        names = [_written(phone, it) for it in batch]
        for it in batch:
            self._count(it, "`station add`")
        title = [f"--title={batch[0].title}"] if batch and batch[0].title else []
        try:
            done = subprocess.run(
                intake.adding(*title, "--", *names),
                cwd=phone,
                env=intake.environment,
                capture_output=True,
                timeout=STUCK_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            yield "`station add` did not end"
            return
        said = done.stderr.decode(errors="replace")
        if done.returncode not in (0, 1) or "Traceback" in said:
            yield f"`station add` ended with {done.returncode}: {said[-3_000:]}"
        if {path.name for path in phone.iterdir()} != set(names):
            yield f"files came or went in the folder of the command: {sorted(os.listdir(phone))}"  # noqa: PTH208

    def _judge_rows(self, intake: Intake, batch: Sequence[Sent]) -> Iterator[str]:
        rows = intake.kept.rows()[self._judged :]
        self._judged += len(rows)
        by_hash = {hashlib.sha256(it.content).hexdigest(): it for it in reversed(batch)}
        for row, time in zip(rows, self._took(intake, rows), strict=False):
            seed = by_hash[row["original"]].seed
            self.results[seed, row["state"]] += 1
            self.times[seed].append(time)
            if row["state"] == "refused":
                yield from self._judge_refusal(row)

    def _judge_refusal(self, row: dict[str, Any]) -> Iterator[str]:
        sentence = row["refusal"].removeprefix(f"{row['title']}: ")
        self.sentences[re.sub(r"\d+ (phút|giây)", r"… \1", sentence)] += 1
        if not vietnamese(sentence):
            yield f"{row['title']!r} was refused with {row['refusal']!r}"

    def _took(self, intake: Intake, rows: Sequence[dict[str, Any]]) -> list[float]:
        """How many ms the intake of each took, by the player's log; the rows are in the order of its queue."""
        log = re.findall(r"^(\S+ \S+) INFO station\.service: taken in: ", intake.station.log, re.MULTILINE)
        ends = [dt.datetime.strptime(at, "%Y-%m-%d %H:%M:%S,%f").timestamp() * 1e3 for at in log[self._taken :]]  # noqa: DTZ007
        self._taken = len(log)
        begins = [max(row["received_at"], before) for row, before in zip(rows, [0.0, *ends], strict=False)]
        return [end - begin for begin, end in zip(begins, ends, strict=False)]

    def _answering(self, intake: Intake, pids: tuple[int, int]) -> Iterator[str]:
        if self._broken(intake) or (intake.station.pid, intake.page.pid) != pids:
            yield "the player or the page ended"
            return
        intake.station.status()
        if intake.page.listing().status_code != 200:
            yield "the page does not show the library"

    def _broken(self, intake: Intake) -> bool:
        return not (intake.station.alive and intake.page.alive) or bool(intake.kept.waiting())

    def _failed(self, intake: Intake) -> bool:
        return not intake.station.alive or "intake failed" in intake.station.log

    def _growth(self) -> float:
        return self.memory[-1][0] - self.memory[0][0] if self.memory else 0.0

    def _count(self, it: Sent, door: str) -> None:
        self.sent[it.seed] += 1
        self.doors[door] += 1
        self.mutations.update(it.mutations or ["none"])

    def _keep(self, batch: Sequence[Sent]) -> None:
        """Keep what was sent, for whoever looks for the cause."""
        place = self.folder / f"batch-{len(self.memory)}"
        place.mkdir()
        for number, it in enumerate(batch):
            (place / f"{number:02d} {it.seed.replace('/', ' ')}").write_bytes(it.content)


def _written(phone: Path, it: Sent) -> str:
    """Its name as a file of `phone`, which can hold no slash and no name twice."""
    wanted = os.fsencode(it.name.replace("/", "\N{FRACTION SLASH}"))[:_LONGEST_NAME]
    name = next(each for each in _numbered(os.fsdecode(wanted)) if not (phone / each).exists())
    (phone / name).write_bytes(it.content)
    return name


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 1
    while True:
        yield f"{name} {number}"
        number += 1
