"""Feeds of alerts that nobody signed: which are watched, how they stand, and what one would bring now."""

from collections.abc import Iterator

from attrs import frozen

from station.clock import Clock
from station.rules.alerting.alert import Alert, MessageType
from station.rules.alerting.policy import Decision, decide_unsigned
from station.rules.trouble import Refused, Trouble
from station.stores.config import Config, FeedConfig
from station.stores.feed_states import FeedState, FeedStates
from station.stores.home import Home
from station.stores.written import nearest


@frozen
class Listed:
    """A feed, and how it stands; None before the player watches it."""

    name: str
    feed: FeedConfig
    state: FeedState | None


@frozen
class Weighed:
    """An alert of a feed and what would be done with it, None if nothing; `why` is a sentence."""

    alert: Alert
    decision: Decision | None
    why: str


@frozen
class Trial:
    """What a feed has now: how many entries, the alerts that were read, and what could not be."""

    entries: int
    alerts: tuple[Weighed, ...]
    unreadable: tuple[Trouble, ...]


def feeds(home: Home) -> tuple[Listed, ...]:
    """All that `station.toml` names."""
    states = FeedStates(home.places.run).all()
    return tuple(Listed(name, feed, states.get(name)) for name, feed in home.config().config.feeds.items())


def try_feed(home: Home, name: str) -> Trial:
    """Read a feed once, as if nothing of it was ever seen, and do nothing. Raises `Refused`."""
    from station.alerts.feed_watch import Watch  # noqa: PLC0415 - only who needs it carries requests

    config = home.config().config
    if name not in config.feeds:
        mend = nearest(name, config.feeds) if config.feeds else "Khai trong station.toml, ở [feeds.…]."
        raise Refused(Trouble("", f"Không có nguồn tin “{name}”.", mend=mend))
    clock, would = home.clock(), set[str]()

    def taken(alert: str) -> bool:
        return alert in would or home.alerts.find(alert) is not None

    watch = Watch(name, config.feeds[name], config.place, taken, clock)
    look = watch.look()

    def weighed() -> Iterator[Weighed]:
        for found in look.found:
            alert, why_not = watch.weigh(found.alert)
            if why_not:
                yield Weighed(alert, None, f"Bỏ qua: {why_not}.")
            elif home.alerts.find(alert.id) is not None:
                yield Weighed(alert, None, "Đài đã nhận tin này rồi.")
            elif alert.kind is MessageType.CANCEL:
                yield Weighed(alert, None, "Kết thúc tin mà đài đã nhận.")
            else:
                would.add(alert.id)
                yield Weighed(alert, *_decided(config, name, alert, clock))

    return Trial(look.entries, tuple(weighed()), look.unreadable)


def _decided(config: Config, name: str, alert: Alert, clock: Clock) -> tuple[Decision, str]:
    rules, hours, by_tls = config.alerts.rule, config.station.hours, config.feeds[name].by_tls
    return decide_unsigned(alert, name, rules, hours, clock.now(), by_tls=by_tls)
