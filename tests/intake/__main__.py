"""`python -m tests.intake fuzz [2000] [--seed 1]`, or `kills [200]`: proves that files are taken in safely."""

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.intake.fuzz import Fuzz
from tests.intake.kills import Kills

CAMPAIGNS = {"fuzz": (Fuzz, 2_000), "kills": (Kills, 200)}


def main() -> None:
    """Run one campaign, print what was done and found, and fail if anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.intake", description=__doc__)
    parser.add_argument("campaign", choices=CAMPAIGNS)
    parser.add_argument("times", type=int, nargs="?")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    make, usual = CAMPAIGNS[asked.campaign]
    folder = Path(tempfile.mkdtemp())
    campaign = make(folder, random.Random(asked.seed))
    campaign.run(asked.times or usual)
    print("\n".join(campaign.table()))
    if campaign.wrong:
        print("\nWrong:\n\n- " + "\n- ".join(campaign.wrong))
        sys.exit(f"Its home, the logs and the files that were sent are in {folder}.")
    print("\nNothing went wrong.")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
