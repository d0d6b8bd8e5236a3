"""The page's words for the station's."""

import datetime as dt
import logging

from station.rules.rundown import Kind
from station.stores.library import State

log = logging.getLogger("web")

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
    State.DRAFT: "Chờ duyệt",
    State.APPROVED: "Đã duyệt",
    State.REFUSED: "Không dùng được",
}
RESULTS = {None: "Đang phát", "aired": "Đã phát", "cut": "Bị ngắt", "missed": "Bỏ lỡ", "failed": "Lỗi"}
PRIORITIES = {"normal": "thông thường", "priority": "ưu tiên", "emergency": "khẩn cấp"}
ORIGINS = {"commune": "Xã", "province": "Tỉnh", "central": "Trung ương"}
PHASES = {"warming": "ĐANG LÀM NÓNG LOA", "on air": "ĐANG PHÁT", "stopping": "ĐANG DỪNG"}
_WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")


def day(date: dt.date) -> str:
    """A date as a Vietnamese calendar says it."""
    return f"{_WEEKDAYS[date.weekday()]} {date:%d/%m/%Y}"


def length(seconds: float) -> str:
    """A length as a clock counts it: 08:21, or 1:02:03."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes:02}:{whole % 60:02}"


def about(seconds: float) -> str:
    """A length as one says it."""
    return f"{max(1, round(seconds / 60))} phút" if seconds >= 60 else f"{round(seconds)} giây"  # noqa: PLR2004 - a minute


def room(free: int) -> str:
    """Bytes of free space as one says it."""
    return f"{free / 1024**3:.0f} GB" if free >= 1024**3 else f"{free / 1024**2:.0f} MB"
