"""Places: where a station keeps everything. What must be switched off in a hurry imports no more than this."""

import os
from pathlib import Path

from attrs import frozen

_CHECKOUT = Path(__file__).resolve().parents[2]
INSTALLED = Path("/var/lib/station")
_INSTALLED_RUN = Path("/run/station")  # the RuntimeDirectory of its units, for commands that systemd does not begin


@frozen
class Places:
    """Where things are: `home` holds what is kept, `run` what lives only until the next start."""

    home: Path
    config: Path
    schedules: Path
    run: Path
    config_named: bool = False

    @property
    def database(self) -> Path:
        """What happened."""
        return self.home / "station.db"

    @property
    def socket(self) -> Path:
        """The control socket."""
        return self.run / "station.sock"

    @property
    def live(self) -> Path:
        """Where a browser's microphone is heard while it is on air."""
        return self.run / "live.sock"

    @property
    def swap_days(self) -> Path:
        """The days that the government swapped."""
        return self.home / "swap-days.toml"

    @property
    def order(self) -> Path:
        """Whose priority bulletin goes first."""
        return self.home / "order.toml"

    @property
    def dictionary(self) -> Path:
        """How the station reads words of its own."""
        return self.home / "cach-doc.toml"

    @property
    def voices(self) -> Path:
        """The files of piper's voices."""
        return self.home / "voices"

    @property
    def tls(self) -> Path:
        """The certificate for HTTPS, and its keys."""
        return self.home / "tls"

    @property
    def satellites(self) -> Path:
        """The secrets that the station shares with its satellites."""
        return self.home / "satellites"

    @property
    def backup(self) -> Path:
        """By what the station knows its backup sticks, and how the last backup went."""
        return self.home / "backup"

    @property
    def vault(self) -> Path:
        """The encrypted backup that is on its way to the province, or back."""
        return self.home / "vault"

    @property
    def province(self) -> Path:
        """What the station knows of its province: enrolment, signed metadata, what is still arriving."""
        return self.home / "province"

    @property
    def parts(self) -> Path:
        """What is still arriving from there."""
        return self.province / "parts"

    @property
    def release(self) -> Path:
        """The release of this program that the province offers."""
        return self.home / "release"

    @property
    def tapes(self) -> Path:
        """Rendered tapes, until they are aired."""
        return self.home / "tapes"

    @property
    def shared(self) -> Path:
        """What anybody may hear again, as it is sent to their phones."""
        return self.home / "shared"

    @property
    def uploads(self) -> Path:
        """What browsers are still sending: never `/tmp`, which may be memory, and small."""
        return self.home / "uploads"


def places(home: Path | None = None, config: Path | None = None) -> Places:
    """Where things are, by option, else by `STATION_HOME` and `STATION_CONFIG`, else by custom.

    In a checkout with no home named, data is in `./var` and the schedules are the repository's own.
    """
    named = home or _from_environment("STATION_HOME")
    config_named = config or _from_environment("STATION_CONFIG")
    in_checkout = (_CHECKOUT / "pyproject.toml").exists()
    place = (named or (_CHECKOUT / "var" if in_checkout else INSTALLED)).resolve()
    repositorys_own = named is None and in_checkout
    return Places(
        home=place,
        config=config_named or place / "station.toml",
        schedules=_CHECKOUT / "schedules" if repositorys_own else place / "schedules",
        run=_from_environment("RUNTIME_DIRECTORY") or (_INSTALLED_RUN if place == INSTALLED else place / "run"),
        config_named=config_named is not None,
    )


def _from_environment(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else None
