"""The step: `step(state, now, event) -> (state, actions, wake_in)`, the heart of the player."""
