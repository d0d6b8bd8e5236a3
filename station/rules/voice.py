"""The station's voice: who reads typed text aloud, how fast, and which words it says in a way of its own."""

from collections.abc import Mapping

from attrs import Factory, frozen

NORTHERN, CENTRAL, SOUTHERN = "bac", "trung", "nam"
USUAL_SPEED = 150  # words a minute

# About how fast a Vietnamese voice reads at its usual speed; only an estimate until the tape is rendered.
_MS_PER_CHARACTER = 75


@frozen
class Voice:
    """Whose voice, by its name, and how many words a minute."""

    name: str = NORTHERN
    speed: int = USUAL_SPEED


@frozen
class Speaker:
    """A voice, and the station's own readings of words, which win over the usual ones."""

    voice: Voice = Voice()
    dictionary: Mapping[str, str] = Factory(dict)

    def read(self, text: str) -> str:
        """The words that are said for `text`."""
        from station.rules.reading import as_read  # noqa: PLC0415 - a second on a small Pi, of use to few commands

        return as_read(text, self.dictionary)

    def lasts(self, read: str) -> int:
        """About how many ms it takes to say `read`."""
        return len(read) * _MS_PER_CHARACTER * USUAL_SPEED // self.voice.speed


USUAL = Speaker()
