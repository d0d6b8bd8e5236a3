"""The page's words for alerts from outside: who sent one, how bad it is, what was decided, what became of it."""

from collections.abc import Mapping

from station.desk.alerts import Became, Shown
from station.rules.alerting.alert import Alert, Certainty, MessageType, Severity, Status, Urgency
from station.rules.alerting.policy import EVERY_SENDER, FEED, SEVERITIES, AlertRule, Decision
from station.rules.alerting.sender import Sender
from station.rules.offer import EVERYONE
from station.stores.alerts import Kept
from station.stores.config import Config
from web.language import said

STATES: Mapping[Became, str] = {
    Became.AIRING: "Đang phát",
    Became.AIRED: "Đã phát",
    Became.CUT: "Bị ngắt",
    Became.FAILED: "Chưa phát được",
    Became.WAITING: "Sắp phát",
    Became.CANCELLED: "Nơi gửi đã hủy",
    Became.REPLACED: "Có tin mới thay",
    Became.DISMISSED: "Đã bỏ qua",
    Became.REFUSED: "Đã từ chối",
    Became.NOTED: "Chỉ ghi lại",
    Became.EXPIRED: "Hết hạn",
}
_PROPOSED = "Chờ quyết định"
_LOOKS: Mapping[Became, str] = {
    Became.AIRING: "alarming",
    Became.AIRED: "ready",
    Became.CUT: "lacking",
    Became.FAILED: "alarming",
    Became.WAITING: "lacking",
}
KINDS: Mapping[MessageType, str] = {
    MessageType.ALERT: "tin mới",
    MessageType.UPDATE: "tin thay tin trước",
    MessageType.CANCEL: "tin hủy tin trước",
}
URGENCIES: Mapping[Urgency, str] = {
    Urgency.IMMEDIATE: "phải làm ngay",
    Urgency.EXPECTED: "phải làm trong vài giờ",
    Urgency.FUTURE: "sắp tới",
    Urgency.PAST: "đã qua",
}
CERTAINTIES: Mapping[Certainty, str] = {
    Certainty.OBSERVED: "đã xảy ra",
    Certainty.LIKELY: "rất có thể xảy ra",
    Certainty.POSSIBLE: "có thể xảy ra",
    Certainty.UNLIKELY: "khó xảy ra",
}
WAYS: Mapping[str, str] = {
    "push": "tỉnh gửi thẳng",
    "poll": "đài hỏi máy chủ của tỉnh",
    "feed": "đài đọc nguồn tin ngoài",
}
DOES: Mapping[Decision, str] = {
    Decision.AIR: "phát ngay",
    Decision.PROPOSE: "hỏi người trực",
    Decision.NOTE: "chỉ ghi lại",
}


def headline(kept: Kept) -> str:
    """What it says, in its own shortest words; what nobody vouches for has none that anybody should read."""
    alert = kept.alert
    if alert is None:
        return said("Bản tin lạ")
    told = alert.headline or alert.event or alert.identifier
    return f"{said('Tin thử đường truyền')}: {told}" if alert.status is Status.TEST else told


def paragraphs(alert: Alert) -> list[str]:
    """All that it says, each thing once."""
    return list(filter(None, dict.fromkeys((alert.headline, alert.description, alert.instruction))))


def spoken_in(alert: Alert | None) -> str:
    """The language of its own words, as far as the page's voices tell any apart."""
    return "en" if alert and alert.language.lower().startswith("en") else "vi"


def state(shown: Shown) -> str:
    """What became of it, in two or three words."""
    return said(_PROPOSED if shown.proposed else STATES[shown.became])


def look(shown: Shown) -> str:
    """The class of those words."""
    return _LOOKS.get(shown.became, "quiet")


def because(shown: Shown) -> str:
    """Why, in a sentence; nothing where the state itself says it."""
    kept, became = shown.kept, shown.became
    if became in {Became.CUT, Became.FAILED}:
        return said(shown.records[-1].reason) if shown.records else ""
    if became is Became.DISMISSED:
        return said(f"{kept.ended_by} bỏ qua.")
    if became in {Became.CANCELLED, Became.REPLACED}:
        return ""
    if became is Became.EXPIRED:
        return said("Không ai quyết định trước khi tin hết hạn.") if kept.decision is Decision.PROPOSE else ""
    return said(f"{kept.aired_by} cho phát.") if kept.aired_by else said(kept.reason)


def severity(alert: Alert) -> str:
    """How bad it is, as its sender says."""
    told = SEVERITIES[alert.severity]
    told = said(told if alert.severity is Severity.UNKNOWN else f"mức {told}")
    return f"{said('diễn tập')} · {told}" if alert.status is Status.EXERCISE else told


def sender(kept: Kept, config: Config) -> str:
    """Who sent it, and whether anybody vouches for that."""
    if kept.sender:
        return said(f"✓\N{NO-BREAK SPACE}{kept.sender_title}, có chữ ký")
    return said(f"{_feed(kept, config)}, không có chữ ký")


def _feed(kept: Kept, config: Config) -> str:
    name = kept.origin.removeprefix(FEED)
    return config.feeds[name].title if name in config.feeds else kept.sender_title or said("không rõ nơi gửi")


def rule(told: AlertRule, senders: Mapping[str, str]) -> str:
    """A rule of the commune's as a sentence; `senders` are titles by name, as rules name them."""
    who = said("mọi nơi gửi của tỉnh") if told.sender == EVERY_SENDER else senders.get(told.sender, told.sender)
    return said(f"{who}, từ mức {said(SEVERITIES[told.severity])}: {said(DOES[told.does])}")


def may_send(told: Sender) -> str:
    """What a sender may send, and for whom."""
    if told.level is None:
        return said("chỉ được gửi tin thử")
    if EVERYONE in told.groups:
        return said(f"đến mức {said(SEVERITIES[told.level])}, cho cả tỉnh")
    return said(f"đến mức {said(SEVERITIES[told.level])}, cho {', '.join(map(_group, told.groups))}")


def _group(name: str) -> str:
    kind, _, of = name.partition("-")
    return said(f"xã {of}" if kind == "xa" else f"vùng {of}")
