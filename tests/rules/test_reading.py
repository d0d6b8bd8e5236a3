"""A text is read as a Vietnamese announcer would read it."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.rules.compose import compose
from station.rules.reading import as_read
from station.rules.reading.numbers import whole
from station.rules.rundown import Programme, Say, Spoken
from station.rules.voice import Speaker, Voice

EXAMPLES = """
# whole numbers
0 | không
4 | bốn
14 | mười bốn
15 | mười lăm
21 | hai mươi mốt
24 | hai mươi tư
25 | hai mươi lăm
44 | bốn mươi tư
101 | một trăm linh một
104 | một trăm linh tư
105 | một trăm linh năm
110 | một trăm mười
1.005 | một nghìn không trăm linh năm
2026 | hai nghìn không trăm hai mươi sáu
1.000.005 | một triệu không trăm linh năm
1.005.000 | một triệu không trăm linh năm nghìn
12 345 678 | mười hai triệu ba trăm bốn mươi lăm nghìn sáu trăm bảy mươi tám
1,000,000 | một triệu
2.000.000.000 | hai tỷ
1.000.000.005 | một tỷ không trăm linh năm
3.000.000.000.000 | ba nghìn tỷ
05 hộ, 02 người | năm hộ, hai người
# decimals, parts, signs
1,5 | một phẩy năm
3,14 | ba phẩy mười bốn
0,05 | không phẩy không năm
1,125 | một phẩy một hai năm
1.250,75 | một nghìn hai trăm năm mươi phẩy bảy mươi lăm
phiên bản 2.0 | phiên bản hai chấm không
mục 1.2.3 | mục một chấm hai chấm ba
-5 độ | âm năm độ
20% và 1,5 % | hai mươi phần trăm và một phẩy năm phần trăm
5-7% | năm đến bảy phần trăm
5-7 ngày, 08-10 người | năm đến bảy ngày, tám đến mười người
10.000 - 20.000 đồng | mười nghìn đến hai mươi nghìn đồng
tỷ số 2-1 | tỷ số hai một
2/3 số hộ | hai phần ba số hộ
½ diện tích | một phần hai diện tích
3/4 | ba phần tư
45/50 phiếu | bốn mươi lăm trên năm mươi phiếu
trực 24/7 | trực hai mươi tư trên bảy
24/24h | hai mươi tư trên hai mươi tư giờ
tỷ lệ 1:500 | tỷ lệ một trên năm trăm
rộng 3x4 m | rộng ba nhân bốn mét
thôn 1, 2, 3 | thôn một, hai, ba
thôn 1,2,3 | thôn một, hai, ba
số nhà 12/5 | số nhà mười hai trên năm
# ordinals and Roman numerals
thứ 2, thứ 4 | thứ hai, thứ tư
thứ 2 - thứ 6 | thứ hai đến thứ sáu
lần thứ 1 | lần thứ nhất
Đại hội lần thứ I | Đại hội lần thứ nhất
lần thứ III | lần thứ ba
Điều IV | Điều bốn
thế kỷ XXI | thế kỷ hai mươi mốt
Khóa XV, kỳ họp thứ X | Khóa mười lăm, kỳ họp thứ mười
I. Tình hình | một. Tình hình
XỬ LÝ VI PHẠM | xử lý vi phạm
XI MĂNG giảm giá | xi măng giảm giá
# telephones and numbers of things
Gọi 0912 345 678. | Gọi không chín một hai, ba bốn năm, sáu bảy tám.
ĐT: 0912345678 | điện thoại: không chín một hai, ba bốn năm, sáu bảy tám
024.3825.5555 | không hai bốn, ba tám hai năm, năm năm năm năm
+84 912 345 678 | cộng tám bốn, chín một hai, ba bốn năm, sáu bảy tám
tổng đài 1900 1234 | tổng đài một chín không không, một hai ba bốn
gọi 114 hoặc 113 | gọi một một bốn hoặc một một ba
Gọi ngay số 114 lúc có cháy | Gọi ngay số một một bốn lúc có cháy
cấp cứu: 115 | cấp cứu: một một năm
Có 114 hộ nghèo. | Có một trăm mười bốn hộ nghèo.
xe cấp cứu chở 115 người | xe cấp cứu chở một trăm mười lăm người
CCCD 012345678901 | căn cước công dân không một hai ba bốn năm sáu bảy tám chín không một
# dates
26/11/2026 | ngày hai mươi sáu tháng mười một năm hai nghìn không trăm hai mươi sáu
ngày 26-11-2026 | ngày hai mươi sáu tháng mười một năm hai nghìn không trăm hai mươi sáu
2026-11-26 | ngày hai mươi sáu tháng mười một năm hai nghìn không trăm hai mươi sáu
Sáng 26/11 | Sáng ngày hai mươi sáu tháng mười một
tháng 11/2026 | tháng mười một năm hai nghìn không trăm hai mươi sáu
tháng 04/1975 | tháng tư năm một nghìn chín trăm bảy mươi lăm
ngày 2/9 | ngày mùng hai tháng chín
lễ 30/4 và 1/5 | lễ ba mươi tháng tư và ngày mùng một tháng năm
ngày 5 tháng 9 | ngày mùng năm tháng chín
mùng 1 tháng 4 | mùng một tháng tư
từ ngày 26-28/11 | từ ngày hai mươi sáu đến ngày hai mươi tám tháng mười một
từ 5/11 - 7/11 | từ ngày mùng năm tháng mười một đến ngày mùng bảy tháng mười một
ngày 15-10 | ngày mười lăm tháng mười
uống ngày 2 lần | uống ngày hai lần
# times
17:30 | mười bảy giờ ba mươi phút
17h30 | mười bảy giờ ba mươi phút
5h | năm giờ
05:00 | năm giờ
lúc 5h05 | lúc năm giờ năm phút
17 giờ 30 | mười bảy giờ ba mươi phút
7 giờ 30 phút | bảy giờ ba mươi phút
17h00-18h30 | mười bảy giờ đến mười tám giờ ba mươi phút
22h-5h | hai mươi hai giờ đến năm giờ
# money
50.000 đ | năm mươi nghìn đồng
50.000đ | năm mươi nghìn đồng
1,5 triệu đồng | một phẩy năm triệu đồng
20 USD, $20 | hai mươi đô la Mỹ, hai mươi đô la
500k | năm trăm nghìn
15.000 đ/kg | mười lăm nghìn đồng một ki lô gam
5 triệu đồng/người/tháng | năm triệu đồng một người một tháng
# units
12 km, 5 km², 15 m³ | mười hai ki lô mét, năm ki lô mét vuông, mười lăm mét khối
2,5ha, 3 kg, 20 mm, 5l | hai phẩy năm héc ta, ba ki lô gam, hai mươi mi li mét, năm lít
35°C, 39,5 ºC | ba mươi lăm độ xê, ba mươi chín phẩy năm độ xê
60 km/h | sáu mươi ki lô mét trên giờ
100 kWh, 220V | một trăm ki lô oát giờ, hai trăm hai mươi vôn
200 nghìn m3 | hai trăm nghìn mét khối
3 lần/ngày | ba lần một ngày
người/km² | người một ki lô mét vuông
# laws and papers
Nghị định số 15/2020/NĐ-CP | Nghị định số mười lăm năm hai nghìn không trăm hai mươi của chính phủ
Nghị định 1/2020/NĐ-CP của Chính phủ | Nghị định một năm hai nghìn không trăm hai mươi của Chính phủ
Thông tư 39/2020/TT-BTTTT | Thông tư ba mươi chín năm hai nghìn không trăm hai mươi của bộ thông tin và truyền thông
Quyết định 1234/QĐ-UBND | Quyết định một nghìn hai trăm ba mươi tư của ủy ban nhân dân
Căn cứ 15/2020/NĐ-CP | Căn cứ nghị định số mười lăm năm hai nghìn không trăm hai mươi của chính phủ
Số: 15/TB-UBND | Số: mười lăm thông báo của ủy ban nhân dân
Nghị quyết 18-NQ/TW | Nghị quyết mười tám của trung ương
Luật số 59/2020/QH14 | Luật số năm mươi chín năm hai nghìn không trăm hai mươi của quốc hội khóa mười bốn
# abbreviations
UBND và HĐND xã | ủy ban nhân dân và hội đồng nhân dân xã
MTTQ, HTX, ĐBQH, TW | mặt trận tổ quốc, hợp tác xã, đại biểu quốc hội, trung ương
TP.HCM, TP. Huế, TP Vinh | thành phố Hồ Chí Minh, thành phố Huế, thành phố Vinh
Trường THCS, THPT, trường TH | Trường trung học cơ sở, trung học phổ thông, trường tiểu học
BHYT, BHXH, CCCD | bảo hiểm y tế, bảo hiểm xã hội, căn cước công dân
CSGT và PCCC&CNCH | cảnh sát giao thông và phòng cháy chữa cháy và cứu nạn cứu hộ
BCH Đảng bộ, BTV | ban chấp hành Đảng bộ, ban thường vụ
BCH Quân sự xã | ban chỉ huy Quân sự xã
TT Y tế | trung tâm y tế
Q.1, P.5, Q. Tân Bình | quận một, phường năm, quận Tân Bình
x. Hương Sơn, H. Củ Chi, T. Nghệ An | xã Hương Sơn, huyện Củ Chi, tỉnh Nghệ An
ông Nguyễn T. Hoa | ông Nguyễn tê. Hoa
v/v họp, đ/c Nam, v.v. | về việc họp, đồng chí Nam, vân vân
ubnd xã, tp hcm | ủy ban nhân dân xã, thành phố Hồ Chí Minh
VTV, VOV, XHTD | vê tê vê, vê ô vê, ích xì hát tê dê
THÔNG BÁO CỦA UBND XÃ | thông báo của ủy ban nhân dân xã
Nguyễn Văn A, điểm B | Nguyễn Văn a, điểm bê
vitamin C, A4, QL1A, 5G | vi ta min xê, a bốn, quốc lộ một a, năm giê
COVID-19, H5N1 | cô vít mười chín, hát năm en nờ một
# addresses and signs
www.vtv.vn | vê tê vê chấm vê en nờ
https://huongson.gov.vn/tin?id=5. | huong son chấm giê ô vê chấm vê en nờ gạch chéo tin.
ubnd@huongson.vn | u bê en nờ dê a còng huong son chấm vê en nờ
An & Bình, 5 + 3 = 8 | An và Bình, năm cộng ba bằng tám
xã/phường, và/hoặc | xã hoặc phường, và hoặc
số #5 | số năm
nhóm Zalo, Facebook | nhóm da lô, phây búc
- Thôn Bắc | Thôn Bắc
từ 7h30 - 11h00 ngày 28/11 | từ bảy giờ ba mươi phút đến mười một giờ ngày hai mươi tám tháng mười một
15-20km/h. Lúc 5h | mười lăm đến hai mươi ki lô mét trên giờ. Lúc năm giờ
300mm/24h | ba trăm mi li mét trong hai mươi tư giờ
T2, T7, CN | thứ hai, thứ bảy, chủ nhật
Quý II/2026 | Quý hai năm hai nghìn không trăm hai mươi sáu
ĐỢT 2/2026 | đợt hai năm hai nghìn không trăm hai mươi sáu
tháng 5-7/2026 | tháng năm đến tháng bảy năm hai nghìn không trăm hai mươi sáu
biển số 90B1-123.45 | biển số chín mươi bê một một trăm hai mươi ba chấm bốn mươi lăm
Số tài khoản: 2600 2050 123 | Số tài khoản: hai sáu không không, hai không năm không, một hai ba
45/KH-UBND ngày 1/2 của UBND xã | kế hoạch số bốn mươi lăm ngày mùng một tháng hai của ủy ban nhân dân xã
đồng/kWh, 45 tạ/ha | đồng một ki lô oát giờ, bốn mươi lăm tạ một héc ta
Công ty CP và Cty TNHH MTV | Công ty cổ phần và công ty trách nhiệm hữu hạn một thành viên
Mời họp 😀 ngay!!! | Mời họp ngay!
"""

TABLE = [line.split(" | ") for line in EXAMPLES.strip().splitlines() if not line.startswith("#")]

VIETNAMESE = st.text(
    st.sampled_from("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấốửABCDĐGHIVXTP0123456789 \n.,:;/-–()%°²³$@#&+=½"),
    max_size=60,
)
FRAGMENTS = st.lists(
    st.sampled_from([line[0] for line in TABLE] + ["-", " ", "/", ",", ". ", "\n", "ngày ", "số ", "km", "đ"]),
    max_size=6,
).map("".join)


@pytest.mark.parametrize(("written", "read"), TABLE, ids=[line[0] for line in TABLE])
def test_reads_as_an_announcer_does(written: str, read: str) -> None:
    assert as_read(written, {}) == read
    assert as_read(read, {}) == read


@given(st.text(max_size=80) | VIETNAMESE | FRAGMENTS)
def test_only_words_and_stops_are_left(text: str) -> None:
    for letter in as_read(text, {}):
        latin = letter.isalpha() and "LATIN" in unicodedata.name(letter)
        assert latin or letter in ".,;:!?()\"'“”‘’-–— \n", letter


@given(st.integers(0, 10**15))
def test_every_number_has_words_of_its_own(number: int) -> None:
    dotted = f"{number:,}".replace(",", ".")
    assert as_read(dotted, {}) == whole(number)
    assert whole(number) != whole(number + 1)


@given(st.text("0123456789", min_size=9, max_size=11).map("0".__add__))
def test_a_telephone_number_is_said_digit_by_digit(digits: str) -> None:
    names = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]
    said = as_read(f"Gọi {digits} nhé", {}).replace(",", "").split()[1:-1]
    assert "".join(str(names.index(word)) for word in said) == digits


def test_words_without_anything_to_change_stay() -> None:
    text = "Kính mời bà con đến dự. “Đúng giờ nhé!” (Nhớ mang ghế)\n\nXin cảm ơn: trưởng thôn."
    assert as_read(text, {}) == text


def test_letters_typed_in_two_halves_are_the_same() -> None:
    text = "UBND thị trấn, ngày 5/9, Krông Pắc"
    halves = unicodedata.normalize("NFD", text)
    readings = {"Krông Pắc": "cơ rông pắc"}
    assert as_read(halves, readings) == as_read(text, readings)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Krông Pắc và krông pắc", "cơ rông pắc và krông pắc"),  # it holds a capital: as it is written only
        ("Loa, loa và loang", "cái loa, cái loa và loang"),  # it holds none: any case; whole words
        ("UBND xã", "u ban xã"),  # over what is known
        ("5 km² và 5 km", "năm cây số vuông và năm ki lô mét"),
        ("24/7", "suốt ngày đêm"),
        ("- Krông Pắc - thôn 5", "cơ rông pắc - thôn năm"),
        ("TP. HCM", "sài gòn"),  # the longer one first
    ],
)
def test_the_station_s_own_readings_win(written: str, read: str) -> None:
    dictionary = {
        "Krông Pắc": "cơ rông pắc",
        "loa": "cái loa",
        "UBND": "u ban",
        "km²": "cây số vuông",
        "24/7": "suốt ngày đêm",
        "TP.": "tê pê",
        "TP. HCM": "sài gòn",
    }
    assert as_read(written, dictionary) == read


@given(
    st.dictionaries(st.text(min_size=1, max_size=4).filter(str.strip), st.just("chữ khác"), max_size=4), VIETNAMESE
)
def test_any_dictionary_leaves_words_only(dictionary: dict[str, str], text: str) -> None:
    assert not re.search(r"[\d%@#&+=/]", as_read(text, dictionary))


def spoken(speaker: Speaker) -> Programme:
    return compose([Say("Mời họp ở Krông Pắc.")], [], 0, speaker=speaker)


def test_another_voice_speed_or_reading_makes_another_tape() -> None:
    digests = {
        spoken(it).digest
        for it in (
            Speaker(),
            Speaker(Voice("nam")),
            Speaker(Voice(speed=120)),
            Speaker(dictionary={"Krông Pắc": "cơ rông pắc"}),
        )
    }
    assert len(digests) == 4
    assert spoken(Speaker()).digest == spoken(Speaker(dictionary={"khác": "lạ"})).digest
    (part,) = spoken(Speaker(Voice(speed=300))).parts
    assert isinstance(part, Spoken)
    assert part.length == pytest.approx(spoken(Speaker()).length / 2, abs=1)
