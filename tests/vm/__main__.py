"""`python -m tests.vm [SCENARIO…]`: runs scenarios in an emulated Pi and writes their results into docs/vm.md."""

import os
import sys
import traceback

from tests.rig.waiting import mono_ns
from tests.vm.results import Outcome, write
from tests.vm.scenarios import SCENARIOS


def main(names: list[str]) -> int:
    """Run those scenarios, or all; gives the exit status."""
    if unknown := set(names) - set(SCENARIOS):
        print(f"no such scenario: {', '.join(unknown)}; there are {', '.join(SCENARIOS)}", file=sys.stderr)
        return 2
    if os.geteuid():
        print("mmdebstrap and the files of a card need root: sudo tests/run --vm", file=sys.stderr)
        return 2
    outcomes = []
    for name in names or SCENARIOS:
        print(f"── {name}: {(SCENARIOS[name].__doc__ or '').strip()}", flush=True)
        outcomes.append(outcome := run(name))
        print(
            f"   {'passed' if outcome.passed else 'FAILED'} in {outcome.minutes:.1f} min: {outcome.told}",
            flush=True,
        )
        write([outcome], list(SCENARIOS))
    return int(not all(it.passed for it in outcomes))


def run(name: str) -> Outcome:
    """Run one scenario."""
    begun = mono_ns()
    try:
        told, passed = SCENARIOS[name](), True
    except Exception as error:  # noqa: BLE001 - whatever went wrong is that scenario's result
        traceback.print_exc()
        told, passed = f"{type(error).__name__}: {error}"[:200], False
    return Outcome(name, passed, told, (mono_ns() - begun) / 60e9)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
