"""The schema of CAP 1.2, for what the office signs: a station must not be the first to find a mistake."""

from pathlib import Path

import xmlschema
from xmlschema import XMLSchemaValidationError

from station.rules.trouble import Refused, Trouble

_SCHEMA = xmlschema.XMLSchema(Path(__file__).with_name("cap-1.2.xsd"))


def refuse_invalid(xml: bytes) -> None:
    """Raise `Refused` for XML that is no CAP 1.2."""
    try:
        _SCHEMA.validate(xml)
    except XMLSchemaValidationError as error:
        what = f"Bản tin không đúng chuẩn CAP 1.2: {error.reason}."
        raise Refused(Trouble(str(error.path), what, "Chưa gửi gì.", "Báo cho người làm phần mềm.")) from None
