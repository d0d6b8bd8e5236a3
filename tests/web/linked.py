"""A station that is enrolled with a province, and what it may know of the link."""

from attrs import evolve

from station.rules.enrolment import Enrolment
from station.rules.now import DAY, HOUR, MINUTE
from station.rules.trouble import Trouble
from station.stores.contact import Arriving, Contact, Contacts
from station.stores.enrolment import keep_enrolment
from station.stores.home import Home
from tests.web.states import SEEN

ENROLMENT = Enrolment(
    province="Tỉnh Hà Tĩnh",
    code="xa-huong-son",
    root="3f9ac01be4d277a0c1e5" + "0" * 44,
    root_version=1,
    trees=("https://loa.hatinh.example/",),
    reports="https://loa.hatinh.example/bao-cao/",
    token="bi-mat",
)
GOOD = Contact(
    tried_at=SEEN - 4 * MINUTE,
    good_at=SEEN - 4 * MINUTE,
    source="https://loa.hatinh.example/",
    signed_until=SEEN + 6 * DAY,
)
ARRIVING = evolve(
    GOOD,
    arriving=(
        Arriving("Thời sự tỉnh sáng 24/11", 1_840_000, 3_200_000),
        Arriving("Hướng dẫn gieo cấy vụ đông xuân cho các xã vùng núi", 0, 5_400_000),
    ),
    refused=(
        Trouble("tinh/ban-tin.opus", "Tệp này không có mã băm sha256.", "Đài bỏ qua tệp này.", "Báo cho tỉnh."),
    ),
)
_NO_WAY = "Đài không tìm được đường tới máy chủ của tỉnh: mất mạng, hoặc không tra được tên máy chủ."
_NO_NETWORK = Trouble(
    "https://loa.hatinh.example/",
    _NO_WAY,
    "Đài vẫn phát những gì đã có.",
    "Xem lại dây mạng, Wi-Fi hoặc SIM của đài; đài tự thử lại.",
)
BRIEFLY_CUT = evolve(GOOD, good_at=SEEN - 3 * HOUR, trouble=_NO_NETWORK)
LONG_CUT = evolve(GOOD, good_at=SEEN - 3 * DAY, trouble=_NO_NETWORK)
FORGED = evolve(
    GOOD,
    trouble=Trouble(
        "https://loa.hatinh.example/",
        "Chữ ký trên “timestamp.json” không phải của tỉnh: có người giả mạo, hoặc dữ liệu bị sửa trên đường.",
        "Đài vẫn phát những gì đã có.",
        "Đừng làm gì với đài; báo ngay cho tỉnh.",
    ),
    attack=True,
)


def enrol(home: Home, contact: Contact = GOOD) -> None:
    """Have the station enrolled, with that contact as its last."""
    keep_enrolment(home.places.province, ENROLMENT, b"{}")
    Contacts(home.places.run, home.places.province).note(contact)
