"""Settings: `station.toml` changed by a person, in force from the player's next start."""

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from station.desk.permits import permit
from station.desk.segments import look_again
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.stores.audit import write_audit
from station.stores.config import Config, read_config_text
from station.stores.config_edit import config_words, edited_config
from station.stores.home import Home
from station.stores.schedule_edit import Setting
from station.stores.schedule_shelf import Shelf, digest
from station.stores.written import parse_toml, read_text

SAVED = "Đã lưu cấu hình. Máy phát dùng cấu hình mới từ lần khởi động sau."


@frozen
class Written:
    """The file as it is: its text's digest, which an editor remembers, and its plain data."""

    digest: str
    data: Mapping[str, Any]

    def words(self, key: str) -> str:
        """What it says of `key`, as a person writes it."""
        return config_words(self.data, key)

    def named(self, table: str) -> tuple[str, ...]:
        """The names of all that stand in a `table`, such as `zones`."""
        return tuple(self.data.get(table, ()))


def settings_now(home: Home) -> Written:
    """The settings as they are written. Raises `Unreadable` when the file is broken."""
    text = _text(home) or ""
    return Written(digest(text), parse_toml(text, home.places.config.name))


def change_settings(
    home: Home, settings: Iterable[Setting], *, based_on: str | None = None, by: str, now: int
) -> tuple[Setting, ...]:
    """Change what is not so already, and give that. Raises `Refused`, or `Unreadable` with what is wrong.

    `based_on` is the digest of the text that the editor saw; another text by now is refused with what changed.
    """
    permit(Deed.MACHINE)
    shelf, where, base = _shelf(home), home.places.config.name, _text(home)
    if based_on is not None and digest(base or "") != based_on:
        changed = shelf.changed_since(home.places.config.stem, based_on) if base else None
        raise Refused(changed or Trouble(where, "Trong lúc đó tệp đã bị người khác bỏ đi.", mend="Xem lại."))
    data = parse_toml(base or "", where)
    wanted = tuple(it for it in settings if config_words(data, it.key) != _words(it))
    if not wanted:
        return ()
    text = edited_config(base or "", wanted, where)
    _check_named(home, read_config_text(text, where))
    with home.engine.begin() as connection:
        if base is None:
            shelf.add(home.places.config.stem, text)
        else:
            shelf.replace(home.places.config.stem, base, text, keep_base=True)
        told = ", ".join(f"{it.key} = {_words(it) or 'bỏ'}" for it in wanted)
        write_audit(connection, now, by, "sửa cấu hình", told)
    look_again(home)
    return wanted


def _words(setting: Setting) -> str:
    return "" if setting.value is None else config_words({"it": setting.value}, "it")


def _check_named(home: Home, config: Config) -> None:
    """Raise `Refused` when a schedule would name what is no more."""
    before = set(home.schedules(home.config().config.known).troubles)
    for trouble in home.schedules(config.known).troubles:
        if trouble not in before:
            what = f"Chưa lưu vì một lịch phát còn cần: {trouble.what}"
            raise Refused(Trouble(trouble.where, what, mend="Sửa lịch đó trước."))


def _shelf(home: Home) -> Shelf:
    if home.places.config.suffix != ".toml":
        what = "Tệp cấu hình có tên không kết thúc bằng .toml nên trang này không sửa được."
        raise Refused(Trouble(home.places.config.name, what, mend="Mở tệp và sửa bằng tay."))
    return Shelf(home.places.config.parent, home.places.run / "settings.lock")


def _text(home: Home) -> str | None:
    return read_text(home.places.config) if home.places.config.exists() else None
