"""What `station.toml` may say of feeds, and how a mistake is told."""

import pytest

from station.rules.alerting.alert import Severity
from station.rules.now import MINUTE
from station.stores.config import read_config_text
from station.stores.written import Unreadable

FEED = '[feeds.khi-tuong]\ntitle = "Khí tượng"\naddress = "https://a.example/cap.atom"\n'


def test_a_feed_by_the_place_of_the_station():
    config = read_config_text(f"place = [22.83, 105]\n{FEED}", "station.toml")
    assert config.place == (22.83, 105.0)
    feed = config.feeds["khi-tuong"]
    assert (feed.areas, feed.severity, feed.every, feed.by_tls) == ((), Severity.MODERATE, 5 * MINUTE, True)


def test_a_feed_by_areas():
    written = FEED.replace("https:", "http:") + 'areas = ["Hương Sơn", "24169"]\nseverity = "Extreme"\nevery = "1m"'
    feed = read_config_text(written, "station.toml").feeds["khi-tuong"]
    assert (feed.areas, feed.severity, feed.every) == (("Hương Sơn", "24169"), Severity.EXTREME, MINUTE)
    assert not feed.by_tls


@pytest.mark.parametrize(
    ("written", "what"),
    [
        (FEED, "chưa nói vùng nào"),
        (FEED + 'areas = ["—"]', "không phải là vùng"),
        (FEED.replace("https:", "file:") + 'areas = ["A"]', "không phải là địa chỉ"),
        (FEED + 'areas = ["A"]\nevery = "30s"', "quá ngắn"),
        (FEED + 'areas = ["A"]\nseverity = "Nặng"', "không phải là một mức nghiêm trọng"),
        (FEED.replace("khi-tuong", '"Khí tượng"') + 'areas = ["A"]', "không dùng làm tên nguồn tin được"),
        (f"place = [122.83, 104.98]\n{FEED}", "không phải là một nơi"),
        (f"place = [22.83]\n{FEED}", "không phải là một nơi"),
        (f'place = "Hà Giang"\n{FEED}', "không đúng loại"),
        ('[[alerts.rule]]\nfrom = "feed:khi-tuong"\ndoes = "note"', "không có nguồn tin ấy"),
        (f'place = [22, 105]\n{FEED}[[alerts.rule]]\nfrom = "feed:khi-tuong"\ndoes = "air"', "mà xã đã soạn"),
    ],
)
def test_mistakes_are_told(written, what):
    with pytest.raises(Unreadable, match=what):
        read_config_text(written, "station.toml")
