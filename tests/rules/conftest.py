"""These machines are shared and slow at times: an example's time proves nothing."""

from hypothesis import settings

settings.register_profile("station", deadline=None)
settings.load_profile("station")
