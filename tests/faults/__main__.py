"""`python -m tests.faults [FAULTS] [--seed 1]`: breaks a station on air at random instants, and judges it."""

import argparse
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.faults.campaign import Campaign


def main() -> None:
    """Run the campaign, print what was done and found, and fail if anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("faults", type=int, nargs="?", default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    campaign = Campaign(folder, random.Random(asked.seed))
    campaign.run(asked.faults)
    print("\n".join(_table(campaign)))
    if campaign.wrong:
        sys.exit(f"Its home and the player's log are in {folder}.")
    shutil.rmtree(folder)


def _table(campaign: Campaign) -> Iterator[str]:
    yield "| fault | times | sound again after, median / longest of |\n| --- | ---: | ---: |"
    for name, times in sorted(campaign.done.items()):
        waits = [wait / 1e3 for wait in campaign.heard_again[name]]
        again = f"{statistics.median(waits):.1f} / {max(waits):.1f} s of {len(waits)}" if waits else "–"
        yield f"| {name} | {times} | {again} |"
    yield f"| all | {campaign.done.total()} | |"
    yield "\n| broadcast | times |\n| --- | ---: |"
    for name, times in sorted(campaign.results.items()):
        yield f"| {name} | {times} |"
    yield f"\nLongest time that an amplifier was on and nothing sounded: {campaign.quiet / 1e3:.1f} s."
    yield "Nothing went wrong." if not campaign.wrong else "Wrong:\n\n- " + "\n- ".join(campaign.wrong)


if __name__ == "__main__":
    main()
