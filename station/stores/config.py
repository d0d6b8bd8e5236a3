"""`station.toml`: the station's name, hours, zones and pins, and its sound."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import Factory, evolve, frozen
from cattrs.gen import make_dict_structure_fn, override

from station.durable import write_whole
from station.rules.alerting.alert import Severity
from station.rules.alerting.area import Place, has_words
from station.rules.alerting.policy import FEED, AlertRule, Decision
from station.rules.hours import HANOI, Hours, Window
from station.rules.limits import NO_LIMITS, Limits
from station.rules.now import DAY, HOUR, MINUTE, SECOND
from station.rules.schedule import Priority
from station.rules.station import LINGER, LONGEST, REST, WARM_UP, Level, Station, Zone
from station.rules.trouble import Refused, Trouble
from station.rules.voice import NORTHERN, USUAL_SPEED
from station.stores.known import Known
from station.stores.written import (
    Unreadable,
    one_of,
    read_clock,
    read_duration,
    read_toml,
    read_toml_text,
    strict_converter,
)

LAST_GOOD = "station.last-good.toml"

_DAYTIME = Window(5 * HOUR, 21 * HOUR)
_DAWN, _SOFTER = Window(0, 6 * HOUR), -6.0  # dB: horns carry far before six
_LOUDEST, _QUIETEST = -10.0, -30.0  # LUFS
_POLE = 90.0  # degrees
MOST_REPEATS = 10  # of an emergency's message
_MAY_DO = (Decision.AIR, Decision.PROPOSE, Decision.NOTE)


@frozen
class ZoneConfig:
    """A zone: its GPIO `pin` (BCM number), or none for an amplifier that is only simulated; times in ms.

    The pin is this machine's own, or that of the satellite `pi`: a host, or HOST:PORT.
    """

    title: str
    pi: str = ""
    pin: int | None = None
    active_high: bool = True
    warm_up: int = WARM_UP
    linger: int = LINGER
    rest: int = REST
    longest: int = LONGEST
    feedback: int | None = None
    feedback_high: bool = True


@frozen
class AudioConfig:
    """The sound: `device` as README.md lists them, `loudness` in LUFS, `high_pass` in Hz.

    `monitor` names what captures the output, for proof of air. `delay` is the device's own delay in ms, where it
    was measured by other means.
    """

    device: str = "default"
    loudness: float = -16.0
    high_pass: int = 150
    monitor: str = ""
    delay: int | None = None


@frozen
class LevelConfig:
    """How much softer (`gain` dB, not above 0) what starts within `hours`, of these priorities, is."""

    hours: Window
    gain: float
    priority: tuple[Priority, ...] = (Priority.NORMAL, Priority.PRIORITY)


@frozen
class StreamConfig:
    """Another station's live stream: what people call it, and its address (http, https; Icecast, HLS)."""

    title: str
    address: str


@frozen
class MicrophoneConfig:
    """A microphone of the station: `device` is `alsa:DEVICE` or `pulse:SOURCE`."""

    title: str
    device: str


@frozen
class FeedConfig:
    """A feed of alerts that nobody signed (CAP by Atom or RSS, or one CAP document), looked at `every` so many ms.

    What it says is for this station when it concerns one of the `areas`, by name or code, or the station's `place`,
    and is at least so severe.
    """

    title: str
    address: str
    areas: tuple[str, ...] = ()
    severity: Severity = Severity.MODERATE
    every: int = 5 * MINUTE

    @property
    def by_tls(self) -> bool:
        """Whether nobody on the way can change what it says."""
        return self.address.startswith("https:")


@frozen
class EmergencyConfig:
    """An emergency sounds `gain` dB louder than usual, its message `repeats` times; the button speaks `message`."""

    gain: float = 3.0
    repeats: int = 3
    message: str = "Thông báo khẩn cấp. Đề nghị bà con giữ an toàn và chờ hướng dẫn tiếp theo của xã."


@frozen
class AlertsConfig:
    """What is done with alerts from outside: the first `rule` that fits, and else what is usual."""

    rule: tuple[AlertRule, ...] = ()


@frozen
class LiveConfig:
    """A live broadcast by hand lasts at most `longest` ms."""

    longest: int = 30 * MINUTE


@frozen
class SpeechConfig:
    """Who reads typed text: `bac`, `trung`, `nam` or a file of `voices/`; `speed` in words a minute."""

    voice: str = NORTHERN
    speed: int = USUAL_SPEED


@frozen
class AmplifiersConfig:
    """What concerns all amplifiers: two of them never go on within `stagger` ms of each other."""

    stagger: int = SECOND // 5


@frozen
class ApprovalConfig:
    """Who may approve: somebody else than the author, unless the station has `one_person` only."""

    one_person: bool = False


@frozen
class LibraryConfig:
    """The library: originals take up to `originals` MB; beyond that the oldest that nothing needs go."""

    originals: int = 4_000


@frozen
class PublicConfig:
    """A public `page` where anybody hears again what the commune made, for so many `days`, in `room` MB at most."""

    page: bool = False
    days: int = 30
    room: int = 500


@frozen
class PanelConfig:
    """Lamp and push buttons beside the Pi, each a GPIO pin (BCM number) or none; buttons close to ground."""

    led: int | None = None
    stop_button: int | None = None
    emergency_button: int | None = None
    live_button: int | None = None


@frozen
class Config:
    """The station. A `practice` station says so everywhere, and has no pins and no sound device, whatever is named.

    With `practice_sound` its sound goes to the machine's default device: never so where amplifiers hang on that.
    `weekend_hours` are the allowed hours of Saturday and Sunday, where these differ; `trust_clock` vouches for the
    clock by hand. `place` is where it is, as latitude and longitude in degrees.
    """

    name: str = "Đài truyền thanh xã"
    time_zone: ZoneInfo = HANOI
    allowed_hours: tuple[Window, ...] = (_DAYTIME,)
    weekend_hours: tuple[Window, ...] | None = None
    limits: Limits = NO_LIMITS
    level: tuple[LevelConfig, ...] = (LevelConfig(_DAWN, _SOFTER),)
    practice: bool = False
    practice_sound: bool = False
    trust_clock: bool = False
    place: Place | None = None
    audio: AudioConfig = AudioConfig()
    speech: SpeechConfig = SpeechConfig()
    streams: Mapping[str, StreamConfig] = Factory(dict)
    microphones: Mapping[str, MicrophoneConfig] = Factory(dict)
    feeds: Mapping[str, FeedConfig] = Factory(dict)
    emergency: EmergencyConfig = EmergencyConfig()
    alerts: AlertsConfig = AlertsConfig()
    live: LiveConfig = LiveConfig()
    amplifiers: AmplifiersConfig = AmplifiersConfig()
    panel: PanelConfig = PanelConfig()
    approval: ApprovalConfig = ApprovalConfig()
    library: LibraryConfig = LibraryConfig()
    public: PublicConfig = PublicConfig()
    zones: dict[str, ZoneConfig] = Factory(lambda: {"loa": ZoneConfig("Cụm loa mô phỏng")})

    @property
    def known(self) -> Known:
        """What a schedule may name."""
        return Known(self.zones, self.streams, self.microphones)

    @property
    def titles(self) -> dict[str, str]:
        """What people call its zones."""
        return {name: zone.title for name, zone in self.zones.items()}

    @property
    def station(self) -> Station:
        """What the rules need to know of it."""
        zones = {
            name: Zone(name, zone.title, zone.warm_up, zone.linger, zone.rest, zone.longest)
            for name, zone in self.zones.items()
        }
        return Station(
            name=self.name,
            hours=Hours(self.allowed_hours, self.time_zone, self.weekend_hours),
            zones=zones,
            levels=tuple(Level(it.hours, it.gain, it.priority) for it in self.level),
            limits=self.limits,
            sources={
                **{f"stream:{name}": it.title for name, it in self.streams.items()},
                **{f"microphone:{name}": it.title for name, it in self.microphones.items()},
            },
            stagger=self.amplifiers.stagger,
            emergency_gain=self.emergency.gain,
        )


# What a station with an unreadable file is until it is mended: nothing may sound, and the page says why.
SILENT = Config(name="Đài truyền thanh", allowed_hours=(), zones={})


@frozen
class Loaded:
    """The configuration in force, and what is wrong with the file."""

    config: Config
    troubles: tuple[Trouble, ...] = ()


def read_config(path: Path, last_good: Path, *, must_exist: bool = False) -> Loaded:
    """Read the configuration; a broken file leaves the last good one in force, or else silence.

    No file at all is no mistake: a simulated zone and usual hours, unless it `must_exist`.
    """
    if not path.exists() and not must_exist:
        return Loaded(Config())
    try:
        config = read_toml(path, Config, _CONVERTER)
    except Unreadable as error:
        return _fall_back(error.troubles, last_good)
    with suppress(OSError):  # a card that takes no copy must not keep the station from its configuration
        _remember(path, last_good)
    return Loaded(config)


def read_config_text(text: str, where: str) -> Config:
    """The configuration that a file of this text would be. Raises `Unreadable`."""
    return read_toml_text(text, Config, _CONVERTER, where)


def _fall_back(troubles: list[Trouble], last_good: Path) -> Loaded:
    try:
        config = read_toml(last_good, Config, _CONVERTER)
    except Unreadable:
        still = "Đài chưa phát gì cho đến khi tệp được sửa."
        return Loaded(SILENT, tuple(evolve(trouble, still=still) for trouble in troubles))
    still = "Đài vẫn chạy theo cấu hình đúng gần nhất."
    return Loaded(config, tuple(evolve(trouble, still=still) for trouble in troubles))


def _remember(path: Path, last_good: Path) -> None:
    written = path.read_bytes()
    if last_good.exists() and last_good.read_bytes() == written:
        return
    last_good.parent.mkdir(parents=True, exist_ok=True)
    write_whole(last_good, written)


def _read_time_zone(value: Any, _kind: Any = None) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        wrong = Trouble("", f"Không có múi giờ “{value}”.", mend="Ở Việt Nam viết “Asia/Ho_Chi_Minh”.")
        raise Refused(wrong) from None


def _read_window(value: Any, _kind: Any = None) -> Window:
    opens, dash, closes = value.partition("-") if isinstance(value, str) else ("", "", "")
    if not dash:
        raise Refused(Trouble("", f"“{value}” không phải là khung giờ.", mend="Viết như “05:00-21:00”."))
    window = Window(read_clock(opens.strip()), read_clock(closes.strip()))
    if window.closes <= window.opens:
        mend = f"Khung giờ qua đêm viết thành hai khung: “{opens}-24:00” và “00:00-{closes}”."
        raise Refused(Trouble("", f"“{value}” kết thúc trước khi bắt đầu.", mend=mend))
    return window


def _read_zones(value: Any, _kind: Any = None) -> dict[str, ZoneConfig]:
    zones = _CONVERTER.structure(value, dict[str, ZoneConfig])
    _check_names(zones, "“{}” không dùng làm tên cụm loa được.", "thon-bac")
    for name, zone in zones.items():
        if zone.pi and zone.pin is None:
            wrong = f"Cụm loa “{name}” ở máy “{zone.pi}” nhưng không nói chân nào."
            raise Refused(Trouble("", wrong, mend="Viết thêm pin."))
    return zones


def _read_feeds(value: Any, _kind: Any = None) -> dict[str, FeedConfig]:
    feeds = _CONVERTER.structure(value, dict[str, FeedConfig])
    _check_names(feeds, "“{}” không dùng làm tên nguồn tin được.", "khi-tuong")
    return feeds


def _check_names(names: Iterable[str], wrong: str, example: str) -> None:
    for name in names:
        if not re.fullmatch(r"[a-z0-9-]+", name) or name == "all":
            mend = f"Đặt tên bằng chữ thường không dấu, số và gạch nối, như “{example}”; tên có dấu viết ở title."
            raise Refused(Trouble("", wrong.format(name), mend=mend))


def _read_areas(value: Any, _kind: Any = None) -> tuple[str, ...]:
    areas = _CONVERTER.structure(value, tuple[str, ...])
    if vain := [it for it in areas if not has_words(it)]:
        mend = "Viết tên như trong bản tin, hoặc mã, như “Hương Sơn” hoặc “24169”."
        raise Refused(Trouble("", f"“{vain[0]}” không phải là vùng.", mend=mend))
    return areas


def _read_place(value: Any, _kind: Any = None) -> Place | None:
    match _CONVERTER.structure(value, list[float]):
        case latitude, longitude if abs(latitude) <= _POLE and abs(longitude) <= 2 * _POLE:
            return latitude, longitude
    raise Refused(Trouble("", f"{value} không phải là một nơi.", mend="Viết vĩ độ, kinh độ, như [22.83, 104.98]."))


def _read_config(value: Any, _kind: Any = None) -> Config:
    config = _structure_config(value, Config)
    if anywhere := [name for name, it in config.feeds.items() if not it.areas and not config.place]:
        what = f"Nguồn tin “{anywhere[0]}” chưa nói vùng nào."
        raise Refused(Trouble("", what, mend="Thêm areas cho nguồn tin, hoặc place của đài."))
    for rule in config.alerts.rule:
        if rule.sender.startswith(FEED) and rule.sender.removeprefix(FEED) not in config.feeds:
            mend = "Khai nguồn tin ấy ở [feeds.…], hoặc bỏ quy định này."
            raise Refused(Trouble("", f"Quy định nêu “{rule.sender}” mà không có nguồn tin ấy.", mend=mend))
    panel = config.panel
    used = [
        *((zone.pi, pin) for zone in config.zones.values() for pin in (zone.pin, zone.feedback)),
        *(("", pin) for pin in (panel.led, panel.stop_button, panel.emergency_button, panel.live_button)),
    ]
    pins = [(pi, pin) for pi, pin in used if pin is not None]
    if twice := {pin for pin in pins if pins.count(pin) > 1}:
        mend = "Mỗi cụm loa, đèn và nút bấm dùng một chân riêng."
        raise Refused(Trouble("", f"Chân {min(twice)[1]} được dùng hai lần.", mend=mend))
    return _simulated(config) if config.practice else config


def _simulated(config: Config) -> Config:
    """A practice station: nothing of the equipment that its file names is ever touched."""
    zones = {name: evolve(zone, pi="", pin=None, feedback=None) for name, zone in config.zones.items()}
    device = "default" if config.practice_sound else "none"
    audio = evolve(config.audio, device=device, monitor="", delay=None)
    return evolve(config, zones=zones, audio=audio, panel=PanelConfig())


def _read_microphone_device(value: Any, _kind: Any = None) -> str:
    if isinstance(value, str) and value.partition(":")[0] in {"alsa", "pulse"}:
        return value
    raise Refused(
        Trouble("", f"“{value}” không phải là micro.", mend="Viết như “alsa:hw:CARD=Device” hoặc “pulse”.")
    )


def _read_sound_device(value: Any, _kind: Any = None) -> str:
    if isinstance(value, str) and re.fullmatch(r"(?!snapcast).+|snapcast(:\d+)?", value):
        return value
    raise Refused(
        Trouble("", f"“{value}” không phải là ngõ ra âm thanh.", mend="Viết như “default” hoặc “snapcast”.")
    )


def _read_pi(value: Any, _kind: Any = None) -> str:
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*(:\d+)?", value):
        return value
    raise Refused(Trouble("", f"“{value}” không phải là tên máy.", mend="Viết như “thon-xa.local”."))


def _read_address(value: Any, _kind: Any = None) -> str:
    if isinstance(value, str) and re.fullmatch(r"https?://[^\s/]+\S*", value):
        return value
    raise Refused(Trouble("", f"“{value}” không phải là địa chỉ.", mend="Viết như “https://dai.example/kenh1”."))


def _read_voice(value: Any, _kind: Any = None) -> str:
    if isinstance(value, str) and re.fullmatch(r"\w[\w.-]*", value):
        return value
    mend = "Viết “bac”, “trung”, “nam”, hoặc tên một tệp giọng đọc trong thư mục voices, không có đuôi .onnx."
    raise Refused(Trouble("", f"“{value}” không phải là giọng đọc.", mend=mend))


def _read_alert_rule(value: Any, _kind: Any = None) -> AlertRule:
    rule = _structure_alert_rule(value, AlertRule)
    airs_feed = rule.sender.startswith(FEED) and rule.does is Decision.AIR
    if airs_feed != bool(rule.say) + bool(rule.play):
        mend = "Quy định cho phát theo nguồn tin ngoài thì nêu say hoặc play (một trong hai); còn lại không nêu."
        raise Refused(Trouble("", "Nguồn tin ngoài chỉ gọi được lời hay mục mà xã đã soạn.", mend=mend))
    return rule


def _read_sender(value: Any, _kind: Any = None) -> str:
    if isinstance(value, str) and re.fullmatch(rf"\*|({FEED})?[a-z0-9]+(-[a-z0-9]+)*", value):
        return value
    mend = f"Viết tên ngắn của nơi gửi, “{FEED}TÊN” cho nguồn tin ngoài, hoặc “*” cho mọi nơi gửi của tỉnh."
    raise Refused(Trouble("", f"“{value}” không phải là nơi gửi.", mend=mend))


def _read_priorities(value: Any, _kind: Any = None) -> tuple[Priority, ...]:
    words = [value] if isinstance(value, str) else value
    return tuple(Priority(one_of([*Priority], "một mức ưu tiên")(word, None)) for word in words)


def _between(low: float, high: float, unit: str) -> Any:
    def hook(value: Any, kind: Any) -> Any:
        number = _CONVERTER.structure(value, kind)
        if not low <= number <= high:
            mend = f"Viết một số từ {low:g} đến {high:g} {unit}."
            raise Refused(Trouble("", f"{value} nằm ngoài khoảng cho phép.", mend=mend))
        return number

    return hook


def _duration_up_to(longest: int, least: int = 0) -> Any:
    def hook(value: Any, _kind: Any) -> int:
        duration = read_duration(value)
        if duration < least:
            raise Refused(Trouble("", f"“{value}” quá ngắn.", mend=f"Ít nhất là {least // 1000} giây."))
        if duration > longest:
            raise Refused(Trouble("", f"“{value}” quá dài.", mend=f"Nhiều nhất là {longest // 1000} giây."))
        return duration

    return hook


_CONVERTER = strict_converter()
_CONVERTER.register_structure_hook(ZoneInfo, _read_time_zone)
_CONVERTER.register_structure_hook(Window, _read_window)
_PIN: Any = lambda value, _: _between(0, 27, "(số BCM)")(value, int)  # noqa: E731 - a hook, used four times
_CONVERTER.register_structure_hook(
    ZoneConfig,
    make_dict_structure_fn(
        ZoneConfig,
        _CONVERTER,
        pi=override(struct_hook=_read_pi),
        pin=override(struct_hook=_PIN),
        feedback=override(struct_hook=_PIN),
        warm_up=override(struct_hook=_duration_up_to(30_000)),
        linger=override(struct_hook=_duration_up_to(60_000)),
        rest=override(struct_hook=_duration_up_to(60_000)),
        longest=override(struct_hook=_duration_up_to(DAY)),
    ),
)
_CONVERTER.register_structure_hook(
    AudioConfig,
    make_dict_structure_fn(
        AudioConfig,
        _CONVERTER,
        device=override(struct_hook=_read_sound_device),
        loudness=override(struct_hook=_between(_QUIETEST, _LOUDEST, "LUFS")),
        high_pass=override(struct_hook=_between(0, 500, "Hz")),
        delay=override(struct_hook=lambda value, _: _between(0, 2_000, "ms")(value, int)),
    ),
)
_CONVERTER.register_structure_hook(
    SpeechConfig,
    make_dict_structure_fn(
        SpeechConfig,
        _CONVERTER,
        voice=override(struct_hook=_read_voice),
        speed=override(struct_hook=lambda value, _: _between(80, 300, "từ một phút")(value, int)),
    ),
)
_CONVERTER.register_structure_hook(
    LevelConfig,
    make_dict_structure_fn(
        LevelConfig,
        _CONVERTER,
        gain=override(struct_hook=_between(-30, 0, "dB")),
        priority=override(struct_hook=_read_priorities),
    ),
)
_CONVERTER.register_structure_hook(
    StreamConfig,
    make_dict_structure_fn(StreamConfig, _CONVERTER, address=override(struct_hook=_read_address)),
)
_CONVERTER.register_structure_hook(
    MicrophoneConfig,
    make_dict_structure_fn(MicrophoneConfig, _CONVERTER, device=override(struct_hook=_read_microphone_device)),
)
_CONVERTER.register_structure_hook(
    EmergencyConfig,
    make_dict_structure_fn(
        EmergencyConfig,
        _CONVERTER,
        gain=override(struct_hook=_between(0, 12, "dB")),
        repeats=override(struct_hook=_between(1, MOST_REPEATS, "lần")),
    ),
)
_structure_alert_rule = make_dict_structure_fn(
    AlertRule,
    _CONVERTER,
    sender=override(rename="from", struct_hook=_read_sender),
    severity=override(
        struct_hook=lambda value, _: Severity(one_of([*Severity], "một mức nghiêm trọng")(value, None))
    ),
    does=override(struct_hook=lambda value, _: Decision(one_of(_MAY_DO, "một cách xử lý")(value, None))),
)
_CONVERTER.register_structure_hook(AlertRule, _read_alert_rule)
_CONVERTER.register_structure_hook(
    LiveConfig,
    make_dict_structure_fn(LiveConfig, _CONVERTER, longest=override(struct_hook=_duration_up_to(4 * HOUR))),
)
_CONVERTER.register_structure_hook(
    AmplifiersConfig,
    make_dict_structure_fn(AmplifiersConfig, _CONVERTER, stagger=override(struct_hook=_duration_up_to(10_000))),
)
_CONVERTER.register_structure_hook(
    LibraryConfig,
    make_dict_structure_fn(
        LibraryConfig,
        _CONVERTER,
        originals=override(struct_hook=lambda value, _: _between(100, 1_000_000, "MB")(value, int)),
    ),
)
_CONVERTER.register_structure_hook(
    PublicConfig,
    make_dict_structure_fn(
        PublicConfig,
        _CONVERTER,
        days=override(struct_hook=lambda value, _: _between(1, 365, "ngày")(value, int)),
        room=override(struct_hook=lambda value, _: _between(10, 100_000, "MB")(value, int)),
    ),
)
_CONVERTER.register_structure_hook(
    PanelConfig,
    make_dict_structure_fn(
        PanelConfig,
        _CONVERTER,
        led=override(struct_hook=_PIN),
        stop_button=override(struct_hook=_PIN),
        emergency_button=override(struct_hook=_PIN),
        live_button=override(struct_hook=_PIN),
    ),
)
_CONVERTER.register_structure_hook(
    Limits,
    make_dict_structure_fn(
        Limits,
        _CONVERTER,
        sessions=override(struct_hook=lambda value, _: _between(0, 48, "buổi")(value, int)),
        session=override(struct_hook=_duration_up_to(DAY)),
        day=override(struct_hook=_duration_up_to(DAY)),
    ),
)
_CONVERTER.register_structure_hook(
    FeedConfig,
    make_dict_structure_fn(
        FeedConfig,
        _CONVERTER,
        address=override(struct_hook=_read_address),
        areas=override(struct_hook=_read_areas),
        severity=override(
            struct_hook=lambda value, _: Severity(one_of([*Severity], "một mức nghiêm trọng")(value, None))
        ),
        every=override(struct_hook=_duration_up_to(DAY, least=MINUTE)),
    ),
)
_structure_config = make_dict_structure_fn(
    Config,
    _CONVERTER,
    place=override(struct_hook=_read_place),
    feeds=override(struct_hook=_read_feeds),
    zones=override(struct_hook=_read_zones),
)
_CONVERTER.register_structure_hook(Config, _read_config)
