"""The step itself: the one place where the player decides.

`step` is total and pure: any event in any state gives a new state, the actions to perform in their order, and
after how many ms it wants to be asked again even if nothing happens.
"""

from station.rules.now import Now
from station.rules.step.actions import Action
from station.rules.step.deadlines import wake_in
from station.rules.step.due import settle
from station.rules.step.events import Event
from station.rules.step.happening import take
from station.rules.step.state import State
from station.rules.step.turn import Turn


def step(state: State, now: Now, event: Event) -> tuple[State, tuple[Action, ...], int | None]:
    """Decide what follows from `event` at `now`.

    Gives the new state, the actions in the order in which they are to be performed, and the ms until the next
    decision that time alone will bring (None when only an event can bring one).
    """
    turn = Turn(state, now)
    take(turn, event)
    settle(turn)
    return turn.state, tuple(turn.actions), wake_in(turn.state, now)
