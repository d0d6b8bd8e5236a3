"""`[[alerts.rule]]` in `station.toml`: what is right, and what every mistake is told."""

import pytest

from station.rules.alerting.alert import Severity
from station.rules.alerting.policy import ALL_DAY, AlertRule, Decision
from station.rules.hours import Window
from station.rules.now import HOUR
from station.stores.config import read_config_text
from station.stores.written import Unreadable

FEEDS = """
[feeds.khi-tuong]
title = "Đài Khí tượng"
address = "https://127.0.0.1:1/cap.xml"
areas = ["Vùng thử"]
"""


def rules(*written: str) -> tuple[AlertRule, ...]:
    told = "".join(f"[[alerts.rule]]\n{it}\n" for it in written)
    return read_config_text(FEEDS + told, "station.toml").alerts.rule


def test_rules_are_read_in_their_order():
    province, feed, rest = rules(
        'from = "pctt"\nseverity = "Moderate"\nhours = "05:00-21:00"\ndoes = "air"',
        'from = "feed:khi-tuong"\ndoes = "air"\nplay = "canh-bao-bao"',
        'does = "note"',
    )
    assert province == AlertRule("pctt", Severity.MODERATE, Window(5 * HOUR, 21 * HOUR), Decision.AIR)
    assert (feed.sender, feed.play, feed.hours) == ("feed:khi-tuong", "canh-bao-bao", ALL_DAY)
    assert rest == AlertRule(does=Decision.NOTE)
    assert rules() == ()


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ('from = "Ban Chỉ huy"', ("from", "nơi gửi", "feed:")),
        ('severity = "severe"', ("severity", "Severe")),
        ('does = "refuse"', ("does", "cách xử lý")),
        ('hours = "21:00-05:00"', ("hours", "qua đêm")),
        ('form = "*"', ("form", "from")),
        ('from = "feed:bao"\ndoes = "air"', ("say", "play")),
        ('from = "feed:bao"\ndoes = "air"\nsay = "Có bão."\nplay = "bao"', ("say", "play")),
        ('from = "pctt"\ndoes = "air"\nsay = "Có bão."', ("say", "play")),
    ],
)
def test_a_mistake_is_told_with_its_key(written: str, words: tuple[str, ...]):
    with pytest.raises(Unreadable) as wrong:
        rules(written)
    (trouble,) = wrong.value.troubles
    assert "alerts.rule thứ 1" in trouble.where
    for word in words:
        assert word in str(trouble)
