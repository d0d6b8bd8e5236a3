"""The commands about people of the page. Whoever holds the machine's own terminal may do all of this."""

import click

from station import printed
from station.cli_shared import draw_code, json_option, now, print_json, told, who
from station.desk.certificate import USUAL_NAME
from station.rules.roles import Role
from station.stores.addresses import own_address
from station.stores.home import Places, open_home


@click.command("setup-code", help="Lấy mã một lần để đặt người dùng cho trang điều khiển.")
@click.option("--for", "person", default="", metavar="NAME", help="Chỉ để người này đặt lại mật khẩu.")
@click.pass_obj
@told
def setup_code(where: Places, person: str) -> None:
    """Print a new one-time set-up code; any that the terminal showed before is void."""
    from station.desk import people as desk  # noqa: PLC0415 - passwords are the page's, and heavy

    code = desk.new_setup_code(open_home(where), person=person, now=now())
    click.echo(f"Mã thiết lập: {code}")


@click.command("welcome", help="Cho biết trang điều khiển ở đâu, và mã một lần khi chưa có người dùng nào.")
@click.pass_obj
@told
def welcome(where: Places) -> None:
    """Show where the page is, also as a QR code, and the first person's code while there is nobody yet.

    The QR code holds the number: phones older than Android 12 do not look up names that end with .local.
    """
    from station.desk import people as desk  # noqa: PLC0415 - as above

    home, address = open_home(where), own_address()
    names = [USUAL_NAME, *filter(None, [address])]
    click.echo("Mở trang điều khiển bằng trình duyệt, trên điện thoại hay máy tính cùng mạng:")
    click.echo("   " + "   hoặc   ".join(f"http://{it}/" for it in names))
    draw_code(f"http://{names[-1]}/")
    if desk.nobody_yet(home):
        click.echo(f"Mã thiết lập: {desk.new_setup_code(home, now=now())}")
        click.echo("Người đầu tiên dùng mã này để đặt tên và mật khẩu; mã dùng được một lần.")


@click.group("people", invoke_without_command=True, help="Xem, đổi vai trò và xóa người dùng của trang điều khiển.")
@json_option
@click.pass_context
def people(context: click.Context, *, as_json: bool) -> None:
    """List everybody."""
    if context.invoked_subcommand:
        return
    from station.desk import people as desk  # noqa: PLC0415 - as above

    home = open_home(context.obj)
    zone, found = home.config().config.time_zone, desk.list_people(home)
    if as_json:
        print_json([printed.person(it, zone) for it in found])
    else:
        for person in found:
            click.echo(printed.person_line(person, zone))


@people.command("roles", help="Cho một người đúng những vai trò này.")
@click.argument("name")
@click.argument("roles", nargs=-1, required=True, type=click.Choice([it.value for it in Role]))
@click.pass_obj
@told
def set_roles(where: Places, name: str, roles: tuple[str, ...]) -> None:
    """Let a person be just that."""
    from station.desk import people as desk  # noqa: PLC0415 - as above

    desk.set_roles(open_home(where), name, frozenset(map(Role, roles)), by=who(), now=now())
    click.echo(f"Đã đổi vai trò của “{name}”.")


@people.command("remove", help="Xóa một người dùng; nhật ký về họ vẫn còn.")
@click.argument("name")
@click.pass_obj
@told
def remove(where: Places, name: str) -> None:
    """Let somebody use the page no more."""
    from station.desk import people as desk  # noqa: PLC0415 - as above

    desk.remove_person(open_home(where), name, by=who(), now=now())
    click.echo(f"Đã xóa người dùng “{name}”.")


COMMANDS = (setup_code, welcome, people)
