"""The forms of `station.toml`: which keys each page asks for, what stands in their fields, how they are saved."""

from collections.abc import Iterable, Mapping

from attrs import evolve, frozen
from flask import request

from station.desk.settings import SAVED, Written, change_settings, settings_now
from station.rules.trouble import Refused, Trouble
from station.stores.config_edit import config_setting
from station.stores.schedule_edit import Setting
from station.stores.written import Unreadable
from web import here


@frozen
class Field:
    """One key as a form asks for it; `usual` is what holds when nothing is written."""

    key: str
    label: str
    usual: str = ""
    help: str = ""
    kind: str = "text"


@frozen
class Part:
    """What stands on one page."""

    title: str
    fields: tuple[Field, ...]
    help: str = ""


PARTS: Mapping[str, Part] = {
    "dai": Part(
        "Tên đài, giờ phát, cách duyệt",
        (
            Field("name", "Tên đài", "Đài truyền thanh xã"),
            Field(
                "allowed_hours",
                "Khung giờ cho phép",
                "05:00-21:00",
                "Mỗi khung một dòng. Ngoài các khung này chỉ tin khẩn cấp mới phát được.",
                "lines",
            ),
            Field("weekend_hours", "Khung giờ thứ bảy, chủ nhật", "", "Để trống nếu giống ngày thường.", "lines"),
            Field("limits.sessions", "Nhiều nhất mấy buổi một ngày", "", "Để trống là không giới hạn.", "number"),
            Field("limits.session", "Một buổi dài nhất", "", "Như 45m."),
            Field("limits.day", "Cả ngày phát nhiều nhất", "", "Như 90m hoặc 1h30m."),
            Field(
                "approval.one_person",
                "Người soạn tự duyệt tin của mình",
                "false",
                "Chỉ cho phép nơi đài có một người; nhật ký ghi rõ là tự duyệt.",
                "truth",
            ),
        ),
    ),
    "am-thanh": Part(
        "Mức âm",
        (
            Field("audio.loudness", "Độ to của mọi tin bài (LUFS)", "-16", "Từ -30 đến -10.", "number"),
            Field(
                "audio.high_pass",
                "Cắt tiếng trầm dưới (Hz)",
                "150",
                "Loa nén không phát được tiếng trầm.",
                "number",
            ),
            Field(
                "level",
                "Nhỏ tiếng theo giờ",
                "00:00-06:00 -6",
                "Mỗi dòng một khung giờ và số dB, như “00:00-06:00 -6” là trước 6 giờ sáng nhỏ hơn 6 dB.",
                "lines",
            ),
            Field("emergency.gain", "Tin khẩn cấp to hơn (dB)", "3", "", "number"),
            Field("emergency.repeats", "Tin khẩn cấp phát mấy lần", "3", "", "number"),
        ),
    ),
    "giong-doc": Part(
        "Giọng đọc",
        (
            Field("speech.voice", "Giọng", "bac", "", "voice"),
            Field("speech.speed", "Tốc độ (từ một phút)", "150", "Từ 80 đến 300.", "number"),
        ),
    ),
}

# Of these a station has as many as it wants; each is a table of its own.
TABLES: Mapping[str, tuple[str, Part]] = {
    "cum-loa": (
        "zones",
        Part(
            "Cụm loa",
            (
                Field("title", "Tên"),
                Field("pi", "Máy có tăng âm ấy", "", "Để trống là máy này; máy khác viết như thon-xa.local."),
                Field(
                    "pin", "Chân GPIO (số BCM)", "", "Để trống là tăng âm mô phỏng, không có loa thật.", "number"
                ),
                Field(
                    "active_high",
                    "Rơ-le bật ở mức cao",
                    "true",
                    "Nhiều mạch rơ-le bật ở mức thấp: chọn Không.",
                    "truth",
                ),
                Field("warm_up", "Bật trước khi có tiếng", "3s"),
                Field("linger", "Tắt sau khi hết tiếng", "2s"),
                Field("rest", "Nghỉ giữa hai lần bật", "5s"),
                Field("longest", "Bật lâu nhất", "2h", "Hết giờ này thì tắt, dù đang phát gì."),
                Field("feedback", "Chân báo tăng âm đã bật", "", "Để trống nếu tăng âm không báo.", "number"),
                Field("feedback_high", "Báo bằng mức cao", "true", "", "truth"),
            ),
            "Sai chân GPIO thì loa khác sẽ bật: sau khi máy phát khởi động lại, thử từng cụm loa ở trang Hệ thống.",
        ),
    ),
    "tiep-song": (
        "streams",
        Part(
            "Đài tiếp sóng",
            (Field("title", "Tên"), Field("address", "Địa chỉ", "", "http hoặc https; Icecast hoặc HLS.")),
        ),
    ),
    "micro": (
        "microphones",
        Part(
            "Micro",
            (Field("title", "Tên"), Field("device", "Thiết bị", "", "Như alsa:plughw:CARD=Device, hoặc pulse.")),
        ),
    ),
}


def shown(part: Part, prefix: str, written: Written) -> dict[str, str]:
    """What the file says; a title that only the usual settings give is shown as well."""
    values = {it.key: written.words(f"{prefix}{it.key}") for it in part.fields}
    if prefix.startswith("zones.") and not values["title"]:
        values["title"] = here.config().zones[prefix.split(".")[1]].title
    return values


def asked(part: Part, prefix: str = "") -> list[Setting]:
    """What the form that was sent asks for. Raises `Refused`."""
    if prefix and not request.form.get("title", "").strip():
        raise Refused(Trouble("", "Chưa có tên.", mend="Viết tên như bà con gọi."))
    return [config_setting(f"{prefix}{it.key}", request.form.get(it.key, "")) for it in part.fields]


def change(settings: Iterable[Setting]) -> None:
    """Save them, and tell what that came to. Raises `Refused`, or `Unreadable`."""
    changed = change_settings(
        here.home(), settings, based_on=request.form.get("based_on"), by=here.person(), now=here.now()
    )
    here.tell(SAVED if changed else "Không có gì thay đổi.")


def written_now() -> tuple[Written, tuple[Trouble, ...]]:
    """What is written, or nothing and why."""
    try:
        return settings_now(here.home()), ()
    except Unreadable as wrong:
        return Written("", {}), troubles_of(wrong)


def troubles_of(wrong: Refused | Unreadable) -> tuple[Trouble, ...]:
    """All that is wrong."""
    return (wrong.trouble,) if isinstance(wrong, Refused) else tuple(wrong.troubles)


def placed(part: Part, prefix: str, troubles: Iterable[Trouble]) -> tuple[Trouble, ...]:
    """What is wrong, each by the label that a person sees in place of file and key."""
    labels = {f"{prefix}{it.key}": it.label for it in part.fields}
    keys = [(it, it.where.partition(", ")[2].split()) for it in troubles]  # such as `level thứ 1`
    return tuple(evolve(it, where=labels.get(key[0], it.where) if key else it.where) for it, key in keys)
