"""Names in addresses: one word, or what the province calls something, which has its prefix and a stroke."""

from werkzeug.routing import BaseConverter

from station.rules.offer import PREFIX


class Named(BaseConverter):
    """A schedule's or a segment's name; nothing is called by the prefix alone."""

    regex = rf"(?:{PREFIX}|(?!{PREFIX.rstrip('/')}(?:/|$)))[^/]+"
    part_isolating = False
