"""The watch over Snapcast: whether its server answers and all its clients are there, also while nothing is on.

It also takes back the silence of a stop once nothing can be left of what was stopped: a client that came to a muted
group, while the server did not yet know that it had been gone, would stay silent (0.26).
"""

from threading import Event, Thread

from station.air.snapcast import Control, Listener, Unreachable
from station.rules.trouble import Trouble

_EVERY = 1.0  # s: longer than anything of a stopped tape can last
_AWAY_FOR = 5  # looks, until a client that is not there is told: a link may be lost for a moment


class SnapcastWatch:
    """Looks every second, in a thread of its own, until it is closed.

    `missing` says why nothing can be heard at all, as a sentence; `troubles` which clients are not heard.
    """

    def __init__(self, port: int) -> None:
        self._control = Control(port)
        self._away: dict[str, int] = {}
        self._muted = False
        self._over = Event()
        self.missing = ""
        self.troubles: tuple[Trouble, ...] = ()
        Thread(target=self._run, name="snapcast", daemon=True).start()

    def close(self) -> None:
        """Look no more."""
        self._over.set()

    def _run(self) -> None:
        while True:
            self._look()
            if self._over.wait(_EVERY):
                self._control.close()
                return

    def _look(self) -> None:
        try:
            served = self._control.served()
            if served.muted and self._muted:
                self._control.mute(served.groups, muted=False)
        except Unreachable as why:
            self.missing, self.troubles = str(why), ()
            return
        self._muted = served.muted and not self._muted
        self.missing = "" if served.heard else "Không có máy loa nào nối với Snapcast."
        away = {it.name for it in served.listeners if not it.connected}
        self._away = {name: self._away.get(name, 0) + 1 for name in away}
        self.troubles = tuple(
            told for it in sorted(served.listeners, key=lambda it: it.name) if (told := self._trouble(it))
        )

    def _trouble(self, listener: Listener) -> Trouble | None:
        if self._away.get(listener.name, 0) >= _AWAY_FOR:
            return Trouble(
                f"Máy “{listener.name}”",
                "Máy này không nối được với Snapcast nên không có tiếng.",
                "Các máy khác vẫn phát; nối lại được là máy này tự phát tiếp.",
                "Kiểm tra nguồn điện và mạng của máy ấy.",
            )
        if listener.muted:
            return Trouble(
                f"Máy “{listener.name}”",
                "Tiếng của máy này trong Snapcast đang bị tắt.",
                "Các máy khác vẫn phát.",
                "Mở lại âm lượng của máy ấy trong Snapcast.",
            )
        return None
