"""The three ways by which a file is taken in, each of which can be ended by kill -9 after so many ms."""

import json
import signal
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from attrs import frozen

from station.stores.home import open_home, places
from tests.intake.intake import Intake
from tests.intake.page import acknowledged
from tests.rig.waiting import wait_until, wait_until_wall, wall_ms

PATIENCE_S = 120


@frozen
class Done:
    """How a deed went: whether its person was told that the file is kept, whether the kill still met it, its ms."""

    acknowledged: bool
    met: bool
    lasted: float


@frozen
class Deed:
    """`do` takes in a content and is killed after so many ms, or never; `begin_again` starts what was killed."""

    name: str
    do: Callable[[Intake, bytes, float | None], Done]
    begin_again: Callable[[Intake], object]
    send_again: Callable[[Intake, bytes], object]


def add(intake: Intake, content: bytes, after: float | None, under: Sequence[str] = ()) -> Done:
    """`station add` with no player, which levels too; `under` is a command that runs it."""
    file = intake.station.home.parent / "tin.wav"
    file.write_bytes(content)
    since = wall_ms()
    process = subprocess.Popen(
        [*under, *intake.adding(str(file))],
        env=intake.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if after is not None:
        wait_until_wall(since + after)
        process.kill()
    out, said = process.communicate(timeout=PATIENCE_S)
    assert "Traceback" not in said, said
    return Done(_is_json(out), process.returncode == -signal.SIGKILL, wall_ms() - since)


def take_in(intake: Intake, content: bytes, after: float | None) -> Done:
    """The player's worker, from the acknowledgement by the page on."""
    told = acknowledged(intake.page.upload(content, "tin.wav"))
    since = wall_ms()
    if after is None:
        wait_until(lambda: not intake.kept.waiting(), PATIENCE_S)
    else:
        wait_until_wall(since + after)
        intake.station.kill()
    return Done(told, bool(intake.kept.waiting()), wall_ms() - since)


def upload(intake: Intake, content: bytes, after: float | None) -> Done:
    """The page's upload, from the first byte to its answer; a living player levels it meanwhile."""
    with ThreadPoolExecutor(1) as person:
        since = wall_ms()
        answer = person.submit(intake.page.upload, content, "tin.wav")
        if after is not None:
            wait_until_wall(since + after)
            met = not answer.done()
            intake.page.kill()
            return Done(acknowledged(answer.result()), met, wall_ms() - since)
        return Done(acknowledged(answer.result()), False, wall_ms() - since)


def _is_json(out: str) -> bool:
    try:
        return bool(json.loads(out))
    except ValueError:
        return False


DEEDS = (
    Deed(
        "`station add`",
        add,
        begin_again=lambda intake: open_home(places(intake.station.home)).engine.dispose(),  # as every command does
        send_again=lambda intake, content: add(intake, content, None),
    ),
    Deed(
        "the player's intake",
        take_in,
        begin_again=lambda intake: intake.station.start(),
        send_again=lambda _intake, _content: None,  # it goes on by itself
    ),
    Deed(
        "an upload to the page",
        upload,
        begin_again=lambda intake: intake.page.start(),
        send_again=lambda intake, content: intake.page.upload(content, "tin.wav"),
    ),
)
