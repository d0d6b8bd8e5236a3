"""An enrolment to look at: a QR code on the terminal or in a file, a sheet to print and carry to the commune."""

from html import escape
from pathlib import Path
from types import ModuleType

from station.centre.keys import refuse_unequipped
from station.durable import keep, unfinished
from station.rules.enrolment import Enrolment, fingerprint, to_line

_CORRECTED = "m"  # 15 % of a code may be creased or dirty
_CLEAN = "l"  # a terminal is neither, and narrow

_SHEET = """\
<!doctype html>
<html lang="vi">
<meta charset="utf-8">
<title>Ghi danh {commune}</title>
<style>
  body {{ font: 14pt/1.5 sans-serif; max-width: 17cm; margin: 1.5cm auto; }}
  svg {{ display: block; width: 9cm; height: 9cm; margin: 1cm auto; }}
  code {{ display: block; font-size: 12pt; overflow-wrap: anywhere; border: 1px solid; padding: .4cm; }}
  b {{ font-family: monospace; font-size: 18pt; }}
</style>
<h1>{commune}</h1>
<p>Mã xã {code}, ghi danh với {province}. Tờ này có mật khẩu của đài: giao tận tay, dùng xong thì huỷ.</p>
<ol>
  <li>Quét mã này bằng điện thoại, hoặc chép dòng chữ ở dưới, rồi dán vào trang ghi danh của đài.</li>
  <li>So dấu vân tay trên màn hình với dấu này, qua điện thoại với tỉnh nếu được: <b>{fingerprint}</b></li>
</ol>
{picture}
<code>{line}</code>
</html>
"""


def draw_on_terminal(enrolment: Enrolment) -> None:
    """Print the QR code. Raises `Refused` where the library that draws is not installed."""
    _segno().make(to_line(enrolment), error=_CLEAN, boost_error=False).terminal(compact=True, border=2)


def write_picture(enrolment: Enrolment, file: Path) -> None:
    """Write the QR code as SVG, for its owner alone to read. Raises `Refused` as above."""
    _write(file, _picture(enrolment))


def write_sheet(enrolment: Enrolment, commune: str, file: Path) -> None:
    """Write the sheet as HTML, for its owner alone to read. Raises `Refused` as above."""
    told = {
        "commune": commune,
        "code": enrolment.code,
        "province": enrolment.province,
        "fingerprint": fingerprint(enrolment.root),
        "line": to_line(enrolment),
    }
    shown = {name: escape(words) for name, words in told.items()}
    _write(file, _SHEET.format(picture=_picture(enrolment), **shown))


def _picture(enrolment: Enrolment) -> str:
    code = _segno().make(to_line(enrolment), error=_CORRECTED)
    return str(code.svg_inline(scale=4, omitsize=True))


def _segno() -> ModuleType:
    try:
        import segno  # noqa: PLC0415 - only who enrols communes needs it
    except ImportError:
        raise refuse_unequipped("vẽ mã QR") from None
    return segno


def _write(file: Path, content: str) -> None:
    place = file.absolute()
    with unfinished(place.parent) as made:
        made.stream.write(content.encode())
        keep(made, place)
