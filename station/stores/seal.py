"""The seal of an audit record: made of the record and of the seal before, so that none changes or goes unseen."""

import json
from hashlib import sha256
from typing import Any

from sqlalchemy import Row


def sealed(record: Row[Any], before: str) -> str:
    """The seal of a record that comes after the one whose seal is `before`."""
    facts = [before, record.id, record.at, record.who, record.origin, record.deed, record.subject]
    return sha256(json.dumps(facts).encode()).hexdigest()
