"""The step: `step(state, now, event) -> (state, actions, wake_in)`, the heart of the player."""

from station.rules.step.machine import step
from station.rules.step.recover import Past, recover
from station.rules.step.state import State

__all__ = ["Past", "State", "recover", "step"]
