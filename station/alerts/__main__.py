"""`station listen` becomes this process: it carries nothing of the other commands."""

import logging
from pathlib import Path

import click

from station.alerts.listener import Listener, end_with_any_thread
from station.stores.home import open_home, places


@click.command()
@click.option("--home", type=click.Path(path_type=Path, file_okay=False))
@click.option("--config", type=click.Path(path_type=Path))
def main(home: Path | None, config: Path | None) -> None:
    """Listen until the station is enrolled no more."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    end_with_any_thread()
    opened = open_home(places(home, config))
    Listener(opened, opened.clock()).run()


if __name__ == "__main__":
    main()
