"""Sound devices: which one the settings name, and whether it is truly there."""

import ctypes
import errno
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from attrs import frozen

_CARDS = Path("/proc/asound/cards")  # ` 1 [Device         ]: USB-Audio - USB Audio Device`
_STREAMS = Path("/proc/asound/pcm")  # `01-00: USB Audio : USB Audio : playback 1 : capture 1`
_CARD = re.compile(r"^ *(\d+) \[(\S+) *\]: .*? - (.*)$", re.MULTILINE)
_PLAYS = re.compile(r"^(\d+)-(\d+): [^:\n]*: ([^:\n]*?) *: .*playback", re.MULTILINE)
_NO_CARDS = "no soundcards"  # what the kernel writes there when it knows of none
_ANSWER_WITHIN = 1.0  # s, for a sound server on this machine
_RUNTIME_FOLDERS = (("PULSE_RUNTIME_PATH", ""), ("XDG_RUNTIME_DIR", "/pulse"))  # settings, and what follows them
_PLAYBACK, _NONBLOCK = 0, 1  # of snd_pcm_open


@frozen
class Output:
    """A place for sound: `module` is libVLC's name of the sound system, `name` the device in it, "" its default."""

    module: Literal["alsa", "pulse"]
    name: str = ""

    @property
    def label(self) -> str:
        """How a person names it, in the middle of a sentence."""
        if self.module == "alsa":
            return f"card âm thanh “{self.name}”" if self.name else "card âm thanh mặc định"
        return f"ngõ ra “{self.name}” của máy chủ âm thanh" if self.name else "máy chủ âm thanh của máy này"


def named(device: str) -> Output:
    """Read the setting `pulse`, `pulse:SINK`, `alsa` or `alsa:DEVICE`; all else is an ALSA name."""
    module, _, name = device.partition(":")
    if module == "pulse":
        return Output("pulse", name)
    return Output("alsa", name if module == "alsa" else device)


@frozen
class Choice:
    """What the setting `device` may name on this machine; `missing` says why it could not be used now."""

    device: str
    title: str
    missing: str


def choices(*, busy: bool) -> Iterator[Choice]:
    """The machine's own choice, and each card that plays; what may be in use is not tried while it is `busy`."""
    server = _missing_server()
    none = "Máy này không có card âm thanh nào."
    yield Choice("default", "Máy tự chọn", none if server and not has_cards() else "")
    if not server:
        yield Choice("pulse", "Máy chủ âm thanh của máy này", "")
    for device, title in _cards_that_play():
        yield Choice(device, title, "" if busy else missing(named(device)))


def _cards_that_play() -> Iterator[tuple[str, str]]:
    """Each device that plays, as the settings name it and as its maker does."""
    cards = {number: (name, title) for number, name, title in _CARD.findall(_told(_CARDS))}
    for card, number, stream in _PLAYS.findall(_told(_STREAMS)):
        name, title = cards.get(str(int(card)), ("", ""))
        if name:
            shown = title if int(number) == 0 else f"{title}, {stream}"
            yield f"alsa:plughw:CARD={name},DEV={int(number)}", shown


def _told(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def missing(output: Output) -> str:
    """Why sound cannot be sent there now, as a sentence; empty when it can, as far as the system itself knows."""
    return _missing_card(output) if output.module == "alsa" else _missing_server()


def _missing_server() -> str:
    if any(_answers(address) for address in _server_addresses()):
        return ""
    return "Máy chủ âm thanh của máy này không chạy."


def _server_addresses() -> list[str]:
    """Where libpulse looks for its server, in its order."""
    if server := os.environ.get("PULSE_SERVER"):
        return server.split()
    folders = [f"{os.environ[key]}{under}" for key, under in _RUNTIME_FOLDERS if key in os.environ]
    return [f"{folder}/native" for folder in (*folders, f"/run/user/{os.getuid()}/pulse", "/run/pulse")]


def _answers(address: str) -> bool:
    """Whether a server listens there; one on another machine is believed, libVLC will tell."""
    path = address.removeprefix("unix:")
    if not path.startswith("/"):
        return True
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(_ANSWER_WITHIN)
        return link.connect_ex(path) == 0


def _missing_card(output: Output) -> str:
    if not output.name and not has_cards():
        return f"Không tìm thấy {output.label}: máy không có card âm thanh nào."
    code = _open_and_close(output.name or "default")
    if code == 0:
        return ""
    if code in {errno.ENOENT, errno.ENODEV}:
        return f"Không tìm thấy {output.label}."
    if code == errno.EBUSY:
        return f"Không dùng được {output.label}: một chương trình khác đang giữ nó."
    return f"Không mở được {output.label} ({os.strerror(code)})."


def has_cards() -> bool:
    """Whether the machine has a sound card, usable or not."""
    told = _told(_CARDS)
    return bool(told) and _NO_CARDS not in told


def _open_and_close(pcm: str) -> int:
    """Open an ALSA device for playback for a moment, silently; 0, or the errno of the refusal.

    Only opening tells: its list names sound servers that do not run, and not what `asound.conf` defines.
    """
    try:
        alsa = ctypes.CDLL("libasound.so.2")
    except OSError:
        return errno.ENOSYS
    handle = ctypes.c_void_p()
    code: int = alsa.snd_pcm_open(ctypes.byref(handle), pcm.encode(), _PLAYBACK, _NONBLOCK)
    if code == 0:
        alsa.snd_pcm_close(handle)
    return -code
