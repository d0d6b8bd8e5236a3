"""Care: how the machine is, and the backup from which a dead one is replaced."""
