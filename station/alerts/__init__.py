"""Alerts: a process beside the player hears of emergencies, judges them, and has the player air what it may."""
