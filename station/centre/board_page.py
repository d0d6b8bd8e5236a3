"""The board as one HTML page that needs nothing else, and as data."""

from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from station.centre.board_drawing import draw_map, draw_strip
from station.rules.board import DEAD, Board, Condition, Row, Summary
from station.rules.hours import HANOI, iso, local
from station.rules.now import DAY, HOUR, MINUTE
from station.rules.title import clean

_WORDS = {
    Condition.NEVER: ("Chưa từng liên lạc", "Chưa nhận được gì từ đài. Hỏi xã: máy đã lắp và ghi danh chưa?"),
    Condition.SILENT: ("Mất liên lạc", "Hơn một ngày không nhận được gì. Gọi xã: máy có điện, có mạng không?"),
    Condition.BROKEN: ("Báo cáo hỏng", "Có tin về nhưng không đọc được. Xem phiên bản phần mềm của đài."),
    Condition.MUTE: (
        "Không phát",
        "Có liên lạc, nhưng hôm qua và hôm nay không phát gì. Hỏi xã: lịch phát còn không?",
    ),
    Condition.OVERDUE: ("Trễ liên lạc", "Quá ba giờ chưa có tin; thường là do mạng."),
    Condition.FAULTY: ("Có sự cố", "Đang báo lỗi, hoặc hôm qua hay hôm nay có buổi không phát được."),
    Condition.WELL: ("Tốt", "Phát đủ, không báo lỗi gì."),
}
_ICONS = {
    Condition.NEVER: "dead",
    Condition.SILENT: "dead",
    Condition.MUTE: "mute",
    Condition.WELL: "well",
}
_RESULTS = {"aired": "phát", "cut": "bị ngắt", "missed": "lỡ", "failed": "lỗi", "open": "đang phát"}
_LOST = {"missed": "Bỏ lỡ", "failed": "Lỗi"}
_HEADS = (
    "Đài",
    "Liên lạc cuối",
    "Hôm nay",
    "Tháng này",
    "14 ngày qua",
    "Sự cố",
    "Kiểm chứng",
    "Phiên bản",
)
_MOST_FAULTS = 10  # of a station, on the page


def draw_board(board: Board, province: str) -> str:
    """The page."""
    groups = [
        (condition, *_WORDS[condition], rows)
        for condition in Condition
        if (rows := [it for it in board.rows if it.condition is condition])
    ]
    return _PAGES.get_template("board.html").render(
        board=board,
        at_iso=iso(board.at, HANOI),
        province=province,
        listing=any(row.listed for row in board.rows),
        dead=board.count(*DEAD),
        mute=board.count(Condition.MUTE),
        faulty=sum(bool(row.faults) for row in board.rows),
        groups=groups,
        map=draw_map(board),
        heads=_HEADS,
        today=_total(board),
        troubled=[row for row in board.rows if row.faults or row.broken or _lost(row)],
        most=_MOST_FAULTS,
    )


def board_json(board: Board) -> dict[str, Any]:
    """The board as data: instants as ISO 8601, lengths in s."""
    return {
        "at": iso(board.at, HANOI),
        "stations": len(board.rows),
        "heard_today": board.heard_today,
        "conditions": {condition.value: board.count(condition) for condition in Condition},
        "rows": [_row_json(row) for row in board.rows],
    }


def _row_json(row: Row) -> dict[str, Any]:
    newest, last = row.arrived.newest, row.arrived.last_contact
    return {
        "code": row.code,
        "name": clean(_name(row)),
        "listed": row.listed,
        "condition": row.condition,
        "last_contact": None if last is None else iso(last, HANOI),
        "today": {result: row.today.results.get(result, 0) for result in _RESULTS},
        "month_seconds": row.length // 1_000,
        "proofs": {clean(name): number for name, number in row.proofs.items()},
        "version": clean(newest.health.version) if newest and newest.health else None,
        "faults": [
            {
                "since": iso(it.opened_at, HANOI),
                "where": clean(it.trouble.where),
                "what": clean(it.trouble.what),
            }
            for it in row.faults
        ],
        "broken": [str(day) for day in row.broken],
        "days": {str(day): None if summary is None else summary.share for day, summary in row.strip},
    }


def _name(row: Row) -> str:
    return row.commune.name or row.code


def _when(wall: int) -> str:
    return f"{local(wall, HANOI):%d/%m/%Y %H:%M}"


def _ago(wall: int, now: int) -> str:
    gone = max(0, now - wall)
    if gone >= 2 * DAY:
        return f"{gone // DAY} ngày trước"
    return f"{gone // HOUR} giờ trước" if gone >= HOUR else f"{gone // MINUTE} phút trước"


def _hours(length: int) -> str:
    return f"{length / HOUR:.1f} giờ".replace(".", ",")


def _results(summary: Summary) -> str:
    told = [f"{number} {word}" for result, word in _RESULTS.items() if (number := summary.results.get(result))]
    return " · ".join(told) or "không có buổi nào"


def _total(board: Board) -> Summary:
    results: dict[str, int] = {}
    for row in board.rows:
        for result, number in row.today.results.items():
            results[result] = results.get(result, 0) + number
    return Summary(results)


def _proofs(proofs: Mapping[str, int]) -> str:
    heard, silent, other = (proofs.get(it, 0) for it in ("heard", "silent", "other"))
    if not heard + silent + other:
        return "không có"
    wrong = [f"{silent} không tiếng"] * bool(silent) + [f"{other} tiếng khác"] * bool(other)
    return ", ".join([f"{heard}/{heard + silent + other} buổi đúng", *wrong])


def _lost(row: Row) -> list[tuple[str, str, str, str]]:
    """Today's broadcasts that did not air: when, what, how, why."""
    newest = row.arrived.newest
    if newest is None or not (row.today.results.get("missed") or row.today.results.get("failed")):
        return []
    return [
        (f"{local(it.planned_start, HANOI):%H:%M}", it.title, _LOST[it.result], it.reason)
        for it in (reported.record for reported in newest.records)
        if it.result in _LOST
    ]


_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters |= {"clean": clean, "when": _when, "hours": _hours, "results": _results, "proofs": _proofs}
_PAGES.globals |= {
    "ago": _ago,
    "name": _name,
    "strip": draw_strip,
    "lost": _lost,
    "icon": lambda condition: _ICONS.get(condition, "faulty"),
    "words": lambda condition: _WORDS[condition][0],
    "made_by": metadata.version("loa-xa"),
    "Condition": Condition,
}
