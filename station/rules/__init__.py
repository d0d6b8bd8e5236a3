"""Rules: pure functions of the timetable, the rundown and the step. Nothing here reads a clock or a file."""
