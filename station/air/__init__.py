"""On air: the loop, the player and the amplifiers."""
