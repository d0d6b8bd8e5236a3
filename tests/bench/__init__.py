"""The benchmark: the station beside mpv, mpg123 and liquidsoap in one run. Never a timed assertion."""
