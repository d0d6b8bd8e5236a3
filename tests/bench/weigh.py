"""`python weigh.py FIGURES COMMAND …`: runs a command and writes what it cost as JSON into the file FIGURES.

A process of its own, and a small one: what the kernel tells of a child's peak begins with its parent's size.
"""

import json
import os
import sys
import time


def main() -> None:
    """Run it, and end with its status."""
    figures, *command = sys.argv[1:]
    begun = time.monotonic()  # noqa: TID251 - a measurement
    child = os.fork()
    if child == 0:
        os.execvp(command[0], command)  # noqa: S606 - no shell is meant
    _, status, used = os.wait4(child, 0)
    wall = time.monotonic() - begun  # noqa: TID251 - a measurement
    code = os.waitstatus_to_exitcode(status)
    cost = {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1024, "status": code}
    with open(figures, "w") as file:  # noqa: PTH123 - pathlib is larger than all of this
        json.dump(cost, file)


if __name__ == "__main__":
    main()
