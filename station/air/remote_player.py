"""The player as the loop sees it: a deck, in a process of its own, that is killed when it does not answer.

Each tape has a new deck, so that nothing of libVLC grows old, and none runs while nothing is on.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import attrs
from attrs import field, mutable

from station.air.ports import Clock, Heard
from station.air.precedence import Precedence, give
from station.rules.proof import Proof
from station.rules.rundown import Tape

_ANSWERS_WITHIN = 1_000  # ms between two tellings of a deck that works; it tells ten times a second
_STARTS_WITHIN = 10_000  # ms until its first; Python and libVLC come from a slow card
_STARTS_AT_LAST = 60_000  # ms; one that was killed too soon has twice as long the next time
_SILENT_WITHIN = 0.3  # s; its fade takes 50 ms
_PROBED_WITHIN = 20  # s
_ROOT = Path(__file__).resolve().parents[2]

_SILENT = Heard(position=0, sounding=False, ended=False)


@mutable
class _Deck:
    """A running deck, and what it told last, at mono ms `told_at`."""

    process: "subprocess.Popen[bytes]"
    orders: Any
    started_at: int
    told: dict[str, Any] = field(factory=dict)
    told_at: int | None = None


class RemotePlayer:
    """Plays tapes on a deck of their own; nothing here waits for it, but for the end of its sound."""

    def __init__(
        self, device: str, clock: Clock, sources: Mapping[str, str], *, monitor: str = "", delay: int | None = None
    ) -> None:
        self._device = device
        self._settings = json.dumps({"sources": dict(sources), "monitor": monitor})
        self._delay = delay
        self._measured: float | None = None  # ms that the device truly took, the last time that it was heard
        self._clock = clock
        self._deck: _Deck | None = None
        self._starts_within = _STARTS_WITHIN
        self._known = {"device": device, "simulated": False}  # until it was looked for

    @property
    def simulated(self) -> bool:
        """Whether there was no sound device when last looked."""
        return bool(self._known["simulated"])

    @property
    def device(self) -> str:
        """The device that was found when last looked."""
        return str(self._known["device"])

    def missing(self) -> str:
        """Look for the device: why it cannot be used now, as a sentence, or nothing. It waits for the answer."""
        try:
            probe = subprocess.run(
                _command(self._device, "--probe"),
                cwd=_ROOT,
                capture_output=True,
                timeout=_PROBED_WITHIN,
                check=True,
            )
            self._known = json.loads(probe.stdout)
        except (subprocess.SubprocessError, ValueError):
            return "Bộ phát âm thanh không khởi động được."
        return str(self._known["missing"])

    def load(self, tape: Tape, offset: int) -> None:
        """Start a deck with the tape; what proves wrong is told by `heard`."""
        self.stop()
        command = _command(self._device, self._settings)
        process = subprocess.Popen(
            command,
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        give(process.pid, Precedence.DECK)  # at once: what it imports takes longest
        self._deck = _Deck(process, process.stdin, self._clock.now().mono)
        Thread(target=self._listen, args=(self._deck, process.stdout), name="deck", daemon=True).start()
        self._tell(do="load", tape=attrs.asdict(tape), offset=offset)

    def play(self, at: int) -> None:
        """Have it start at mono ms `at`."""
        self._tell(do="play", at=at, latency=self._measured if self._delay is None else self._delay)

    def stop(self) -> None:
        """Have it fall silent and end, or kill it."""
        deck, self._deck = self._deck, None
        if deck is None:
            return
        if deck.told_at is None and self._clock.now().mono - deck.started_at > self._starts_within:
            self._starts_within = min(2 * self._starts_within, _STARTS_AT_LAST)
        _write(deck, do="stop")
        try:
            deck.process.wait(_SILENT_WITHIN)
        except subprocess.TimeoutExpired:
            deck.process.send_signal(signal.SIGKILL)
            deck.process.wait()

    def heard(self) -> Heard:
        """What it told last, unless it is dead or does not answer."""
        deck = self._deck
        if deck is None:
            return _SILENT
        now = self._clock.now().mono
        if deck.process.poll() is not None and not deck.told.get("ended"):
            return attrs.evolve(_SILENT, fault="Bộ phát âm thanh bị tắt đột ngột.")
        since, within = (
            (deck.started_at, self._starts_within) if deck.told_at is None else (deck.told_at, _ANSWERS_WITHIN)
        )
        if now - since > within:
            return attrs.evolve(_SILENT, fault="Bộ phát âm thanh không trả lời.")
        return _heard(deck.told) if deck.told else _SILENT

    def close(self) -> None:
        """End what plays."""
        self.stop()

    def _tell(self, **order: Any) -> None:
        if self._deck:
            _write(self._deck, **order)

    def _listen(self, deck: _Deck, lines: Any) -> None:
        for line in lines:
            deck.told = json.loads(line)
            deck.told_at = self._clock.now().mono
            self._starts_within = _STARTS_WITHIN
            self._known = deck.told
            self._measured = deck.told["latency"] or self._measured


def _command(device: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "station.air.deck", device, *options]


def _write(deck: _Deck, **order: Any) -> None:
    """Give an order; a deck that is dead is noticed by `heard`."""
    with suppress(OSError):
        deck.orders.write(json.dumps(order).encode() + b"\n")
        deck.orders.flush()


def _heard(told: dict[str, Any]) -> Heard:
    names = {it.name for it in attrs.fields(Heard)}
    said = {name: value for name, value in told.items() if name in names}
    return Heard(**{**said, "proof": Proof(**told["proof"])})
