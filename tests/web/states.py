"""What a player may say of itself, as the page gets it: silence, warming, on air, faults, practice."""

import datetime as dt
from typing import Any

from station.rules.alerting.alert import Reference
from station.rules.now import MINUTE

SEEN = int(dt.datetime.fromisoformat("2026-11-23T17:08:21+07:00").timestamp() * 1000)  # wall ms
# Of what `alerted.everything` sends, known beforehand by whoever asks for their pages.
AIRED_ALERT, PROPOSED_ALERT, EXERCISE_ALERT, FEED_ALERT = (
    Reference("pctt", f"tin-{number}", SEEN - MINUTE).id for number in (1, 2, 3, 4)
)


def _zone(name: str, title: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "title": title,
        "on": False,
        "phase": "off",
        "fault": "",
        "muted": False,
        "simulated": False,
        **more,
    }


def _coming(title: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    return {
        "key": f"{title}@{start}",
        "title": title,
        "start": f"{start}+07:00",
        "end": f"{end}+07:00",
        "zones": ["bac", "dong"],
        "priority": "normal",
        "origin": "commune",
        "trigger": "schedule",
        "who": "",
        "live": False,
        "airs": True,
        "ready": False,
        "reason": "",
        "moved": "",
        **more,
    }


DISK = {
    "total": 32 * 1024**3,
    "free": 18 * 1024**3,
    "read_only": False,
    "written": 300 * 1024**2,
    "errors": 0,
    "worn": None,
}
STATUS = {
    "station": "Đài thử",
    "practice": False,
    "on_air": None,
    "next": [],
    "zones": [_zone("bac", "Thôn Bắc"), _zone("dong", "Thôn Đông")],
    "clock": {
        "now": "2026-11-23T17:08:21+07:00",
        "trusted": True,
        "source": "network",
        "off": -0.4,
        "said": "đúng giờ theo mạng",
    },
    "sound": {"device": "loa thử", "simulated": False, "missing": ""},
    "faults": [],
    "sync": None,
    "listening": None,
    "disk": DISK,
    "heat": 41,
    "power": {"low": False, "was_low": False, "slowed": False, "was_slowed": False},
}
OUTPUTS = [
    {"device": "default", "title": "Máy tự chọn", "missing": ""},
    {"device": "alsa:plughw:CARD=Device,DEV=0", "title": "USB Audio Device", "missing": ""},
    {
        "device": "alsa:plughw:CARD=Headphones",
        "title": "bcm2835 Headphones",
        "missing": "Không dùng được card âm thanh “plughw:CARD=Headphones”: một chương trình khác đang giữ nó.",
    },
]
SYNC = {
    "province": "Tỉnh Hà Tĩnh",
    "tried_at": "2026-11-23T16:55:00+07:00",
    "good_at": "2026-11-23T16:40:00+07:00",
    "source": "https://loa.hatinh.example/",
    "trouble": None,
    "loud": False,
    "arriving": [],
    "signed_until": "2026-11-29T17:08:00+07:00",
}
LISTENING = {
    "connected": True,
    "since": "2026-11-23T16:08:21+07:00",
    "broker": "mqtts://tinh.example:8883",
    "polled_at": "2026-11-23T17:08:00+07:00",
    "trouble": None,
    "flood": 0,
}
ON_AIR = {
    "key": "ban-tin@1",
    "title": "Bản tin chiều",
    "start": "2026-11-23T17:00:00+07:00",
    "end": "2026-11-23T17:20:00+07:00",
    "zones": ["bac"],
    "priority": "normal",
    "origin": "commune",
    "trigger": "schedule",
    "item": "Lịch tiêm phòng",
    "number": 3,
    "items": 5,
    "phase": "on air",
    "position": 501.0,
    "duration": 1200.0,
    "who": "",
    "live": False,
    "level": -20.3,
    "feed": "",
}
LIVE = {
    **ON_AIR,
    "title": "Phát trực tiếp",
    "trigger": "hand",
    "item": "Micro của trình duyệt",
    "number": 2,
    "items": 2,
    "who": "Lan",
    "live": True,
}
_LACKING = "Chưa có tin nào được duyệt trong 36 giờ qua. Thêm và duyệt trước giờ phát."
_NEXT = [
    _coming("Thời sự tỉnh", "2026-11-23T17:20:00", "2026-11-23T17:35:00", ready=True, priority="priority"),
    _coming("Bản tin sáng của xã và các thôn", "2026-11-24T05:00:00", "2026-11-24T05:25:00", reason=_LACKING),
    _coming("Nhạc trưa", "2026-11-25T11:00:00", "2026-11-25T11:30:00", zones=["dong"]),
]
_LIT = [_zone("bac", "Thôn Bắc", on=True), _zone("dong", "Thôn Đông", on=True)]
_FAULT = {
    "where": "schedules/ban-tin-sang-cua-xa-va-cac-thon.toml, air thứ 2, at",
    "what": "Không hiểu “5h”.",
    "still": "Các lịch khác vẫn phát bình thường.",
    "mend": "Viết như “05:00”.",
}
STATES: dict[str, dict[str, Any]] = {
    "empty": STATUS,
    "silent": {**STATUS, "next": _NEXT, "sync": SYNC},
    "warming": {**STATUS, "on_air": {**ON_AIR, "phase": "warming", "position": 0.0, "number": 0}, "zones": _LIT},
    "on air": {**STATUS, "on_air": ON_AIR, "next": _NEXT, "zones": _LIT},
    "by hand": {**STATUS, "on_air": {**ON_AIR, "items": 1, "number": 1, "who": "Nguyễn Thị Lan"}, "zones": _LIT},
    "fault": {
        **STATUS,
        "zones": [_zone("bac", "Thôn Bắc"), _zone("dong", "Thôn Đông", fault="Chân 27 không mở được.")],
        "clock": {**STATUS["clock"], "trusted": False, "off": None, "said": "chưa chắc đúng giờ"},
        "faults": [_FAULT],
        "disk": {**DISK, "free": 120 * 1024**2},
    },
    "emergency": {
        **STATUS,
        "on_air": {**ON_AIR, "title": "Khẩn cấp: Nước sông lên nhanh", "priority": "emergency", "trigger": "hand"},
        "zones": _LIT,
        "next": _NEXT,
    },
    "alert": {
        **STATUS,
        "on_air": {
            **ON_AIR,
            "key": f"canh-bao/{AIRED_ALERT}@{SEEN}",
            "title": "Cảnh báo: Nước sông lên nhanh",
            "priority": "emergency",
            "origin": "province",
            "trigger": "hand",
            "who": "Ban Chỉ huy PCTT tỉnh",
        },
        "zones": _LIT,
        "listening": LISTENING,
    },
    "live": {**STATUS, "on_air": LIVE, "zones": _LIT},
    "stream lost": {
        **STATUS,
        "on_air": {
            **ON_AIR,
            "item": "VOV1",
            "level": -61.0,
            "feed": "Mất sóng “VOV1” (không nhận được dữ liệu); đang phát chương trình thay thế.",
        },
        "zones": _LIT,
    },
    "muted": {**STATUS, "on_air": ON_AIR, "zones": [_zone("bac", "Thôn Bắc", muted=True), _LIT[1]]},
    "no sound card": {
        **STATUS,
        "next": _NEXT,
        "sound": {"device": "USB", "simulated": False, "missing": "Không tìm thấy card âm thanh “USB”."},
        "faults": [
            {
                "where": "Âm thanh",
                "what": "Không tìm thấy card âm thanh “USB”.",
                "still": "Các buổi tới vẫn được chuẩn bị; có lại âm thanh là phát được ngay.",
                "mend": "Kiểm tra dây và card âm thanh.",
            }
        ],
    },
    "simulated": {
        **STATUS,
        "practice": True,
        "on_air": ON_AIR,
        "zones": [{**zone, "simulated": True} for zone in _LIT],
        "sound": {"device": "mô phỏng", "simulated": True, "missing": ""},
    },
}
