"""Loa xã: the player of a commune loudspeaker station, its rules and its command line."""
