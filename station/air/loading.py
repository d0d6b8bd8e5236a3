"""What every player does before it plays a tape."""

from station.air.ports import Fault
from station.audio import tape as tapes
from station.rules.rundown import Tape
from station.rules.trouble import Refused

NOTHING_LOADED = "Chưa nạp băng phát nào."


def checked_length(tape: Tape) -> int:
    """Verify the tape's file and return its whole length in ms; raises `Fault` with a sentence if it is damaged."""
    try:
        tapes.verify(tape)
    except Refused as refused:
        raise Fault(f"{refused.trouble.what} {refused.trouble.mend}".strip()) from refused
    return tape.lead + tape.length + tape.tail
