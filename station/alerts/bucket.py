"""A bucket of tokens: so much at once, and then so much a second."""

from attrs import define, field


@define
class Bucket:
    """It holds `size` tokens at most and gets `a_second` of them each second; it begins full."""

    size: float
    a_second: float
    _left: float = field(init=False)
    _seen: int | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self._left = self.size

    def takes(self, mono: int) -> bool:
        """Whether a token is there at mono ms `mono`; it is gone then."""
        passed = 0 if self._seen is None else mono - self._seen
        self._seen = mono
        self._left = min(self.size, self._left + passed * self.a_second / 1_000)
        if self._left < 1:
            return False
        self._left -= 1
        return True
