"""An enrolment to look at: a QR code in a file, a sheet to print and carry to the commune."""

from html import escape
from pathlib import Path

import segno

from station.durable import write_whole
from station.rules.enrolment import Enrolment, fingerprint, to_line

_CORRECTED = "m"  # 15 % of a code may be creased or dirty

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


def write_picture(enrolment: Enrolment, file: Path) -> None:
    """Write the QR code as SVG, for its owner alone to read."""
    _write(file, _picture(enrolment))


def write_sheet(enrolment: Enrolment, commune: str, file: Path) -> None:
    """Write the sheet as HTML, for its owner alone to read."""
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
    code = segno.make(to_line(enrolment), error=_CORRECTED)
    return str(code.svg_inline(scale=4, omitsize=True))


def _write(file: Path, content: str) -> None:
    place = file.absolute()
    write_whole(place, content.encode())
