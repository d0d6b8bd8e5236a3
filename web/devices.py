"""Devices: what a browser says of itself, in words that tell one's own phone from another's."""

_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "Chromebook"),
    ("Macintosh", "máy Mac"),
    ("Linux", "Linux"),
)
_BROWSERS = (  # those that name another one too come first
    ("coc_coc", "Cốc Cốc"),
    ("Zalo", "Zalo"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_UNKNOWN = "thiết bị không rõ"


def device(agent: str) -> str:
    """The browser and the system that a User-Agent header names."""
    system, browser = _named(agent, _SYSTEMS), _named(agent, _BROWSERS)
    if system and browser:
        return f"{browser} trên {system}"
    return system or browser or _UNKNOWN


def _named(agent: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in names if mark in agent), "")
