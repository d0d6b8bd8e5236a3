"""The page's words for the station's."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from station.rules.approval import State
from station.rules.facts import Field
from station.rules.findings import Finding, sentence
from station.rules.lunar import lunar_name
from station.rules.proof import Verdict
from station.rules.rundown import Kind
from station.rules.timetable_diff import Change
from station.stores.asrun import AsRun
from web.language import language, said

KINDS = {
    Kind.NEWS: "Tin",
    Kind.NOTICE: "Thông báo",
    Kind.FEATURE: "Bài",
    Kind.MUSIC: "Nhạc",
    Kind.IDENT: "Nhạc hiệu",
    Kind.STING: "Nhạc cắt",
    Kind.SIGNOFF: "Lời kết",
}
STATES = {
    State.RECEIVED: "Đang xử lý…",
    State.DRAFT: "Bản nháp",
    State.WAITING: "Chờ duyệt",
    State.APPROVED: "Đã duyệt",
    State.REJECTED: "Từ chối",
    State.REFUSED: "Không dùng được",
}
FIELDS = {
    Field.POLITICS: "Chính trị – xã hội",
    Field.ECONOMY: "Kinh tế",
    Field.AGRICULTURE: "Nông nghiệp",
    Field.CULTURE: "Văn hóa – thể thao",
    Field.EDUCATION: "Giáo dục",
    Field.HEALTH: "Y tế – sức khỏe",
    Field.SECURITY: "An ninh trật tự",
    Field.DISASTER: "Phòng chống thiên tai",
    Field.ENVIRONMENT: "Môi trường",
    Field.LAW: "Pháp luật – thủ tục",
    Field.OTHER: "Khác",
}
RESULTS = {None: "Chưa kết thúc", "aired": "Đã phát", "cut": "Bị ngắt", "missed": "Bỏ lỡ", "failed": "Lỗi"}
LOOKS = {
    "aired": "đã phát",
    "on": "đang phát",
    "wrong": "bị ngắt, bỏ lỡ, lỗi",
    "planned": "sắp phát",
    "lacking": "còn thiếu tin bài",
    "refused": "không được phát",
    "silent": "không phát",
}
PRIORITIES = {"normal": "thông thường", "priority": "ưu tiên", "emergency": "khẩn cấp"}
ORIGINS = {"commune": "Xã", "province": "Tỉnh", "central": "Trung ương"}
PHASES = {"warming": "ĐANG BẬT LOA", "on air": "ĐANG PHÁT", "stopping": "ĐANG DỪNG"}
PROOFS = {
    Verdict.HEARD: "✓ Máy nghe lại: đúng chương trình",
    Verdict.SILENT: "! Máy nghe lại: đầu ra không có tiếng",
    Verdict.OTHER: "! Máy nghe lại: tiếng phát ra không phải chương trình này",
    Verdict.UNVERIFIED: "Không kiểm chứng tiếng ra loa",
}
_SILENT, _SOFT, _LOUD = -50, -35, -9  # dB of full scale
_WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
_WITHIN = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400  # s
_COUNTED = 600  # s: what is nearer is counted to the second
_CLOSE = 10_000  # ms


def day(date: dt.date) -> str:
    """A date as a calendar says it."""
    return f"{said(_WEEKDAYS[date.weekday()])} {date:%d/%m/%Y}"


def weekday(number: int) -> str:
    """A day of the week, Monday 0, within a sentence."""
    return said(_WITHIN[number])


def lunar(date: dt.date) -> str:
    """The same date as the lunar calendar says it, if that is known."""
    return said(lunar_name(date))


def clock(instant: str) -> str:
    """The clock time of an ISO 8601 instant."""
    return f"{dt.datetime.fromisoformat(instant):%H:%M}"


def epoch(instant: str) -> int:
    """An ISO 8601 instant as a script counts it: ms since 1970."""
    return round(dt.datetime.fromisoformat(instant).timestamp() * 1000)


def which_day(instant: str, seen: dt.datetime) -> str:
    """The day of an ISO 8601 instant as one says it at `seen`; nothing on the same day."""
    date = dt.datetime.fromisoformat(instant).date()
    away = (date - seen.date()).days
    return {0: "", 1: said("mai")}.get(away, f"{said(_WITHIN[date.weekday()])} {date:%d/%m}")


def until(instant: str, seen: dt.datetime) -> str:
    """How long it is from `seen` to an ISO 8601 instant; nothing when it is more than a day."""
    left = (dt.datetime.fromisoformat(instant) - seen).total_seconds()
    hours, minutes = divmod(round(left / _MINUTE), 60)
    if left < _COUNTED:
        return said(f"{length(max(0, left))} nữa")
    if left >= _DAY:
        return ""
    if not hours:
        return said(f"{minutes} phút nữa")
    return said(f"{hours} giờ {minutes} phút nữa" if minutes else f"{hours} giờ nữa")


def ago(then: dt.datetime, seen: dt.datetime) -> str:
    """How long ago `then` was at `seen`, and when that was, as one says it."""
    passed = (seen - then).total_seconds()
    days = (seen.date() - then.date()).days
    if passed < 2 * _MINUTE:
        return said("vừa xong")
    if passed < _HOUR:
        return said(f"{round(passed / _MINUTE)} phút trước, lúc {then:%H:%M}")
    if days == 0:
        return said(f"hôm nay, lúc {then:%H:%M}")
    if days == 1:
        return said(f"hôm qua, lúc {then:%H:%M}")
    return said(f"{days} ngày trước, lúc {then:%H:%M} {then:%d/%m}")


def province_source(source: str) -> str:
    """From where the province's news came, as one says it."""
    host = urlsplit(source).hostname
    return said(f"qua mạng, từ {host}" if host else "từ thẻ USB")


def length(seconds: float) -> str:
    """A length as a clock counts it: 08:21, or 1:02:03."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes:02}:{whole % 60:02}"


def about(start: str, end: str) -> str:
    """How long it is between two ISO 8601 instants, as one says it."""
    seconds = (dt.datetime.fromisoformat(end) - dt.datetime.fromisoformat(start)).total_seconds()
    return said(f"{round(seconds / _MINUTE)} phút" if seconds >= _MINUTE else f"{round(seconds)} giây")


def off(milliseconds: float) -> str:
    """By how much a clock is off, as one says it."""
    return f"{abs(milliseconds):.0f} ms" if abs(milliseconds) >= 1 else said("dưới 1 ms")


def hours(ms: int) -> str:
    """A long time in hours and minutes."""
    whole, minutes = divmod(round(ms / 60_000), 60)
    return said(f"{whole} giờ {minutes:02} phút" if whole else f"{minutes} phút")


def against(record: AsRun) -> str:
    """How far what aired was from what was planned; nothing when it was close enough for a listener."""
    if record.actual_start is None:
        return ""
    late = record.actual_start - record.planned_start
    short = 0 if record.actual_end is None else record.planned_end - record.actual_end
    told = [
        f"muộn {_apart(late)}" if late > _CLOSE else "",
        f"hết sớm {_apart(short)}" if short > _CLOSE else "",
        f"hết muộn {_apart(-short)}" if -short > _CLOSE else "",
    ]
    return ", ".join(map(said, filter(None, told)))


def _apart(ms: int) -> str:
    seconds = round(ms / 1000)
    return f"{round(seconds / _MINUTE)} phút" if seconds >= 2 * _MINUTE else f"{seconds} giây"


def where(zones: Sequence[str], titles: Mapping[str, str]) -> str:
    """Where a broadcast is heard; `titles` are all zones of the station."""
    if set(zones) >= set(titles):
        return said("mọi cụm loa")
    return ", ".join(titles.get(name, name) for name in zones)


def room(free: int) -> str:
    """Bytes of free space as one says it."""
    return f"{free / 1024**3:.0f} GB" if free >= 1024**3 else f"{free / 1024**2:.0f} MB"


def megabytes(size: int) -> str:
    """Bytes in MB, as a person reads them."""
    return _decimal(size / 1024**2)


def finding(found: Finding) -> str:
    """What is wrong with a recording, and what was repaired or what to do."""
    return said(sentence(found))


def on_air(air: Mapping[str, Any]) -> str:
    """What the broadcast that holds the output does now, in capitals."""
    urgent, live = air["priority"] == "emergency", air["live"]
    told = [PHASES[air["phase"]]]
    if air["phase"] == "on air":
        told += ["KHẨN CẤP"] * urgent + ["TRỰC TIẾP"] * live
    return " ".join(map(said, told))


def loud(level: float) -> str:
    """How loud it is, in words, what is so many dB of full scale."""
    if level < _SILENT:
        return said("im lặng")
    return said("nhỏ" if level < _SOFT else ("rất to" if level > _LOUD else "nghe rõ"))


def proof(record: AsRun) -> str:
    """What a second ear heard of a record, with its figures where there was something to compare."""
    told = said(PROOFS[Verdict(record.proof)])
    if record.proof == Verdict.SILENT or record.proof_match is None or record.proof_level is None:
        return told
    away = f"{_decimal(abs(record.proof_level))}\N{NO-BREAK SPACE}dB"
    louder = said(f"to hơn {away}" if record.proof_level > 0 else f"nhỏ hơn {away}")
    like = said(f"giống {record.proof_match:.0%}")
    return f"{told} ({like}, {louder})"


def former(change: Change, local: Callable[[int], dt.datetime]) -> str:
    """What a broadcast was before it changed; `local` tells a wall ms by the station's clock."""
    was, will = change.before or change.broadcast, change.broadcast
    told = []
    if (was.start, was.end) != (will.start, will.end):
        told.append(f"{local(was.start):%H:%M}–{local(was.end):%H:%M:%S}")
    if was.title != will.title:
        told.append(f"“{was.title}”")
    if was.priority != will.priority:
        told.append(said(PRIORITIES[was.priority]))
    if was.zones != will.zones:
        told.append(f"{said('loa')} {', '.join(was.zones)}")
    if was.programme.parts != will.programme.parts:
        told.append(said("nội dung khác"))
    if (was.state, was.reason) != (will.state, will.reason):
        told.append(said(was.reason).rstrip(".") or said("phát đúng lịch"))
    return ", ".join(told) or said("cách phát khác")


def _decimal(number: float) -> str:
    return f"{number:.1f}".replace(".", "," if language() == "vi" else ".")
