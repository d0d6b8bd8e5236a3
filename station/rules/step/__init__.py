"""The step: `step(state, now, event) -> (state, actions, wake_in)`, the heart of the player."""

from station.rules.step.machine import step
from station.rules.step.recover import recover
from station.rules.step.state import State

__all__ = ["State", "recover", "step"]
