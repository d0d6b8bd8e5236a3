"""Cảnh báo: what came and what became of it, proposals, the path, and that no stranger's words do harm."""

import html
import os
import re
from pathlib import Path

import pytest
from attrs import evolve
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

from station.alerts.inbox import Inbox
from station.clock import Clock
from station.control.messages import AirAlert, Answer
from station.rules.alerting.alert import MessageType, Severity, Sound, Status
from station.rules.alerting.policy import Decision
from station.rules.alerting.sender import Sender
from station.rules.now import DAY, HOUR, MINUTE
from station.rules.roles import Role
from station.rules.rundown import Programme
from station.rules.schedule import Broadcast
from station.rules.trouble import Trouble
from station.stores.enrolment import ENROLMENT
from station.stores.feed_states import FeedState, FeedStates
from station.stores.home import Home, open_home, places
from station.stores.listening import PATH
from tests.airing import air
from tests.alerts.province import Office
from tests.browsing import RunningPage
from tests.rig.tapes import noise, write_tape
from tests.rig.tree import key
from tests.running import RunningStation
from tests.web.alerted import FLOOD, Outside, connected, everything
from tests.web.asking import post
from tests.web.states import SEEN, STATES
from tests.web.test_live_stream import pictures
from tests.web.test_looks import IN_PAGE
from tests.web.test_system import deeds

PAGE = "/canh-bao/"
PATIENCE = 60_000  # ms
SIGNED = "✓\N{NO-BREAK SPACE}Ban Chỉ huy PCTT tỉnh, có chữ ký"
HOSTILE = {
    "markup": "</bdi><script>window.harmed = 1</script><img src=x onerror='window.harmed = 1'>",
    "template": "{{ 7 * 7 }} {% raw %} %(count)s {} {0}",
    "long": "Lũ" * 900,
    "long words": "Nước lên nhanh. " * 120,
    "right to left": "\N{RIGHT-TO-LEFT OVERRIDE}gnơưht hnìb óC\N{RIGHT-TO-LEFT ISOLATE}",
    "emojis": "🌊" * 300,
    "marks on marks": "L" + "\N{COMBINING ACUTE ACCENT}" * 1500 + "ũ",
    "lines": "Một\n\n\n" * 200,
}

pytestmark = pytest.mark.usefixtures("player")


def shown(client: FlaskClient, address: str = PAGE) -> str:
    return html.unescape(client.get(address).text)


def row(client: FlaskClient, alert: str) -> str:
    """What the list says of one, without its marks."""
    found = re.search(rf'id="tin-{alert}".*?(?=id="tin-|</section>)', shown(client), re.DOTALL)
    assert found
    return without_marks(found[0])


def without_marks(page: str) -> str:
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]*>", " ", page))


def aired(home: Home, alert: str, **more: object) -> str:
    """What the player writes of an alert."""
    return air(home.log, SEEN, schedule=f"canh-bao/{alert}", title="Cảnh báo", priority="emergency", **more)


# What came


def test_each_is_told_with_who_sent_it_how_bad_it_is_and_what_was_decided(client: FlaskClient, outside: Outside):
    ids = everything(outside)
    for name, told in {
        "air": (FLOOD, "Sắp phát", "mức đặc biệt nghiêm trọng", SIGNED, "thì phát ngay."),
        "proposed": ("Mưa to trong đêm", "mức vừa", SIGNED, "chờ người trực quyết định.", "Phát ngay…", "Bỏ qua"),
        "exercise": ("Tập sơ tán", "diễn tập · mức vừa"),
        "feed": ("Gió giật cấp 8", "Đài Khí tượng tỉnh, không có chữ ký", "Phát ngay…"),
        "test": ("Tin thử đường truyền: Thử đường truyền", "Chỉ ghi lại", "không phát tiếng"),
        "cancelled": ("Xả lũ lúc 18 giờ", "Nơi gửi đã hủy"),
        "cancel": ("Hoãn xả lũ", "Chỉ ghi lại", "chưa từng phát nên không cần báo yên"),
    }.items():
        assert [it for it in told if it not in row(client, ids[name])] == [], name
    assert "mức" not in row(client, ids["test"]), "a test is no danger"
    page = shown(client)
    assert page.index("Chờ bạn quyết định") < page.index("Đã đến") < page.index("Đã từ chối 1 bản tin")
    assert "Bản tin không đọc được." in page


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"result": "aired"}, ("Đã phát", "thì phát ngay.")),
        (
            {"result": "cut", "reason": "Lan đã bấm Dừng phát.", "sounded": MINUTE},
            ("Bị ngắt", "Lan đã bấm Dừng phát."),
        ),
        (
            {"result": "failed", "reason": "Card âm thanh không nhận tiếng."},
            ("Chưa phát được", "Card âm thanh không"),
        ),
    ],
)
def test_what_became_of_it_on_air_is_told_and_leads_to_its_record(
    client: FlaskClient, home: Home, outside: Outside, record: dict, told: tuple[str, ...]
):
    alert = outside.sends().id
    broadcast = aired(home, alert, **record)
    assert [it for it in told if it not in row(client, alert)] == []
    page = client.get(PAGE + alert).text
    (link,) = re.findall(r'href="(/nhat-ky\?[^"]+)"', page)
    log, _, anchor = html.unescape(link).partition("#")
    assert f'id="{anchor}"' in html.unescape(client.get(log).text)
    assert anchor == f"buoi-{broadcast}"


def test_one_that_is_heard_now_is_told_so(client: FlaskClient, home: Home, outside: Outside, player):
    alert = outside.sends().id
    home.log.open(_broadcast(alert), SEEN)
    assert "Đang phát" in row(client, alert)
    player["status"] = {
        **STATES["alert"],
        "on_air": {**STATES["alert"]["on_air"], "key": f"canh-bao/{alert}@{SEEN}"},
    }
    page = shown(client, "/")
    for told in ("ĐANG PHÁT KHẨN CẤP", FLOOD, SIGNED, f'href="{PAGE}{alert}"', "nối thẳng với tỉnh"):
        assert told in page


def _broadcast(alert: str) -> Broadcast:
    return Broadcast(f"canh-bao/{alert}", "Cảnh báo", SEEN, SEEN + MINUTE, ("bac",), Programme(()))


def test_older_ones_are_a_page_further(client: FlaskClient, outside: Outside, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("web.pages.alerts._LISTED", 5)
    words = [f"Tin số {number}" for number in range(7)]
    for number, it in enumerate(words):
        outside.sends(it, ago=(9 - number) * MINUTE)
    newest, older = shown(client), shown(client, f"{PAGE}?trang=1")
    pages = [{it for it in words if it in page} for page in (newest, older)]
    assert [*map(len, pages)] == [5, 2]
    assert pages[0] | pages[1] == {*words}
    assert 'trang=1"' in newest
    assert "danh-sach?trang=1" in older, "what an open page shows anew is its own part"


def test_all_of_one(client: FlaskClient, outside: Outside):
    earlier = outside.proposes("Nước bắt đầu lên")
    alert = outside.sends(
        description="Mực nước tại trạm Sơn Diệm vượt báo động 3.",
        instruction="Sơ tán lên trường tiểu học.",
        kind=MessageType.UPDATE,
        references=(earlier.me,),
    )
    page = shown(client, PAGE + alert.id)
    for told in (
        FLOOD,
        alert.description,
        alert.instruction,
        "tin thay tin trước",
        "phải làm ngay",
        "đã xảy ra",
        "Vùng thử",
        "17:07:21 23/11/2026",
        "18:08:21 23/11/2026",
        alert.sender,
        alert.identifier,
        "tỉnh gửi thẳng",
        "Không có bản đọc gửi kèm",
        f'href="{PAGE}{earlier.id}"',
    ):
        assert told in page, told
    assert "Có tin mới thay" in row(client, earlier.id)
    assert f'href="{PAGE}{alert.id}"' in shown(client, PAGE + earlier.id)
    assert client.get(f"{PAGE}0123456789abcdef").status_code == 404


def test_its_own_sound_is_heard_as_it_was_levelled(
    client: FlaskClient, home: Home, outside: Outside, tmp_path: Path
):
    sound = Path(write_tape(tmp_path / "doc.wav", noise(3_000), silence=0).path).read_bytes()
    alert = outside.proposes(sound=Sound("audio/wav", sound)).id
    kept = home.alerts.find(alert)
    assert kept and kept.sound
    for page in (PAGE + alert, f"{PAGE}{alert}/phat"):
        assert f'src="{PAGE}{alert}/nghe"' in client.get(page).text
    answer = client.get(f"{PAGE}{alert}/nghe")
    assert (answer.mimetype, answer.data) == ("audio/flac", home.library.ready_path(kept.sound).read_bytes())
    mute = outside.proposes("Không có âm thanh").id
    assert client.get(f"{PAGE}{mute}/nghe").status_code == 404


# What a person decides


def test_a_proposal_is_asked_about_once_more_and_then_aired(
    client: FlaskClient, home: Home, outside: Outside, player
):
    alert = outside.proposes().id
    player["status"] = STATES["on air"]
    asked = shown(client, f"{PAGE}{alert}/phat")
    for told in (
        "Ngắt mọi buổi khác",
        "Thôn Bắc, Thôn Đông",
        "Bản tin chiều”, còn 11:39",
        "Buổi này sẽ bị ngắt",
        FLOOD,
    ):
        assert told in asked
    assert "Không ai ký" not in asked
    assert player["orders"] == []
    answer = post(client, f"{PAGE}{alert}/phat", f"{PAGE}{alert}/phat")
    assert player["orders"] == [AirAlert(alert, "Lan")]
    assert "Đã làm." in shown(client, answer.headers["Location"])
    assert deeds(home)[-1][:2] == ("Lan", "cho phát cảnh báo")
    aired(home, alert, who="Lan")
    assert "Lan cho phát." in row(client, alert)
    again = client.get(f"{PAGE}{alert}/phat")
    assert again.headers["Location"] == PAGE + alert, "what is decided is not asked again"


def test_what_nobody_signed_and_what_is_an_exercise_are_asked_about_as_what_they_are(client, outside: Outside):
    feed, drill = outside.feeds("Gió giật").id, outside.proposes(status=Status.EXERCISE).id
    assert "Không ai ký bản tin này" in shown(client, f"{PAGE}{feed}/phat")
    asked = shown(client, f"{PAGE}{drill}/phat")
    assert "Loa nói rõ là diễn tập" in asked
    assert "Ngắt mọi buổi" not in asked


def test_what_the_player_refuses_or_never_hears_of_is_told_and_may_be_tried_again(client, outside: Outside, player):
    alert = outside.proposes().id
    player["answer"] = Answer(done=False, sentence="Card âm thanh không nhận tiếng.")
    answer = post(client, f"{PAGE}{alert}/phat", f"{PAGE}{alert}/phat")
    assert answer.status_code == 400
    assert "Card âm thanh không nhận tiếng." in answer.text
    assert "Phát ngay</button>" in answer.text
    player["off"]()
    answer = post(client, f"{PAGE}{alert}/phat", f"{PAGE}{alert}/phat")
    assert "Máy phát không chạy." in answer.text
    assert "Phát ngay</button>" in answer.text


def test_a_dismissed_proposal_is_silent_and_stays_in_the_list(client: FlaskClient, home, outside: Outside, player):
    alert = outside.proposes().id
    answer = post(client, f"{PAGE}{alert}/bo-qua", PAGE)
    assert "Đã bỏ qua tin này; loa không phát." in shown(client, answer.headers["Location"])
    assert player["orders"] == []
    assert deeds(home)[-1][:2] == ("Lan", "bỏ qua cảnh báo")
    assert "Đã bỏ qua Mưa" not in row(client, alert)
    assert all(it in row(client, alert) for it in ("Đã bỏ qua", "Lan bỏ qua."))
    for deed in ("bo-qua", "phat"):
        answer = post(client, f"{PAGE}{alert}/{deed}", PAGE)
        assert "Tin này không còn chờ quyết định." in shown(client, answer.headers["Location"])
    assert player["orders"] == []


def test_a_proposal_that_nobody_decided_about_expires(client: FlaskClient, outside: Outside, clock):
    alert = outside.proposes().id
    clock.moved = 2 * HOUR
    assert all(it in row(client, alert) for it in ("Hết hạn", "Không ai quyết định trước khi tin hết hạn."))
    assert "Phát ngay…" not in shown(client)


def test_all_may_look_and_the_operator_decides(outside: Outside, someone):
    alert = outside.proposes().id
    operator, *others = (someone(f"Người {role}", role) for role in Role)
    assert "Cảnh báo chờ bạn quyết định" in shown(operator, "/")
    for client in others:
        assert "Cảnh báo chờ người trực quyết định" in shown(client, "/")
        for page in (PAGE, PAGE + alert):
            assert FLOOD in shown(client, page)
            assert "Phát ngay…" not in shown(client, page)
            assert "Bỏ qua" not in shown(client, page)


# Told at once


def test_an_open_home_page_hears_of_a_proposal_and_of_its_end(client: FlaskClient, outside: Outside):
    seen = pictures(client)
    assert "Cảnh báo chờ" not in next(seen)
    first = outside.proposes().id
    assert f'href="{PAGE}{first}"' in next(seen)
    outside.proposes("Mưa to trong đêm")
    assert "và 1 cảnh báo nữa" in next(seen)
    post(client, f"{PAGE}{first}/bo-qua", PAGE)
    assert "cảnh báo nữa" not in next(seen)


def test_of_several_proposals_the_worst_is_told_first_and_exercises_last(client: FlaskClient, outside: Outside):
    titles = ["Gió giật", "Mưa to", "Tập sơ tán"]
    outside.feeds(titles[0], severity=Severity.SEVERE)
    outside.proposes(titles[2], status=Status.EXERCISE)
    outside.proposes(titles[1])
    page = shown(client)
    assert sorted(titles, key=page.index) == titles
    assert titles[0] in shown(client, "/") and titles[1] not in shown(client, "/")


# The path


def test_who_is_not_enrolled_is_told_that_nothing_comes(client: FlaskClient):
    page = shown(client)
    assert "Đài chưa ghi danh với tỉnh nên không nhận tin khẩn của tỉnh." in page
    assert "Ai được gửi" not in page


def test_the_path_is_told_as_it_is(client: FlaskClient, home: Home, outside: Outside):
    assert "chưa nghe: máy phát không chạy" in shown(client)
    connected(home)
    outside.sends("Thử", status=Status.TEST)
    page = shown(client)
    for told in ("nối thẳng với tỉnh", "hôm nay, lúc 16:08", "Nghe tin thử"):
        assert told in page
    connected(home, connected=False, broker="")
    assert "đài tự hỏi tỉnh mỗi phút" in shown(client)
    cut = Trouble(PATH, "Đường tới máy chủ tin khẩn của tỉnh bị ngắt.", "", "Xem lại đường mạng.")
    connected(home, connected=False, trouble=cut)
    page = shown(client)
    assert all(it in page for it in ("chưa nối thẳng được", cut.what, cut.mend))
    assert "Chưa lần nào" not in page
    connected(home, connected=False, since=SEEN - DAY, polled_at=SEEN - DAY, trouble=cut)
    assert "Tin khẩn của tỉnh không tới được đài từ 17:08 ngày 22/11/2026." in shown(client)


def test_a_path_that_nobody_heard_a_test_by_is_told(client: FlaskClient, home: Home, outside: Outside):
    outside.lets_send(outside.pctt, Sender("thu", "Máy thử đường truyền", key().public_key, None))
    connected(home)
    never = "Chưa lần nào nhận được tin thử đường truyền của tỉnh."
    assert never not in shown(client), "it was enrolled just now"
    two_days_ago = SEEN / 1_000 - 2 * DAY / 1_000
    os.utime(home.places.province / ENROLMENT, (two_days_ago, two_days_ago))
    assert never in shown(client)
    outside.sends("Thử", status=Status.TEST)
    assert never not in shown(client)


def test_who_may_send_and_the_rules_in_force_are_told(client: FlaskClient, home: Home, outside: Outside):
    with home.places.config.open("a") as file:
        file.write('[[alerts.rule]]\nfrom = "feed:khi-tuong"\nhours = "05:00-21:00"\ndoes = "note"\n')
    more = Sender("thu", "Máy thử đường truyền", key().public_key, None)
    area = Sender("thuy-van", "Trạm thủy văn", key().public_key, Severity.SEVERE, ("vung-ven-song",))
    outside.lets_send(outside.pctt, more, area)
    page = without_marks(shown(client))
    for told in (
        "Ban Chỉ huy PCTT tỉnh đến mức đặc biệt nghiêm trọng, cho cả tỉnh",
        "Máy thử đường truyền chỉ được gửi tin thử",
        "Trạm thủy văn đến mức nghiêm trọng, cho vùng ven-song",
        "Đài Khí tượng tỉnh, từ mức chưa rõ mức: chỉ ghi lại (05:00–21:00)",
        "mọi nơi gửi của tỉnh, từ mức nghiêm trọng: phát ngay",
        "còn lại: hỏi người trực",
    ):
        assert told in page, told


def test_feeds_are_told_as_they_are(client: FlaskClient, home: Home, outside: Outside):  # noqa: ARG001
    assert "chưa đọc lần nào" in shown(client)
    states = FeedStates(home.places.run)
    states.note("khi-tuong", FeedState(read_at=SEEN - 10 * MINUTE))
    assert "đọc 10 phút trước, lúc 16:58" in shown(client)
    states.note("khi-tuong", FeedState(trouble=Trouble("", "Nguồn tin trả lời quá chậm.")))
    assert "Nguồn tin trả lời quá chậm." in shown(client)


# What strangers send


def test_an_attack_is_seen_weighs_little_and_hides_nothing(client: FlaskClient, home: Home, outside: Outside):
    outside.forges()
    (refused,) = home.alerts.newest(1)
    alert = outside.sends().id
    light = len(client.get(PAGE).data)
    with home.engine.begin() as connection:
        for number in range(200):
            forged = evolve(refused, id=f"{number:016x}", received_at=SEEN + 1 + number)
            home.alerts.note(connection, forged)
    page = client.get(PAGE)
    assert f'id="tin-{alert}"' in page.text
    assert "Đã từ chối 100 bản tin" in page.text
    assert "và 80 bản tin cũ hơn" in page.text
    assert "gọi báo tỉnh theo số đã biết từ trước" in page.text
    assert "<details open" not in page.text
    assert len(page.data) < light + 20_000
    assert "từ chối" not in client.get("/").text, "it is no alarm"
    assert "Bản tin lạ" in client.get(f"{PAGE}{199:016x}").text


@pytest.mark.browser
def test_no_words_of_a_stranger_do_harm(open_context, outside: Outside):
    page = open_context().new_page()
    said: list[str] = []
    page.on("dialog", lambda it: (said.append(it.message), it.dismiss()))
    page.on("pageerror", lambda it: said.append(str(it)))
    for name, words in HOSTILE.items():
        told = {"headline": words, "description": words, "instruction": words, "event": words[:200]}
        alert = outside.feeds("x", **told).id if name == "markup" else outside.proposes("x", **told).id
        for address in (PAGE, PAGE + alert, f"{PAGE}{alert}/phat", "/"):
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, (name, address)
            assert page.evaluate("window.harmed") is None
            assert "49" not in page.locator("main h1, main h2").first.inner_text()
        page.goto(PAGE)
        card = page.locator(f"#tin-{alert}")
        assert card.bounding_box()["height"] < 500, name
        assert page.get_by_text("Đường tin khẩn").evaluate("it => getComputedStyle(it).direction") == "ltr"
        page.goto(PAGE + alert)
        page.get_by_role("button", name="Bỏ qua").click()
        expect(page.get_by_text("Đã bỏ qua tin này")).to_be_visible()
    assert said == []


# In a browser


@pytest.mark.browser
def test_the_list_is_renewed_and_nothing_moves_under_a_finger(open_context, outside: Outside):
    first = outside.proposes().id
    outside.forges()
    page = open_context().new_page()
    page.goto(PAGE)
    page.get_by_text("Đã từ chối 1 bản tin").click()
    button = page.get_by_role("link", name="Phát ngay…")
    element, before = button.element_handle(), button.evaluate(IN_PAGE)
    for _ in range(3):
        with page.expect_response(lambda it: it.url.endswith("/danh-sach")) as answer:
            pass
        answer.value.finished()
    assert page.evaluate("it => it.isConnected", element)
    assert button.evaluate(IN_PAGE) == before
    expect(page.get_by_text("Bản tin lạ")).to_be_visible()
    outside.sends("Tin mới đến")
    expect(page.get_by_text("Tin mới đến")).to_be_visible()
    assert button.evaluate(IN_PAGE) == before
    assert page.locator(f"#tin-{first}").count() == 1


@pytest.mark.browser
def test_a_proposal_is_dismissed_and_aired_without_script(open_context, outside: Outside, player):
    outside.proposes("Bỏ qua tin này")
    page = open_context(java_script_enabled=False).new_page()
    page.goto("/")
    page.get_by_role("link", name="Xem và quyết định").click()
    page.get_by_role("button", name="Bỏ qua").click()
    alert = outside.proposes().id
    page.goto("/")
    page.get_by_role("link", name="Xem và quyết định").click()
    page.get_by_role("link", name="Phát ngay…").click()
    page.get_by_role("button", name="Phát ngay").click()
    expect(page.get_by_text("Đã làm.")).to_be_visible()
    assert player["orders"] == [AirAlert(alert, "Lan")]


@pytest.mark.browser
def test_a_proposal_comes_to_an_open_page_and_is_aired_by_two_taps(tmp_path: Path, browser: Browser):
    office = Office(tmp_path / "tinh")
    with RunningStation(tmp_path / "tram", device="none") as station:
        office.let_in(station)
        phone = browser.new_context(
            viewport={"width": 360, "height": 740}, locale="vi-VN", has_touch=True
        ).new_page()
        phone.set_default_timeout(PATIENCE)
        with RunningPage(station.start()) as page:
            page.set_up(phone)
            expect(phone.get_by_text("Loa đang im")).to_be_visible()
            alert = _take(station, office)
            expect(phone.get_by_text("Cảnh báo chờ bạn quyết định")).to_be_visible(timeout=PATIENCE)
            phone.goto(page.address + PAGE)
            phone.get_by_role("link", name="Phát ngay…").tap()
            phone.get_by_role("button", name="Phát ngay").tap()
            phone.wait_for_url(f"{page.address}{PAGE}{alert}")
            expect(phone.get_by_text("Đang phát “Cảnh báo: Lũ đang lên nhanh”.")).to_be_visible(timeout=PATIENCE)
            on_air = station.status()["on_air"]
            assert on_air["key"].startswith(f"canh-bao/{alert}@")
            assert on_air["priority"] == "emergency"
            phone.goto(page.address)
            expect(phone.locator(".badge-air")).to_have_text("ĐANG PHÁT KHẨN CẤP", timeout=PATIENCE)
            expect(phone.get_by_text("Ban Chỉ huy PCTT tỉnh, có chữ ký")).to_be_visible()
            _stop(phone)
            phone.goto(f"{page.address}{PAGE}{alert}")
            expect(phone.get_by_text("Bị ngắt.")).to_be_visible()
        phone.context.close()


def _take(station: RunningStation, office: Office) -> str:
    """Have the station take a proposal, as its listener does."""
    alert = office.message(severity=Severity.MODERATE, description="Bà con ven sông lên chỗ cao. " * 8)
    inbox = Inbox(open_home(places(station.home)), Clock(always_trusted=True))
    try:
        assert inbox.take(office.seal(alert), "push").decision is Decision.PROPOSE
    finally:
        inbox.close()
    return alert.id


def _stop(phone: Page) -> None:
    phone.get_by_role("link", name="Dừng phát").click()
    phone.get_by_role("dialog").get_by_role("button", name="Dừng phát").click()
    expect(phone.get_by_text("Loa đang im")).to_be_visible(timeout=PATIENCE)
