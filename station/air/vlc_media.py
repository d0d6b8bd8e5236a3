"""A media of libVLC's that is read from a view, by its callbacks."""

import ctypes
from typing import Any

import vlc

from station.air.fed_view import FedView
from station.air.view import TapeView

_FAILED = -1


def callbacks(view: TapeView | FedView) -> tuple[Any, Any, Any, Any]:
    """What libVLC calls to open, read, seek and close; to be kept as long as the media lives."""

    @vlc.CallbackDecorators.MediaOpenCb  # type: ignore[untyped-decorator]
    def begin(_opaque: Any, _data: Any, size: Any) -> int:
        size[0] = view.size
        view.seek(0)
        return 0

    @vlc.CallbackDecorators.MediaReadCb  # type: ignore[untyped-decorator]
    def read(_opaque: Any, buffer: Any, most: int) -> int:
        try:
            given = view.read(most)
        except OSError:
            return _FAILED
        ctypes.memmove(buffer, given, len(given))
        return len(given)

    @vlc.CallbackDecorators.MediaSeekCb  # type: ignore[untyped-decorator]
    def seek(_opaque: Any, place: int) -> int:
        view.seek(place)
        return 0

    @vlc.CallbackDecorators.MediaCloseCb  # type: ignore[untyped-decorator]
    def end(_opaque: Any) -> None:
        pass

    return begin, read, seek, end
