"""Leading back: where a person was, as a page was told by the one before it."""

import re


def way_back(wanted: str) -> str:
    """That address if it is one of this station's, without its host; else nothing."""
    return wanted if re.fullmatch(r"/(?![/\\]).*", wanted) else ""
