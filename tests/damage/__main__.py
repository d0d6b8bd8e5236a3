"""`python -m tests.damage [DAMAGES] [--seed 1]`: spoils a database at random, and judges what comes of it."""

import argparse
import logging
import random
import shutil
import statistics
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from attrs import define, field

from station.stores.home import open_home, places
from station.stores.opening import notices
from tests.damage.damages import DAMAGES, Damage
from tests.damage.kept import Rows, fill, lost, rows, seals_hold
from tests.rig.waiting import wall_ms
from tests.running import RunningStation

_PLAYER_EVERY = 10  # so often a real player is started on what was spoilt; the others are opened as it opens them


@define
class Campaign:
    """What was done and what was found; `took` in s."""

    folder: Path
    before: Rows
    done: Counter[str] = field(factory=Counter)
    noticed: Counter[str] = field(factory=Counter)
    whole: Counter[str] = field(factory=Counter)
    took: dict[str, list[float]] = field(factory=lambda: defaultdict(list))
    players: list[float] = field(factory=list)
    wrong: list[str] = field(factory=list)

    def spoil(self, damage: Damage, seed: int, *, player: bool) -> None:
        """Spoil a copy of the home, and see what comes of it."""
        shutil.rmtree(self.folder / "home", ignore_errors=True)
        home = shutil.copytree(self.folder / "filled", self.folder / "home")
        damage.deed(home, random.Random(seed))
        found = [f"it did not start: {error!r}" for error in self._starts(home, damage, player=player)]
        if not found:
            found = list(lost(self.before, rows(home), home / "library", doubtful=damage.hits_log))
        told = notices(home).all()
        self.done[damage.name] += 1
        self.noticed[damage.name] += bool(told)
        self.whole[damage.name] += bool(told) and told[0].whole
        self.wrong += [f"{damage.name}, seed {seed}: {it}" for it in found]

    def _starts(self, home: Path, damage: Damage, *, player: bool) -> Iterator[BaseException]:
        began = wall_ms()
        try:
            if player:
                (home / "schedules").rmdir()
                with RunningStation(self.folder, device="none") as station:
                    station.start()
                    station.terminate()
                self.players.append((wall_ms() - began) / 1e3)
            else:
                opened = open_home(places(home), thorough=True)
                opened.library.segments()
                self.took[damage.name].append((wall_ms() - began) / 1e3)
                if not damage.hits_log and not seals_hold(opened):
                    self.wrong.append(f"{damage.name}: the audit log is not whole")
                opened.engine.dispose()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a failed start
            yield error


def main() -> None:
    """Run the campaign, print what was done and found, and fail if anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.damage", description=__doc__)
    parser.add_argument("damages", type=int, nargs="?", default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    folder = Path(tempfile.mkdtemp())
    campaign = Campaign(folder, rows(fill(folder / "filled").places.home))
    (folder / "filled" / "schedules").mkdir(exist_ok=True)
    for number in range(asked.damages):
        seed = asked.seed * 1_000_000 + number
        campaign.spoil(DAMAGES[number % len(DAMAGES)], seed, player=number % _PLAYER_EVERY == _PLAYER_EVERY - 1)
        print(number + 1, end="\r", file=sys.stderr, flush=True)
    print("\n".join(_table(campaign)))
    if campaign.wrong:
        sys.exit(f"The last home is in {folder}.")
    shutil.rmtree(folder)


def _table(campaign: Campaign) -> Iterator[str]:
    yield "| what was spoilt | times | noticed | made anew with nothing missing | opened after, median / longest |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for name, times in campaign.done.items():
        took = campaign.took[name] or [0.0]
        lasted = f"{statistics.median(took):.1f} / {max(took):.1f} s"
        yield f"| {name} | {times} | {campaign.noticed[name]} | {campaign.whole[name]} | {lasted} |"
    yield f"| all | {campaign.done.total()} | {campaign.noticed.total()} | {campaign.whole.total()} | |"
    if campaign.players:
        longest = max(campaign.players)
        yield f"\n{len(campaign.players)} real players started and ended again: {longest:.1f} s at most."
    yield "Nothing went wrong." if not campaign.wrong else "Wrong:\n\n- " + "\n- ".join(campaign.wrong)


if __name__ == "__main__":
    main()
