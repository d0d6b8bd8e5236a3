"""The order of priority bulletins: whose goes first where commune and province clash."""

import datetime as dt

from station.desk.permits import permit
from station.desk.segments import look_again
from station.rules.origin import Origin
from station.rules.roles import Deed
from station.stores.audit import write_audit
from station.stores.home import Home
from station.stores.order_file import Order, read_order, write_order


def order_now(home: Home) -> Order:
    """The order as its file is now. Raises `Unreadable`."""
    return read_order(home.places.order)


def let_go_first(home: Home, first: Origin, on: dt.date | None, *, by: str, now: int) -> Order:
    """Let `first` go first, on one day or always. Raises `Unreadable` when the file is broken."""
    permit(Deed.ARRANGE)
    read_order(home.places.order)
    write_order(home.places.order, first, on)
    with home.engine.begin() as connection:
        write_audit(connection, now, by, "thứ tự ưu tiên", f"{first} {on or ''}".strip())
    look_again(home)
    return read_order(home.places.order)
