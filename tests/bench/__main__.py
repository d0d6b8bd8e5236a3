"""`python -m tests.bench`: measures the station and its peers in one run, and prints one Markdown table."""

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.cold import Mpg123, Mpv
from tests.bench.contenders import Maker, Unable, installed
from tests.bench.crashes import crashes
from tests.bench.emergencies import emergencies
from tests.bench.gaps import gaps
from tests.bench.liquidsoap import Liquidsoap
from tests.bench.mpd import Mopidy, Mpd
from tests.bench.own import OwnStation
from tests.bench.starts import starts
from tests.bench.stops import stops
from tests.bench.streams import outages, stalls
from tests.bench.studio import Asked, Figure, Studio, make_clips, say
from tests.bench.table import Column, table
from tests.bench.together import together
from tests.bench.weight import weights
from tests.rig.server import SoundServer

CONTENDERS: dict[str, Maker] = {
    "station": OwnStation,
    "mpv": Mpv,
    "mpg123": Mpg123,
    "mpd": Mpd,
    "mopidy": Mopidy,
    "liquidsoap": Liquidsoap,
}
KINDS: dict[str, Callable[[Studio, Maker], list[Figure]]] = {
    "starts": starts,
    "gaps": gaps,
    "stops": stops,
    "emergencies": emergencies,
    "crashes": crashes,
    "stalls": stalls,
    "outages": outages,
    "weight": weights,
}


def main() -> None:
    """Measure one after the other, and print."""
    asked = _asked()
    with tempfile.TemporaryDirectory() as folder:
        if asked.align:
            print(together(Path(folder), asked.align))
        else:
            print(_measured(Path(folder), asked))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", type=_some(CONTENDERS), default=CONTENDERS, help=", ".join(CONTENDERS))
    parser.add_argument("--figures", type=_some(KINDS), default=KINDS, help=", ".join(KINDS))
    parser.add_argument("--starts", type=int, default=100, help="how many starts are timed (100)")
    parser.add_argument("--stops", type=int, default=10, help="how many stops are timed (10)")
    parser.add_argument("--idle", type=float, default=2, help="for how many minutes each is watched idle (2)")
    parser.add_argument(
        "--align", type=float, default=0, help="instead: two stations together, for so many minutes"
    )
    return parser.parse_args()


def _some(known: dict[str, Any]) -> Callable[[str], dict[str, Any]]:
    def chosen(names: str) -> dict[str, Any]:
        return {name: known[name] for name in names.split(",")}

    return chosen


def _measured(folder: Path, asked: argparse.Namespace) -> str:
    with SoundServer(folder) as server:
        os.environ.update(server.environment)
        studio = Studio(server, folder, make_clips(folder), Asked(asked.starts, asked.stops, asked.idle))
        return table(
            [_column(studio, name, make, asked.figures) for name, make in asked.only.items() if _here(name)]
        )


def _here(name: str) -> bool:
    if name == "station" or installed(name):
        return True
    say(f"{name} is not installed and is left out.")
    return False


def _column(
    studio: Studio, name: str, make: Maker, kinds: dict[str, Callable[[Studio, Maker], list[Figure]]]
) -> Column:
    figures: dict[str, Figure] = {}
    unable = []
    for kind, measure in kinds.items():
        say(f"{name}: {kind} …")
        try:
            measured = measure(studio, make)
        except Unable as reason:
            unable.append(str(reason))
        else:
            figures |= {it.title: it for it in measured}
            say("\n".join(f"   {it.title}: {it.value:{it.form}}" for it in measured))
    return Column(make.name, figures, unable)


if __name__ == "__main__":
    main()
