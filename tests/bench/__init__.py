"""The benchmark: the station beside other players in one run. Never a timed assertion."""
