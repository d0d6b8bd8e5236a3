"""The sound test rig: a real sound server that plays into nothing, and what was heard there, sample by sample."""
