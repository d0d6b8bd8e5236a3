"""What the command line prints: the JSON values that others rely on, and lines for people."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from attrs import asdict

from station.desk.report import MonthlyReport
from station.rules.approval import State
from station.rules.findings import Finding, sentence
from station.rules.hours import iso, local
from station.rules.origin import Origin
from station.rules.proof import Verdict
from station.rules.roles import ROLE_NAMES, Person, Role
from station.rules.schedule import Broadcast
from station.rules.timetable_diff import Change, Kind
from station.stores.asrun import AsRun
from station.stores.certificate import Certificate
from station.stores.library import StoredSegment
from station.stores.order_file import Order
from station.stores.schedule_listing import Listed

_RESULTS = {None: "đang phát", "aired": "đã phát", "cut": "bị ngắt", "missed": "bỏ lỡ", "failed": "lỗi"}
_VERDICTS = {
    Verdict.HEARD: "đã nghe thấy",
    Verdict.SILENT: "KHÔNG CÓ TIẾNG",
    Verdict.OTHER: "TIẾNG KHÁC VỚI BĂNG PHÁT",
    Verdict.UNVERIFIED: "chưa kiểm chứng",
}
_ORIGINS = {Origin.COMMUNE: "Xã", Origin.PROVINCE: "Tỉnh", Origin.CENTRAL: "Trung ương"}
_PARTIES = {Origin.COMMUNE: "xã", Origin.PROVINCE: "tỉnh"}
_STATES = {
    State.RECEIVED: "đang xử lý",
    State.DRAFT: "bản nháp",
    State.WAITING: "chờ duyệt",
    State.APPROVED: "đã duyệt",
    State.REJECTED: "từ chối",
    State.REFUSED: "không dùng được",
}

_SIGNS = {Kind.ADDED: "+", Kind.REMOVED: "-", Kind.CHANGED: "~"}
_PRIORITIES = {"normal": "thông thường", "priority": "ưu tiên", "emergency": "khẩn cấp"}


def segment(stored: StoredSegment) -> dict[str, Any]:
    """A segment: `duration` in s, `loudness` in LUFS, `peak` in dBTP."""
    return {
        "id": stored.id,
        "name": stored.name,
        "title": stored.title,
        "origin": stored.origin,
        "kind": stored.kind,
        "duration": None if stored.length is None else stored.length / 1000,
        "loudness": stored.loudness,
        "peak": stored.peak,
        "state": stored.state,
        "refusal": stored.refusal,
        "findings": [finding(it) for it in stored.findings],
        "rejection": stored.rejection,
        "author": stored.author,
        "approver": stored.approver,
        **asdict(stored.facts),
    }


def finding(found: Finding) -> dict[str, Any]:
    """What is wrong with a segment: `at` and `until` in s of what is heard, or null for all of it."""
    return {
        "problem": found.problem,
        "at": None if found.at is None else found.at / 1000,
        "until": None if found.until is None else found.until / 1000,
        "repaired": found.repaired,
        "sentence": sentence(found),
    }


def segment_lines(stored: StoredSegment) -> Iterator[str]:
    """A segment in a line, and a line for each thing that is wrong with it."""
    yield segment_line(stored)
    yield from (f"  {sentence(found)}" for found in stored.findings)


def segment_line(stored: StoredSegment) -> str:
    """A segment in a line."""
    return f"{stored.id}  {_length(stored.length)}  {_STATES[stored.state]:15}  {stored.name}  “{stored.title}”"


def broadcast(planned: Broadcast, zone: ZoneInfo) -> dict[str, Any]:
    """A broadcast of the timetable."""
    gaps = " ".join(str(gap) for gap in planned.programme.gaps)
    return {
        "start": iso(planned.start, zone),
        "end": iso(planned.end, zone),
        "schedule": planned.schedule,
        "title": planned.title,
        "priority": planned.priority,
        "origin": planned.origin,
        "zones": list(planned.zones),
        "state": planned.state,
        "reason": planned.reason or gaps,
    }


def broadcast_line(planned: Broadcast, zone: ZoneInfo) -> str:
    """A broadcast of the timetable in a line."""
    shown = broadcast(planned, zone)
    state = "" if planned.airs else "không phát: "
    return f"{_when_and_what(planned, zone)}  {state}{shown['reason']}".rstrip()


def _when_and_what(planned: Broadcast, zone: ZoneInfo) -> str:
    start, end = local(planned.start, zone), local(planned.end, zone)
    return f"{start:%d/%m %H:%M:%S}–{end:%H:%M:%S}  {planned.title}"


def change(found: Change, zone: ZoneInfo) -> dict[str, Any]:
    """What becomes of a broadcast: as it was and as it will be."""
    was = found.broadcast if found.kind is Kind.REMOVED else found.before
    will = None if found.kind is Kind.REMOVED else found.broadcast
    return {
        "change": found.kind,
        "before": broadcast(was, zone) if was else None,
        "after": broadcast(will, zone) if will else None,
    }


def change_line(found: Change, zone: ZoneInfo) -> str:
    """What becomes of a broadcast in a line."""
    line = f"{_SIGNS[found.kind]} {_when_and_what(found.broadcast, zone)}  {found.broadcast.reason}".rstrip()
    if found.before is None:
        return line
    former = ", ".join(_former(found.before, found.broadcast, zone)) or "cách phát khác"
    return f"{line}  (trước: {former})"


def _former(was: Broadcast, will: Broadcast, zone: ZoneInfo) -> Iterator[str]:
    """What of a broadcast was otherwise, as it was."""
    if (was.start, was.end) != (will.start, will.end):
        yield f"{local(was.start, zone):%H:%M:%S}–{local(was.end, zone):%H:%M:%S}"
    if was.title != will.title:
        yield f"“{was.title}”"
    if was.priority != will.priority:
        yield _PRIORITIES[was.priority]
    if was.zones != will.zones:
        yield f"loa {' '.join(was.zones)}"
    if was.programme.parts != will.programme.parts:
        yield "nội dung khác"
    if (was.state, was.reason) != (will.state, will.reason):
        yield was.reason.rstrip(".") or "phát đúng lịch"


def listed_lines(listed: Listed) -> Iterator[str]:
    """A schedule of the list in a line, and a line for each thing that is wrong with it."""
    off = "" if listed.enabled else "  (đã tắt)"
    yield f"{listed.name}  “{listed.title}”  {'; '.join(listed.airs)}{off}"
    for trouble in listed.troubles:
        yield f"  LỖI {trouble}"


def record_line(record: AsRun, zone: ZoneInfo) -> str:
    """A record of the as-run log in a line."""
    actual = f"{local(record.actual_start, zone):%H:%M:%S}" if record.actual_start else "–"
    planned = f"{local(record.planned_start, zone):%d/%m %H:%M:%S}"
    told = " ".join(filter(None, (record.reason, _proof(record))))
    return f"{planned}  {actual:>8}  {_RESULTS[record.result]:9}  {record.title}  {told}".rstrip()


def _proof(record: AsRun) -> str:
    """What a capture of the output showed, once what sounded is over."""
    if record.result is None or record.actual_start is None:
        return ""
    figures = (
        ("khớp {:.2f}", record.proof_match),
        ("mức {:+.1f} dB", record.proof_level),
        ("trễ {:.0f} ms", record.proof_late),
    )
    told = ", ".join(form.format(value) for form, value in figures if value is not None)
    verdict = _VERDICTS[Verdict(record.proof)]
    return f"[{verdict}: {told}]" if told else f"[{verdict}]"


def report_lines(made: MonthlyReport) -> Iterator[str]:
    """A month's report in lines."""
    found = made.figures
    so_far = "" if made.over else " (chưa hết tháng)"
    yield f"{made.config.name}: tháng {found.month.first:%m/%Y}{so_far}"
    yield f"{found.broadcasts} buổi, {found.by_hand} buổi phát tay; phát được {_hours(found.length)}"
    yield "; ".join(f"{_RESULTS[name]} {number}" for name, number in found.results.items()) or "chưa có buổi nào"
    for name, share in found.origins.items():
        yield f"  {_ORIGINS[Origin(name)]}: {share.broadcasts} buổi, {_hours(share.length)}"
    for name, share in found.zones.items():
        yield f"  Cụm loa {made.config.titles.get(name, name)}: {share.broadcasts} buổi, {_hours(share.length)}"
    yield f"{len(made.bulletins)} tin bài của xã đã phát"
    for trouble in found.troubles:
        planned = local(trouble.planned_start, made.config.time_zone)
        yield f"  {planned:%d/%m %H:%M}  {_RESULTS[trouble.result]:9}  {trouble.title}  {trouble.reason}".rstrip()


def _hours(ms: int) -> str:
    hours, minutes = divmod(round(ms / 60_000), 60)
    return f"{hours} giờ {minutes:02} phút"


def order(found: Order) -> dict[str, Any]:
    """Whose priority bulletin goes first."""
    return {"first": found.first, "on": {day.isoformat(): party for day, party in found.on.items()}}


def order_lines(found: Order) -> Iterator[str]:
    """Whose priority bulletin goes first, in lines."""
    yield f"Khi trùng giờ, tin ưu tiên của {_PARTIES[found.first]} phát trước."
    for day, party in sorted(found.on.items()):
        yield f"{day:%d/%m/%Y}: {_PARTIES[party]} trước."


def status_lines(found: dict[str, Any]) -> Iterator[str]:
    """What the player says of itself, in lines."""
    yield found["station"] + (" — TRẠM TẬP" if found["practice"] else "")
    if on_air := found["on_air"]:
        played = f"{_length(on_air['position'] * 1000)}/{_length(on_air['duration'] * 1000)}"
        level = "" if on_air["level"] is None else f"  mức {on_air['level']:.0f} dB"
        yield f"Đang phát: {on_air['title']}  {played}{level}  {on_air['item']}".rstrip()
        if on_air["feed"]:
            yield f"  {on_air['feed']}"
    else:
        yield "Loa đang im."
    for coming in found["next"]:
        readiness = coming["reason"] or ("Sẵn sàng" if coming["ready"] else "Đủ mục, chờ dựng băng")
        yield f"Tiếp theo: {_minute(coming['start'])}  {coming['title']}  {readiness}"
    for zone in found["zones"]:
        muted = ", đang tắt riêng" if zone["muted"] else ""
        simulated = " (mô phỏng)" if zone["simulated"] else ""
        yield f"Cụm loa {zone['title']}: {'bật' if zone['on'] else 'tắt'}{muted}{simulated}"
    sound = found["sound"]
    yield f"Âm thanh: {sound['device']}" + (" (mô phỏng: không có tiếng)" if sound["simulated"] else "")
    if link := found["sync"]:
        good = link["good_at"]
        yield f"Tỉnh: {link['province']}, " + (f"nhận tin lúc {_minute(good)}" if good else "chưa nhận tin lần nào")
    if listening := found["listening"]:
        yield f"Tin khẩn của tỉnh: {_way(listening)}"
    for fault in found["faults"]:
        yield " ".join(filter(None, (f"LỖI {fault['where']}:", fault["what"], fault["still"], fault["mend"])))


def _way(listening: dict[str, Any]) -> str:
    """How emergencies come."""
    if listening["connected"]:
        return "tới ngay"
    polled = listening["polled_at"]
    return f"hỏi máy chủ mỗi phút, lần cuối lúc {_minute(polled)}" if polled else "chưa liên lạc được lần nào"


def _minute(instant: str) -> str:
    """An ISO 8601 instant without its seconds and offset."""
    return instant[:16].replace("T", " ")


def _length(ms: float | None) -> str:
    if ms is None:
        return "  –  "
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes:02}:{seconds:02}"


def certificate_lines(made: Certificate, folder: Path, zone: ZoneInfo) -> Iterator[str]:
    """What was signed, and what is to be compared on a phone before it is trusted."""
    yield f"Chứng chỉ cho {', '.join(made.names)}, đến {local(made.ends_at, zone):%d/%m/%Y}: {folder}"
    yield f"Dấu vân tay SHA-256 để đối chiếu trên điện thoại: {made.fingerprint}"
    yield "Nạp lại nginx để dùng: systemctl reload nginx"


def person(known: Person, zone: ZoneInfo) -> dict[str, Any]:
    """Somebody who may use the page."""
    return {
        "name": known.name,
        "roles": [role.value for role in Role if role in known.roles],
        "created": iso(known.created_at, zone),
        "used": None if known.used_at is None else iso(known.used_at, zone),
    }


def person_line(known: Person, zone: ZoneInfo) -> str:
    """Their name and roles, and when they were last here."""
    roles = ", ".join(name for role, name in ROLE_NAMES.items() if role in known.roles)
    used = f"dùng gần nhất {local(known.used_at, zone):%d/%m/%Y}" if known.used_at else "chưa đăng nhập ở đâu"
    return f"{known.name}: {roles}; {used}"
