"""Draws the wiring of docs/wiring.md and of the handbook: `python -m tests.wiring_drawings` makes the files anew.

As wide as a phone, black on white for print, labelled in Vietnamese for who wires by them. Pins are the 40 of the
Raspberry Pi's header, GPIO go by their Broadcom numbers.
"""

from collections.abc import Mapping
from html import escape
from pathlib import Path

from station.rules.header import HEADER, HIGH_AT_BOOT, I2S, RELAYS, SPARED, pin

DOCS = Path(__file__).parents[1] / "docs"
WIRING = DOCS / "wiring"

# What docs/wiring.md advises beside relays, by zone.
FEEDBACKS = (5, 6, 4, 7, 8, 11, 18, 19)
PANEL = {22: "đèn báo", 23: "nút dừng", 24: "nút khẩn cấp", 25: "nút nói"}

_WIDTH = 420
_SMALL, _USUAL, _LARGE = 12, 14, 17
_ROW = 68


class Sheet:
    """A white sheet to draw on; x to the right, y downwards, both in pixels of a phone that is 420 wide."""

    def __init__(self, title: str, height: int) -> None:
        self._title, self._height = title, height
        self._drawn: list[str] = []
        self.text(_WIDTH / 2, 24, title, size=_LARGE, bold=True)

    @property
    def svg(self) -> str:
        """The sheet as a file."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {self._height}" '
            f'width="{_WIDTH * 3 // 2}" height="{self._height * 3 // 2}" role="img" '
            f'font-family="Arial, Helvetica, sans-serif" stroke-width="1.6" stroke-linecap="round">'
        )
        white = '<rect width="100%" height="100%" fill="#fff"/>'
        return "\n".join([head, f"<title>{escape(self._title)}</title>", white, *self._drawn, "</svg>\n"])

    def text(  # noqa: PLR0913 - how a line of words may look
        self, x: float, y: float, words: str, *, size: int = _USUAL, at: str = "middle", bold: bool = False
    ) -> None:
        """A line of words whose foot is at y; `at` is the end that x names: start, middle or end."""
        weight = ' font-weight="bold"' if bold else ""
        self._drawn.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{at}"{weight}>{escape(words)}</text>'
        )

    def lines(self, x: float, y: float, *words: str, size: int = _SMALL, at: str = "start") -> None:
        """Several lines of words, one below the other."""
        for number, line in enumerate(words):
            self.text(x, y + number * (size + 4), line, size=size, at=at)

    def wire(self, *points: tuple[float, float], dashed: bool = False, width: float = 1.6) -> None:
        """A wire from point to point."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        dashes = ' stroke-dasharray="5 4"' if dashed else ""
        self._drawn.append(
            f'<polyline points="{path}" fill="none" stroke="#000" stroke-width="{width:g}"{dashes}/>'
        )

    def box(self, x: float, y: float, width: float, height: float, *words: str, fill: str = "#fff") -> None:
        """A thing that is not drawn out, with its name in the middle: the first line in bold."""
        self._drawn.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="3" fill="{fill}" stroke="#000"/>'
        )
        top = y + height / 2 - (len(words) - 1) * 8 + 5
        for number, line in enumerate(words):
            self.text(x + width / 2, top + number * 16, line, size=_SMALL if number else _USUAL, bold=not number)

    def shape(self, *points: tuple[float, float], fill: str = "#000") -> None:
        """A closed shape."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        self._drawn.append(f'<polygon points="{path}" fill="{fill}" stroke="#000"/>')

    def circle(self, x: float, y: float, radius: float, fill: str = "#000") -> None:
        """A circle: filled and small, it joins wires."""
        self._drawn.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}" stroke="#000"/>')

    def joint(self, *points: tuple[float, float]) -> None:
        """Where wires are joined."""
        for x, y in points:
            self.circle(x, y, 3)

    def place(self, x: float, y: float, letter: str) -> None:
        """A place to measure at, which the checklist names by its letter."""
        self.circle(x, y, 10)
        style = 'font-size="14" font-weight="bold" text-anchor="middle" fill="#fff"'
        self._drawn.append(f'<text x="{x:g}" y="{y + 5:g}" {style}>{letter}</text>')

    def upright(self, x: float, y: float, *, height: float = 28, fuse: bool = False) -> None:
        """A resistor, or a fuse, in an upright wire; y is its upper end."""
        self.box(x - 5, y, 10, height)
        if fuse:
            self.wire((x, y), (x, y + height))

    def lying(self, x: float, y: float) -> None:
        """A resistor in a lying wire; x is its left end."""
        self.box(x, y - 5, 28, 10)

    def coil(self, x: float, y: float) -> None:
        """A coil in an upright wire, 34 high; y is its upper end."""
        self.box(x - 18, y, 36, 34)
        self.wire((x - 18, y + 34), (x + 18, y))

    def contact(self, x: float, y: float) -> None:
        """A contact that is open at rest, in an upright wire, 34 high; y is its upper end."""
        self.wire((x, y), (x, y + 8))
        self.wire((x, y + 34), (x, y + 26), (x - 11, y + 7))

    def diode(self, x: float, y: float, *, up: bool = True, light: bool = False) -> None:
        """A diode in an upright wire, 18 high; y is its upper end, where its cathode is if it lets current `up`."""
        tip, foot = (y, y + 18) if up else (y + 18, y)
        self.shape((x, tip), (x - 9, foot), (x + 9, foot), fill="#fff" if light else "#000")
        self.wire((x - 9, tip), (x + 9, tip), width=2.4)
        if light:
            for down in (2, 9):
                self.wire((x + 13, y + down + 4), (x + 21, y + down - 2))
                self.shape((x + 24, y + down - 4), (x + 18, y + down - 3), (x + 21, y + down + 1))

    def ground(self, x: float, y: float, words: str = "") -> None:
        """The Pi's ground, at the end of a wire."""
        for number, half in enumerate((10, 6.5, 3)):
            self.wire((x - half, y + number * 4), (x + half, y + number * 4))
        if words:
            self.text(x, y + 22, words, size=_SMALL)


def header_map() -> Sheet:
    """All forty pins: what each is at power on, and what it is used for."""
    sheet = Sheet("Hàng chân của Pi lúc mới có điện", 680)
    sheet.lines(
        14,
        46,
        "Nhìn từ trên, chân 1 ở góc có ô vuông. Số trong ô: chân.",
        "Số sau chữ GPIO: số ghi trong cài đặt (BCM).",
    )
    for number, name in enumerate(HEADER):
        right, row = number % 2, number // 2
        x, y = (214 if right else 184), 78 + row * 25
        sheet.box(x, y, 26, 22, fill="#fff" if isinstance(name, int) else "#ddd")
        sheet.text(x + 13, y + 16, str(number + 1), size=_SMALL)
        end, at = (268, "start") if right else (156, "end")
        if isinstance(name, str):
            sheet.text(end - 20 if right else end + 20, y + 16, name, size=_SMALL, at=at)
            continue
        _level(sheet, 254 if right else 170, y + 11, high=name in HIGH_AT_BOOT)
        sheet.text(end, y + 16, f"GPIO{name} {_use(name)}", size=_SMALL, at=at, bold=name in RELAYS)
    _level(sheet, 24, 600, high=True)
    sheet.text(40, 605, "kéo lên 3,3 V lúc mới có điện: đừng nối rơ-le bật mức cao", size=_SMALL, at="start")
    _level(sheet, 24, 622, high=False)
    sheet.text(40, 627, "kéo xuống 0 V lúc mới có điện: chỗ của rơ-le bật mức cao", size=_SMALL, at="start")
    sheet.lines(14, 648, "✕ đừng dùng.  * Có cạc tiếng cắm trên hàng chân (I²S) thì", "không dùng GPIO18–21.")
    return sheet


def _level(sheet: Sheet, x: float, y: float, *, high: bool) -> None:
    if high:
        sheet.shape((x, y - 7), (x - 7, y + 6), (x + 7, y + 6))
    else:
        sheet.shape((x, y + 7), (x - 7, y - 6), (x + 7, y - 6), fill="#fff")


def _use(gpio: int) -> str:
    if gpio in SPARED:
        return f"✕ {SPARED[gpio]}"
    star = " *" if gpio in I2S else ""
    if gpio in RELAYS:
        return f"cụm {RELAYS.index(gpio) + 1}"
    if gpio in FEEDBACKS:
        return f"báo về {FEEDBACKS.index(gpio) + 1}{star}"
    return PANEL.get(gpio, f"trống{star}")


def one_zone() -> Sheet:
    """One zone drawn out, from the pin to the horn, with the places to measure at."""
    sheet = Sheet("Một cụm loa, từ chân Pi đến loa", 690)
    sheet.wire((206, 40), (206, 676), dashed=True)
    sheet.text(100, 50, "ĐIỆN ÁP THẤP", size=_SMALL, bold=True)
    sheet.text(314, 50, "220 V~ · THỢ ĐIỆN ĐẤU", size=_SMALL, bold=True)
    _control(sheet)
    _mains(sheet)
    _sound(sheet)
    return sheet


def _control(sheet: Sheet) -> None:
    sheet.box(14, 60, 146, 66)
    sheet.text(87, 80, "Raspberry Pi", bold=True)
    sheet.lines(52, 102, "GPIO17", "chân 11", at="middle")
    sheet.lines(122, 102, "GND", "chân 9", at="middle")
    sheet.wire((52, 126), (52, 196))
    sheet.wire((122, 126), (122, 196))
    sheet.wire((52, 160), (122, 160))
    sheet.lying(73, 160)
    sheet.joint((52, 160), (122, 160))
    sheet.text(87, 180, "10 kΩ", size=_SMALL)
    sheet.place(28, 160, "A")
    sheet.box(14, 196, 146, 106)
    sheet.text(52, 212, "IN", size=_SMALL)
    sheet.text(122, 212, "GND", size=_SMALL)
    sheet.text(87, 233, "Mạch rơ-le", bold=True)
    sheet.text(87, 250, "bật mức cao (H)", size=_SMALL)
    sheet.wire((52, 302), (52, 274), (70, 274))
    sheet.wire((70, 274), (100, 262))
    sheet.wire((104, 274), (122, 274), (122, 302))
    sheet.text(34, 297, "COM", size=_SMALL)
    sheet.text(140, 297, "NO", size=_SMALL)
    sheet.wire((160, 226), (176, 226))
    sheet.text(164, 220, "+5 V", size=_SMALL, at="start")
    sheet.lines(164, 244, "nguồn", "riêng,", "cầu", "chì", "0,5 A", at="start")
    sheet.wire((52, 302), (52, 374))
    sheet.upright(52, 320, fuse=True)
    sheet.lines(10, 332, "cầu", "chì", "1 A")
    sheet.box(14, 374, 64, 56, "24 V =", "nguồn")
    sheet.text(62, 370, "+", size=_USUAL, bold=True)
    sheet.wire((122, 302), (122, 346))
    sheet.coil(122, 346)
    sheet.wire((122, 380), (122, 414), (78, 414))
    sheet.text(98, 430, "0 V", size=_SMALL)
    sheet.wire((122, 332), (178, 332), (178, 352))
    sheet.diode(178, 354)
    sheet.wire((178, 372), (178, 396), (122, 396))
    sheet.joint((122, 332), (122, 396))
    sheet.lines(130, 412, "1N4007,", "vạch về", "phía +")
    sheet.text(96, 345, "K1", bold=True)
    sheet.place(96, 318, "B")


def _mains(sheet: Sheet) -> None:
    sheet.text(252, 72, "L", bold=True)
    sheet.text(312, 72, "N", bold=True)
    sheet.text(400, 72, "PE", bold=True)
    for x in (252, 312):
        sheet.wire((x, 76), (x, 346))
        sheet.contact(x, 346)
        sheet.wire((x, 380), (x, 436))
    sheet.wire((140, 363), (306, 363), dashed=True)
    sheet.wire((400, 76), (400, 640))
    sheet.box(224, 86, 158, 40, "Chống sét nguồn", "loại 2, ở cửa vào")
    sheet.wire((382, 106), (400, 106))
    sheet.wire((312, 140), (322, 140))
    sheet.wire((252, 150), (322, 150))
    sheet.joint((312, 140), (252, 150))
    sheet.lines(326, 140, "→ nguồn Pi,", "RCBO riêng")
    sheet.box(224, 164, 158, 40, "Cầu dao", "“TẮT TĂNG ÂM”")
    sheet.box(224, 216, 158, 40, "Chống giật 30 mA", "(RCD)")
    sheet.box(224, 268, 158, 40, "Aptomat loại C", "2 cực, mỗi tăng âm một")
    sheet.lines(326, 352, "Contactor", "K1")
    sheet.place(342, 398, "C")
    sheet.wire((312, 398), (332, 398))
    sheet.box(224, 436, 158, 56, "Tăng âm")
    sheet.wire((382, 464), (400, 464))
    sheet.joint((400, 106), (400, 464))


def _sound(sheet: Sheet) -> None:
    sheet.box(14, 452, 72, 40, "Cạc tiếng", "USB")
    sheet.box(104, 452, 92, 40, "Biến áp âm", "1:1, chống ù")
    sheet.wire((86, 472), (104, 472))
    sheet.wire((196, 472), (224, 472))
    sheet.wire((50, 492), (50, 514))
    sheet.lines(14, 530, "USB đến Pi. Dây tiếng có bọc,", "đi xa dây 220 V.")
    for x in (272, 302):
        sheet.wire((x, 492), (x, 600))
    sheet.text(314, 511, "70/100 V", size=_SMALL, at="start")
    sheet.box(224, 528, 158, 40, "Chống sét đường loa", "ở cửa vào tủ")
    sheet.wire((382, 548), (400, 548))
    sheet.joint((400, 548))
    sheet.place(342, 588, "E")
    sheet.wire((302, 588), (332, 588))
    sheet.box(258, 600, 30, 34)
    sheet.shape((288, 606), (322, 594), (322, 640), (288, 628), fill="#fff")
    sheet.wire((302, 600), (302, 601))
    sheet.text(290, 660, "loa nén", size=_SMALL)
    sheet.ground(400, 640)
    sheet.text(412, 668, "tiếp đất", size=_SMALL, at="end")
    sheet.place(378, 626, "D")
    sheet.lines(
        14,
        580,
        "Chỗ đo:",
        "A  chân Pi: 0 V khi chưa phát",
        "B  ra rơ-le: 0 V khi chưa phát",
        "C  sau contactor: mất điện khi tắt",
    )
    sheet.lines(14, 644, "D  điện trở tiếp đất", "E  cách điện đường loa")


def zones(count: int) -> Sheet:
    """So many zones, a row each."""
    last = 102 + (count - 1) * _ROW
    sheet = Sheet(f"{count} cụm loa", last + 156)
    sheet.box(10, 44, 92, last + 4)
    sheet.text(56, 62, "Raspberry Pi", size=_SMALL, bold=True)
    sheet.box(162, 44, 70, last + 4)
    sheet.text(197, 62, "Mạch rơ-le", size=_SMALL, bold=True)
    sheet.wire((243, 36), (243, last + 48), dashed=True)
    sheet.text(326, 46, "220 V~", size=_SMALL, bold=True)
    sheet.text(326, 62, "sau cầu dao và chống giật", size=_SMALL)
    sheet.wire((410, 70), (410, last - 12))
    for number, gpio in enumerate(RELAYS[:count]):
        _row(sheet, 102 + number * _ROW, number + 1, gpio)
    sheet.lines(
        10,
        last + 74,
        "Mỗi chân một điện trở 10 kΩ xuống GND. GND chung về chân 39.",
        "Nguồn 5 V riêng cho rơ-le, mỗi cuộn khoảng 70 mA: cầu chì 1 A.",
        "INn đóng COMn–NOn: +24 V vào cuộn hút Kn, mỗi cuộn một đi-ốt.",
        "C: aptomat loại C, hai cực, mỗi tăng âm một cái.",
        "Báo về qua quang, xem hình “Tăng âm báo về đã bật”.",
    )
    return sheet


def _row(sheet: Sheet, y: float, zone: int, gpio: int) -> None:
    sheet.text(56, y, f"GPIO{gpio}", bold=True)
    sheet.text(56, y + 15, f"chân {pin(gpio)}", size=_SMALL)
    sheet.wire((102, y), (162, y))
    sheet.wire((126, y), (126, y + 6))
    sheet.upright(126, y + 6, height=20)
    sheet.wire((126, y + 26), (126, y + 32))
    sheet.ground(126, y + 32)
    sheet.joint((126, y), (410, y - 12))
    sheet.text(134, y + 21, "10k", size=_SMALL, at="start")
    sheet.text(197, y + 5, f"IN{zone} → NO{zone}", size=10)
    sheet.wire((232, y), (254, y))
    sheet.box(254, y - 22, 44, 44, f"K{zone}")
    sheet.wire((298, y - 12), (410, y - 12))
    sheet.box(340, y - 22, 26, 20, "C")
    sheet.wire((298, y + 12), (312, y + 12))
    sheet.box(312, y + 1, 90, 22, f"Tăng âm {zone}")
    back = FEEDBACKS[zone - 1]
    sheet.text(404, y + 37, f"báo về: GPIO{back}, chân {pin(back)}", size=10, at="end")


def inputs() -> Sheet:
    """A board that switches on by a high level and one by a low level, with the resistor that holds each off."""
    sheet = Sheet("Điện trở giữ rơ-le nhả", 640)
    _high_input(sheet)
    sheet.wire((14, 276), (406, 276), dashed=True)
    _low_input(sheet)
    return sheet


def _high_input(sheet: Sheet) -> None:
    sheet.text(14, 54, "① Rơ-le bật ở mức cao: điện trở xuống GND", at="start", bold=True)
    sheet.text(14, 72, "active_high = true, chân 9–27", size=_SMALL, at="start")
    sheet.box(14, 86, 90, 150, "Pi")
    sheet.box(282, 86, 124, 150)
    sheet.text(344, 104, "Mạch rơ-le", bold=True)
    sheet.lines(344, 122, "cầu chọn H", at="middle")
    sheet.wire((104, 130), (282, 130))
    sheet.wire((104, 212), (282, 212))
    sheet.text(98, 135, "GPIO17", size=_SMALL, at="end")
    sheet.text(98, 217, "GND", size=_SMALL, at="end")
    sheet.text(288, 125, "IN", size=_SMALL, at="start")
    sheet.text(288, 228, "GND", size=_SMALL, at="start")
    sheet.wire((192, 130), (192, 157))
    sheet.upright(192, 157)
    sheet.wire((192, 185), (192, 212))
    sheet.joint((192, 130), (192, 212))
    sheet.text(204, 176, "10 kΩ", at="start")
    sheet.wire((282, 130), (360, 130), (360, 160))
    sheet.upright(360, 136, height=18)
    sheet.diode(360, 160, up=False, light=True)
    sheet.wire((360, 178), (360, 212), (282, 212))
    sheet.lines(318, 196, "quang")
    sheet.lines(14, 258, "Chân thả nổi: IN bằng 0 V, rơ-le nhả. Nguồn cuộn 5 V để riêng.")


def _low_input(sheet: Sheet) -> None:
    sheet.text(14, 304, "② Rơ-le bật ở mức thấp: điện trở lên 3,3 V", at="start", bold=True)
    sheet.text(14, 322, "active_high = false, tháo cầu nối JD-VCC", size=_SMALL, at="start")
    sheet.box(14, 336, 90, 190, "Pi")
    sheet.box(262, 336, 144, 190)
    sheet.text(344, 354, "Mạch rơ-le", bold=True)
    sheet.text(98, 385, "3,3 V", size=_SMALL, at="end")
    sheet.text(98, 473, "GPIO5", size=_SMALL, at="end")
    sheet.text(98, 511, "GND", size=_SMALL, at="end")
    sheet.wire((104, 380), (336, 380), (336, 388))
    sheet.text(268, 375, "VCC", size=_SMALL, at="start")
    sheet.upright(336, 388, height=24)
    sheet.text(346, 404, "1 kΩ", size=_SMALL, at="start")
    sheet.wire((336, 412), (336, 424))
    sheet.diode(336, 424, up=False, light=True)
    sheet.lines(310, 436, "quang", at="end")
    sheet.wire((336, 442), (336, 468), (104, 468))
    sheet.text(268, 484, "IN", size=_SMALL, at="start")
    sheet.wire((182, 380), (182, 410))
    sheet.upright(182, 410)
    sheet.wire((182, 438), (182, 468))
    sheet.joint((182, 380), (182, 468))
    sheet.text(194, 429, "10 kΩ", at="start")
    sheet.wire((406, 490), (414, 490), (414, 544), (330, 544))
    sheet.text(400, 495, "JD-VCC", size=_SMALL, at="end")
    sheet.wire((262, 512), (240, 512), (240, 544), (262, 544))
    sheet.text(268, 517, "GND", size=_SMALL, at="start")
    sheet.text(296, 549, "5 V riêng", size=_SMALL)
    sheet.lines(
        14,
        572,
        "GND của Pi không nối sang mạch này: hai bên cách ly bằng quang.",
        "Chân thả nổi: IN bằng VCC, đèn quang tắt, rơ-le nhả.",
        "Cấm nối VCC với 5 V khi IN nối chân Pi: 5 V chạy ngược vào Pi.",
        "Đo: rơ-le phải hút chắc ở 3,3 V. Không hút chắc: dùng mạch kiểu ①.",
    )


def coils() -> Sheet:
    """What takes the spark of a coil: a diode for DC, RC for AC."""
    sheet = Sheet("Dập xung cuộn hút contactor", 452)
    sheet.text(14, 54, "① Cuộn 24 V một chiều: đi-ốt", at="start", bold=True)
    sheet.wire((60, 84), (280, 84))
    sheet.text(34, 89, "+24 V", size=_SMALL)
    sheet.text(96, 74, "từ tiếp điểm NO của rơ-le", size=_SMALL, at="start")
    sheet.wire((60, 172), (280, 172))
    sheet.text(34, 177, "0 V", size=_SMALL)
    sheet.wire((180, 84), (180, 110))
    sheet.coil(180, 110)
    sheet.wire((180, 144), (180, 172))
    sheet.text(152, 132, "K1", at="end", bold=True)
    sheet.wire((280, 84), (280, 119))
    sheet.diode(280, 119)
    sheet.wire((280, 137), (280, 172))
    sheet.joint((180, 84), (180, 172))
    sheet.text(190, 104, "A1", size=_SMALL, at="start")
    sheet.text(190, 162, "A2", size=_SMALL, at="start")
    sheet.lines(300, 118, "1N4007", "vạch (ca-tốt)", "về phía +")
    sheet.lines(14, 204, "Lắp ngược là chập nguồn: cầu chì 24 V đứt. Thử trước khi đóng điện.")

    sheet.wire((14, 222), (406, 222), dashed=True)
    sheet.text(14, 250, "② Cuộn 220 V xoay chiều: RC, không bao giờ đi-ốt", at="start", bold=True)
    sheet.wire((60, 280), (370, 280))
    sheet.text(34, 285, "L", size=_SMALL)
    sheet.wire((60, 376), (370, 376))
    sheet.text(34, 381, "N", size=_SMALL)
    sheet.wire((130, 280), (130, 310))
    sheet.coil(130, 310)
    sheet.wire((130, 344), (130, 376))
    sheet.text(104, 332, "K1", at="end", bold=True)
    sheet.wire((220, 280), (220, 288))
    sheet.upright(220, 288)
    sheet.wire((220, 316), (220, 336))
    sheet.wire((208, 336), (232, 336), width=2.4)
    sheet.wire((208, 343), (232, 343), width=2.4)
    sheet.wire((220, 343), (220, 376))
    sheet.lines(240, 306, "100 Ω", size=_SMALL)
    sheet.lines(240, 344, "0,1 µF loại X2", size=_SMALL)
    sheet.wire((370, 280), (370, 314))
    sheet.upright(370, 314)
    sheet.wire((358, 346), (382, 310))
    sheet.wire((370, 342), (370, 376))
    sheet.lines(352, 306, "hoặc", "275 V~", at="end")
    sheet.joint((130, 280), (130, 376), (220, 280), (220, 376))
    sheet.lines(
        14,
        404,
        "Lắp ngay ở A1–A2 của cuộn, không lắp qua tiếp điểm.",
        "Tốt nhất là khối dập xung của chính hãng contactor.",
        "220 V không vào mạch rơ-le của Pi: qua rơ-le trung gian 24 V.",
    )
    return sheet


def feedback() -> Sheet:
    """The amplifier says that it is up, by light only."""
    sheet = Sheet("Tăng âm báo về đã bật", 366)
    sheet.text(34, 66, "+24 V", size=_SMALL)
    sheet.wire((56, 62), (110, 62), (110, 76))
    sheet.contact(110, 76)
    sheet.lines(126, 90, "tiếp điểm phụ của K1", "(13–14), hoặc tiếp điểm", "“sẵn sàng” của tăng âm")
    sheet.wire((110, 110), (110, 128))
    sheet.upright(110, 128)
    sheet.text(124, 147, "4,7 kΩ", at="start")
    sheet.wire((110, 156), (110, 190))
    sheet.diode(110, 190, up=False, light=True)
    sheet.wire((110, 208), (110, 250), (56, 250))
    sheet.text(34, 254, "0 V", size=_SMALL)
    sheet.wire((76, 172), (212, 172), (212, 226), (76, 226), (76, 172), dashed=True)
    sheet.text(144, 244, "PC817", size=_SMALL, at="start")
    sheet.wire((168, 186), (168, 212), width=2.4)
    sheet.wire((168, 194), (188, 180), (188, 156), (290, 156))
    sheet.wire((168, 204), (188, 218), (188, 262), (290, 262))
    sheet.shape((187, 217), (178, 215), (182, 209))
    sheet.box(290, 126, 116, 160, "Raspberry Pi")
    sheet.text(296, 161, "GPIO5 (chân 29)", size=_SMALL, at="start")
    sheet.text(296, 267, "GND (chân 30)", size=_SMALL, at="start")
    sheet.lines(
        14,
        312,
        "feedback = 5, feedback_high = false. Pi tự kéo chân lên 3,3 V;",
        "tăng âm bật thì chân bằng 0 V. Không nối 24 V hay 5 V vào chân Pi.",
        "24 V và GND của Pi không nối chung ở đây.",
    )
    return sheet


def panel() -> Sheet:
    """The lamp and the three buttons."""
    sheet = Sheet("Đèn và nút bấm ở tủ máy", 322)
    sheet.box(14, 44, 140, 214)
    sheet.text(60, 62, "Raspberry Pi", size=_SMALL, bold=True)
    for number, (gpio, use) in enumerate(PANEL.items()):
        y = 88 + number * 42
        sheet.text(148, y + 5, f"GPIO{gpio} (chân {pin(gpio)})", size=_SMALL, at="end")
        sheet.wire((154, y), (190, y))
        sheet.lying(190, y)
        sheet.text(204, y - 9, "1 kΩ" if number else "330 Ω", size=_SMALL)
        sheet.text(272, y - 14, use, size=_SMALL)
        if number:
            sheet.wire((218, y), (258, y))
            sheet.wire((286, y), (370, y))
            sheet.circle(258, y, 3, "#fff")
            sheet.circle(286, y, 3, "#fff")
            sheet.wire((256, y - 8), (288, y - 8))
        else:
            sheet.wire((218, y), (262, y))
            sheet.shape((280, y), (262, y - 9), (262, y + 9), fill="#fff")
            sheet.wire((280, y - 9), (280, y + 9), width=2.4)
            sheet.wire((280, y), (370, y))
        sheet.joint((370, y))
    sheet.wire((370, 88), (370, 246), (154, 246))
    sheet.text(148, 251, "GND (chân 20)", size=_SMALL, at="end")
    sheet.lines(
        14,
        282,
        "Nút bấm đóng xuống GND, không cần điện trở kéo. 1 kΩ che cho chân",
        "Pi khi dây dài. Nút dừng chỉ tắt tiếng bằng phần mềm: tủ vẫn phải",
        "có cầu dao “TẮT TĂNG ÂM”.",
    )
    return sheet


def drawn() -> Mapping[Path, str]:
    """All drawings by their files; the one that the handbook shows lies among its pictures."""
    sheets = {
        "hang-chan": header_map(),
        **{f"{count}-cum": zones(count) for count in (2, 4, 8)},
        "muc-vao": inputs(),
        "cuon-hut": coils(),
        "bao-ve": feedback(),
        "bang-nut": panel(),
    }
    handbook = {DOCS / "so-tay" / "hinh" / "dau-noi.svg": one_zone().svg}
    return handbook | {WIRING / f"{name}.svg": sheet.svg for name, sheet in sheets.items()}


if __name__ == "__main__":
    for file, svg in drawn().items():
        file.write_text(svg)
