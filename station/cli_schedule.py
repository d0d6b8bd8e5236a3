"""`station schedule …`: schedule files are listed, shown and edited, each edit with its effect on the timetable."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import attrs
import click

from station import printed
from station.cli_shared import json_option, now, print_json, told, who
from station.desk import schedules as desk
from station.rules.timetable_diff import Change
from station.stores.home import Home, Places, open_home
from station.stores.schedule_edit import Setting, setting
from station.stores.schedule_shelf import REMOVED
from station.stores.schedule_tables import Arrangement

_ORDER = f"{__name__}.order"
_ITEMS = ("play", "newest", "say")
_DETAILS = ("within", "limit")
_ALONE = ("title", "priority", "zones")
_OF_AIRING = ("days", "at", "except")

preview_option = click.option("--preview", is_flag=True, help="Chỉ xem trước điều sẽ thay đổi, không lưu.")


class InOrder(click.Command):
    """A command that knows in which order its options were given."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Note the order, then read them as usual."""
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        ctx.meta[_ORDER] = tuple(param.name for param in order)
        return super().parse_args(ctx, args)


def of_airing(*, required: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options that say when, where and how urgent."""

    def options(command: Callable[..., None]) -> Callable[..., None]:
        for option in (
            click.option("--priority", help="normal, priority hoặc emergency."),
            click.option("--zones", help="Các cụm loa, cách nhau bằng dấu phẩy."),
            click.option("--except", help="Những ngày không phát, cách nhau bằng dấu phẩy."),
            click.option("--days", required=required, help="Những ngày phát: daily, mon-sat, hoặc mon,thu."),
            click.option("--at", required=required, help="Giờ phát, như 05:00."),
            click.option("--title", required=required, help="Tên gọi của chương trình."),
        ):
            command = option(command)
        return command

    return options


@click.group(help="Xem và sửa các lịch phát.")
def schedule() -> None:
    """Hold the commands of schedules."""


@schedule.command("list", help="Xem các lịch phát và giờ phát của chúng.")
@json_option
@click.pass_obj
def list_schedules(where: Places, *, as_json: bool) -> None:
    """List the schedules, the broken ones too."""
    listed = desk.list_schedules(open_home(where))
    if as_json:
        print_json([attrs.asdict(it) for it in listed])
    else:
        for each in listed:
            for line in printed.listed_lines(each):
                click.echo(line)


@schedule.command(help="Xem tệp của một lịch phát.")
@click.argument("name")
@click.pass_obj
@told
def show(where: Places, name: str) -> None:
    """Show a schedule's file as it is written."""
    click.echo(desk.schedule_text(open_home(where), name), nl=False)


@schedule.command(cls=InOrder, help="Thêm một lịch phát; --play, --newest và --say theo thứ tự sẽ nghe.")
@click.argument("name")
@of_airing(required=True)
@click.option("--play", multiple=True, help="Một mục trong thư viện, theo tên.")
@click.option("--newest", multiple=True, help="Các tin mới nhất của một loại, như news; cần --within.")
@click.option("--within", multiple=True, help="Tin của --newest mới trong bao lâu, như 36h.")
@click.option("--limit", multiple=True, help="Các tin của --newest dài nhất bao lâu, như 12m.")
@click.option("--say", multiple=True, help="Lời để máy đọc.")
@preview_option
@json_option
@click.pass_context
@told
def add(context: click.Context, /, name: str, *, preview: bool, as_json: bool, **given: Any) -> None:
    """Add a schedule."""
    fields = {
        **_written(_ALONE, given),
        "air": [_written(_OF_AIRING, given)],
        "rundown": _rundown(context.meta[_ORDER], given),
    }
    home = open_home(context.obj)
    _finish(home, desk.draft_new(home, name, fields), preview=preview, as_json=as_json)


@schedule.command(help="Sửa một lịch phát; giá trị trống thì bỏ khoá đó đi.")
@click.argument("name")
@of_airing(required=False)
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Một khoá bất kỳ, như air.2.at=11:00.")
@preview_option
@json_option
@click.pass_obj
@told
def edit(
    where: Places, /, name: str, *, preview: bool, as_json: bool, settings: tuple[str, ...], **given: Any
) -> None:
    """Change values of a schedule; everything else in its file stays as it is."""
    named = {key: given[key] for key in _ALONE} | {f"air.{key}": given[key] for key in _OF_AIRING}
    asked = [setting(key, value) for key, value in named.items() if value is not None]
    asked += [_setting(written) for written in settings]
    if not asked:
        raise click.UsageError("Chưa nói sửa gì: viết --at, --days, --title… hoặc --set KEY=VALUE.")
    home = open_home(where)
    _finish(home, desk.draft_edit(home, name, asked), preview=preview, as_json=as_json)


@schedule.command(help="Xếp lại khung chương trình theo số thứ tự của các mục; mục không kể tới thì bỏ đi.")
@click.argument("name")
@click.argument("order", nargs=-1, required=True, type=int)
@preview_option
@json_option
@click.pass_obj
@told
def arrange(where: Places, name: str, order: tuple[int, ...], *, preview: bool, as_json: bool) -> None:
    """Put the items of a rundown in another order, each with its comments; what is not named goes."""
    home = open_home(where)
    _finish(home, desk.draft_edit(home, name, [Arrangement("rundown", order)]), preview=preview, as_json=as_json)


@schedule.command(help="Bỏ một lịch phát; tệp cũ được giữ lại bên cạnh.")
@click.argument("name")
@preview_option
@json_option
@click.pass_obj
@told
def remove(where: Places, name: str, *, preview: bool, as_json: bool) -> None:
    """Take a schedule away."""
    home = open_home(where)
    _finish(home, desk.draft_removal(home, name), preview=preview, as_json=as_json)


@schedule.command(help="Bật lại một lịch phát.")
@click.argument("name")
@preview_option
@json_option
@click.pass_obj
@told
def enable(where: Places, name: str, *, preview: bool, as_json: bool) -> None:
    """Switch a schedule on."""
    home = open_home(where)
    _finish(home, desk.draft_switch(home, name, on=True), preview=preview, as_json=as_json)


@schedule.command(help="Tạm tắt một lịch phát; tệp vẫn còn nguyên.")
@click.argument("name")
@preview_option
@json_option
@click.pass_obj
@told
def disable(where: Places, name: str, *, preview: bool, as_json: bool) -> None:
    """Switch a schedule off."""
    home = open_home(where)
    _finish(home, desk.draft_switch(home, name, on=False), preview=preview, as_json=as_json)


def print_changes(home: Home, found: tuple[Change, ...], *, as_json: bool) -> None:
    """Print what a draft alters."""
    zone = home.config().config.time_zone
    if as_json:
        print_json([printed.change(it, zone) for it in found])
    else:
        for each in found:
            click.echo(printed.change_line(each, zone))
        if not found:
            click.echo("Không có buổi phát nào thay đổi.")


def _finish(home: Home, draft: desk.Draft, *, preview: bool, as_json: bool) -> None:
    """Save a draft unless it is only looked at, and print what it alters."""
    found = desk.coming_effect(home, draft, now())
    if not preview:
        desk.save(home, draft, by=who(), now=now())
    if not as_json:
        click.echo(_told(draft, preview=preview))
    print_changes(home, found, as_json=as_json)


def _told(draft: desk.Draft, *, preview: bool) -> str:
    if draft.empty:
        return f"Lịch “{draft.name}” vẫn như cũ."
    if preview:
        return f"Xem trước, chưa {draft.deed} “{draft.name}”."
    kept = f" Tệp cũ còn ở “{draft.name}.toml{REMOVED}”." if draft.text is None else ""
    return f"Đã {draft.deed} “{draft.name}”.{kept}"


def _written(keys: Iterable[str], given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: setting(key, given[key]).value for key in keys if given[key] is not None}


def _setting(written: str) -> Setting:
    key, equals, value = written.partition("=")
    if not equals:
        raise click.BadParameter(f"“{written}” thiếu dấu “=”; viết như air.2.at=11:00.", param_hint="--set")
    return setting(key.strip(), value.strip())


def _rundown(order: tuple[str, ...], given: Mapping[str, tuple[str, ...]]) -> list[dict[str, str]]:
    """The items of a rundown, in the order in which the command named them."""
    values: dict[str, Iterator[str]] = {key: iter(given[key]) for key in (*_ITEMS, *_DETAILS)}
    rundown: list[dict[str, str]] = []
    for key in order:
        if key in _ITEMS:
            rundown.append({key: next(values[key])})
        elif key in _DETAILS:
            if not rundown or "newest" not in rundown[-1]:
                raise click.UsageError(f"--{key} phải đứng sau --newest.")
            rundown[-1][key] = next(values[key])
    if not rundown:
        raise click.UsageError("Chưa nói phát gì: viết --play, --newest hoặc --say.")
    return rundown
