"""What a rehearsal tells: each action as JSON, and as a line for people."""

from typing import Any
from zoneinfo import ZoneInfo

from station.rules.hours import iso, local
from station.rules.now import SECOND, Now
from station.rules.station import Station
from station.rules.step.actions import (
    Action,
    CloseRecord,
    DiscardTape,
    LoadTape,
    NoteStart,
    OpenRecord,
    PlayTape,
    PrepareTape,
    Result,
    StopPlayback,
    SwitchZone,
)
from station.rules.step.rehearse import Taken

_RESULTS = {Result.AIRED: "đã phát", Result.CUT: "bị ngắt", Result.MISSED: "bỏ lỡ", Result.FAILED: "lỗi"}


def action(taken: Taken, zone: ZoneInfo) -> dict[str, Any]:
    """An action: when it is taken, what it is, and what it is about."""
    return {"at": iso(taken.now.wall, zone), **_told(taken.action, taken.now, zone)}


def action_line(taken: Taken, station: Station) -> str:
    """An action in a line, or nothing for those that only the machine cares about."""
    said = _said(taken.action, station)
    return f"{local(taken.now.wall, station.time_zone):%d/%m %H:%M:%S}  {said}" if said else ""


def _told(taken: Action, now: Now, zone: ZoneInfo) -> dict[str, Any]:
    match taken:
        case OpenRecord(broadcast):
            return {"action": "open-record", "key": broadcast.key, "title": broadcast.title}
        case CloseRecord(key, result, _, reason):
            return {"action": "close-record", "key": key, "result": result, "reason": reason}
        case SwitchZone(name, on):
            return {"action": "switch-zone", "zone": name, "on": on}
        case PrepareTape(key):
            return {"action": "prepare-tape", "key": key}
        case DiscardTape(tape):
            return {"action": "discard-tape", "tape": tape.path}
        case LoadTape(key, _, offset):
            return {"action": "load-tape", "key": key, "offset": offset / 1000}
        case PlayTape(key, at):
            return {"action": "play-tape", "key": key, "leaves": iso(now.wall + at - now.mono, zone)}
        case StopPlayback(key):
            return {"action": "stop-playback", "key": key}
        case NoteStart(key, at):
            return {"action": "note-start", "key": key, "started": iso(at, zone)}
        case _:
            return {"action": "answer"}


def _said(taken: Action, station: Station) -> str:
    match taken:
        case OpenRecord(broadcast):
            return f"Chuẩn bị lên sóng “{broadcast.title}”"
        case SwitchZone(name, on):
            title = station.zones[name].title
            return f"Bật tăng âm {title}" if on else f"Tắt tăng âm {title}"
        case LoadTape(key, tape, offset) if offset > tape.lead:
            minutes, seconds = divmod(round((offset - tape.lead) / SECOND), 60)
            return f"Tua băng {_name(key)} đến {minutes:02}:{seconds:02}"
        case PlayTape(key):
            return f"Phát băng {_name(key)}"
        case StopPlayback(key):
            return f"Dừng băng {_name(key)}"
        case CloseRecord(key, result, _, reason):
            told = f"Ghi nhật ký {_name(key)}: {_RESULTS[result]}."
            return f"{told} {reason}".strip()
        case _:
            return ""


def _name(key: str) -> str:
    """The schedule whose broadcast is known by `key`."""
    return key.rpartition("@")[0]
