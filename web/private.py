"""Private addresses: for programs that cannot sign in. Nobody without the page's key can make them."""

import hmac
from hashlib import sha256

from flask import current_app
from werkzeug.exceptions import NotFound


def private_word(purpose: str) -> str:
    """What makes an address private that serves this purpose."""
    return hmac.new(current_app.config["SECRET_KEY"], purpose.encode(), sha256).hexdigest()[:32]


def refuse_strangers(word: str, purpose: str) -> None:
    """Raise `NotFound` for who knows the address wrongly."""
    if not hmac.compare_digest(word.encode(), private_word(purpose).encode()):
        raise NotFound
