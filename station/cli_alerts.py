"""The office's commands for alerts: who may send them, sending, updating, cancelling, testing; and the nudge."""

import getpass
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve

from station.cli_province import Office, choose
from station.cli_shared import Duration, json_option, now, print_json, told
from station.rules.alerting.alert import Alert, Severity, Status
from station.rules.alerting.sender import ONLY_TESTS, Sender, read_push
from station.rules.hours import HANOI, iso, local
from station.rules.trouble import Refused, Trouble

if TYPE_CHECKING:
    from tuf.api.metadata import Targets

    from station.centre.alert_log import Sent
    from station.centre.alert_writing import Message
    from station.centre.push import Line
    from station.centre.senders import Right

_LEVELS = [it.value for it in (Severity.EXTREME, Severity.SEVERE, Severity.MODERATE, Severity.MINOR)]


# Senders


@click.command(help="Cho một nơi gửi tin khẩn một khoá mới (khoá cũ hết hiệu lực), hoặc bỏ nơi gửi ấy.")
@click.argument("name", metavar="TÊN")
@click.option("--title", help="Tên đầy đủ, như “Ban Chỉ huy PCTT tỉnh”.")
@click.option(
    "--level",
    type=click.Choice([*_LEVELS, ONLY_TESTS]),
    help="Được gửi đến mức nào; Test: chỉ thử đường truyền, khoá không có mật khẩu.",
)
@click.option(
    "--group", "groups", multiple=True, help="Được gửi cho nhóm nào; viết được nhiều lần; mặc định là tinh."
)
@click.option("--remove", is_flag=True, help="Bỏ nơi gửi này.")
@click.pass_obj
@told
def sender(office: Office, /, name: str, *, remove: bool, **said: Any) -> None:
    """Let the signed tree vouch for a sender by a new key, or no more."""
    from station.centre import senders
    from station.centre.publisher import working

    with working(office.work) as tree:
        if remove:
            senders.remove_sender(tree, office.keys(), name, now())
            click.echo(f"Đã bỏ nơi gửi {name}. Các đài thôi tin khi đồng bộ lần tới. Xoá tệp khoá của nơi này.")
            return
        old = next((it for it in senders.senders_of(tree.targets()) if it.name == name), None)
        made = senders.set_sender(tree, office.keys(), _right(name, old, **said), choose, now())
    click.echo(f"{_told_sender(made)}. Khoá: {office.work / 'keys' / f'sender-{name}-{made.key.keyid[:8]}.pem'}")
    if old:
        click.echo("Khoá cũ hết hiệu lực ở mỗi đài khi đài đồng bộ lần tới. Xoá tệp khoá cũ.")


@click.command(help="Liệt kê các nơi được gửi tin khẩn.")
@json_option
@click.pass_obj
@told
def senders(office: Office, *, as_json: bool) -> None:
    """Who may send alerts, as the signed tree says it."""
    from station.centre.senders import senders_of

    found = senders_of(_targets(office))
    if as_json:
        print_json(
            [
                {"name": it.name, **{key: it.told()[key] for key in ("title", "level", "groups", "keyid")}}
                for it in found
            ]
        )
    else:
        click.echo("\n".join(map(_told_sender, found)) or "Chưa có nơi gửi nào.")


def _right(
    name: str, old: Sender | None, *, title: str | None, level: str | None, groups: tuple[str, ...]
) -> "Right":
    """What is said of a sender; what is not said is as it was, for who only needs a new key."""
    from station.centre.senders import Right

    if old is None and not (title and level):
        raise click.UsageError("Nơi gửi mới cần --title và --level.")
    before = Right(name, old.title, old.level, old.groups) if old else Right(name, "", None)
    return Right(
        name,
        title or before.title,
        before.level if level is None else None if level == ONLY_TESTS else Severity(level),
        groups or before.groups,
    )


def _told_sender(sender: Sender) -> str:
    level = f"đến mức {sender.level}" if sender.level else "chỉ thử đường truyền"
    return f"{sender.name} ({sender.title}): {level}, cho {', '.join(sender.groups)}"


# Alerts


@click.group(help="Tin khẩn gửi thẳng đến các đài: gửi, cập nhật, huỷ, thử.")
def alert() -> None:
    """Gather the commands."""


def _said(*, required: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options that say what is to be said; an update takes over what is not said anew."""
    options = [
        click.option(
            "--to",
            "groups",
            multiple=True,
            required=required,
            help="Nhóm nghe: tinh, vung-TÊN, xa-MÃ; viết được nhiều lần.",
        ),
        click.option("--event", required=required, help="Loại sự kiện, như “Lũ quét”."),
        click.option("--severity", type=click.Choice(_LEVELS), required=required, help="Mức nguy hiểm."),
        click.option("--headline", required=required, help="Tiêu đề, một câu."),
        click.option("--text", help="Lời tin, hoặc tên tệp chữ có lời tin."),
        click.option(
            "--audio",
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            help="Tin đã thu sẵn, nhiều nhất 3 phút.",
        ),
        click.option("--instruction", help="Người dân cần làm gì."),
        click.option(
            "--lasting", type=Duration(), required=required, help="Hiệu lực bao lâu, như 2h; nhiều nhất 72h."
        ),
        click.option("--repeats", type=click.IntRange(1, 10), help="Đọc mấy lần."),
    ]

    def with_options(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return with_options


@alert.command(help="Gửi một tin khẩn.")
@click.option("--sender", "name", required=True, help="Nơi gửi, như “station province senders” liệt kê.")
@_said(required=True)
@click.option("--exercise", is_flag=True, help="Diễn tập: phát ra loa và nói rõ là diễn tập.")
@click.pass_obj
@told
def send(office: Office, /, name: str, *, exercise: bool, **said: Any) -> None:
    """Send an alert."""
    status = Status.EXERCISE if exercise else Status.ACTUAL

    def write(sender: Sender) -> Alert:
        from station.centre.alert_writing import Message, first

        at = now()
        empty = Message("", Severity.UNKNOWN, "", (), at, status=status)
        return first(sender, _message(empty, said, at), at)

    _send(office, lambda _: name, write)


@alert.command(help="Thay một tin đang có hiệu lực bằng tin mới; điều không viết lại thì giữ như tin cũ.")
@click.argument("id_", metavar="MÃ")
@_said(required=False)
@click.pass_obj
@told
def update(office: Office, /, id_: str, **said: Any) -> None:
    """Put an alert in the place of one that is in force."""
    replaced = _meant(office, id_)

    def write(sender: Sender) -> Alert:
        from station.centre import alert_writing

        at, last = now(), replaced[-1]
        before = alert_writing.Message(
            last.event,
            last.severity,
            last.headline,
            last.groups,
            last.until,
            last.description,
            last.instruction,
            last.repeats,
            status=last.status,
        )
        return alert_writing.update(sender, _message(before, said, at), replaced, at)

    _send(office, lambda _: replaced[-1].sender, write)


@alert.command(help="Huỷ một tin đang có hiệu lực, ở đài nào đang phát cũng dừng.")
@click.argument("id_", metavar="MÃ")
@click.option("--text", default="", help="Lời nói thêm khi báo hết, hoặc tên tệp chữ.")
@click.pass_obj
@told
def cancel(office: Office, id_: str, text: str) -> None:
    """End an alert that is in force."""
    replaced = _meant(office, id_)

    def write(sender: Sender) -> Alert:
        from station.centre import alert_writing

        return alert_writing.cancel(sender, _words(text), replaced, now())

    _send(office, lambda _: replaced[-1].sender, write)


@alert.command(help="Thử đường truyền đến mọi đài mà không phát gì (cho hẹn giờ hằng ngày).")
@click.pass_obj
@told
def test(office: Office) -> None:
    """Send a silent test by whom may send nothing else."""

    def tester(targets: "Targets") -> str:
        from station.centre.senders import senders_of

        found = next((it for it in senders_of(targets) if it.level is None), None)
        if found is None:
            mend = "Trên máy có khoá targets: station province sender thu --title “Thử hằng ngày” --level Test."
            raise Refused(Trouble("", "Chưa có nơi gửi nào mức Test.", "Chưa thử.", mend))
        return found.name

    def write(sender: Sender) -> Alert:
        from station.centre import alert_writing

        return alert_writing.silent_test(sender, now())

    if not _send(office, tester, write):
        sys.exit(1)  # what it is to check is that way


@alert.command("list", help="Liệt kê các tin đã gửi, mới nhất sau cùng.")
@json_option
@click.pass_obj
@told
def list_(office: Office, *, as_json: bool) -> None:
    """What was sent, by whom, and what became of it."""
    from station.centre.alert_log import AlertLog

    _targets(office)
    log, at = AlertLog(office.work).read(), now()
    if as_json:
        print_json([_as_json(it, log, at) for it in log])
    else:
        click.echo("\n".join(_line(it, log, at) for it in log) or "Chưa gửi tin nào.")


@click.command(help="Bảo các đài đồng bộ ngay, và máy chủ đẩy tin giữ đúng những tin đang có hiệu lực.")
@click.pass_obj
@told
def nudge(office: Office) -> None:
    """Have every station that listens synchronise now."""
    _require_equipment()
    from station.centre import push
    from station.centre.alerts import Alerts

    with _line_of(office, _targets(office)) as line:
        if line is None:
            mend = "Viết mục [push] trong province.toml rồi publish (docs/emergencies.md)."
            raise Refused(Trouble("", "Tỉnh chưa có máy chủ đẩy tin.", "Các đài vẫn tự đồng bộ theo chu kỳ.", mend))
        push.nudge(line)
        push.put_right(line, Alerts(office.work), now())
    click.echo("Đã bảo các đài đồng bộ ngay.")


def _send(office: Office, name: "Callable[[Targets], str]", write: Callable[[Sender], Alert]) -> bool:
    """Send what `write` makes for the sender so named; whether the broker, if there is one, holds it.

    The line to the broker is opened while it is written.
    """
    _require_equipment()
    targets = _targets(office)
    with _line_of(office, targets) as line:
        from station.centre import push
        from station.centre.alerts import Alerts
        from station.centre.senders import find_sender, refuse_unknown

        alerts = Alerts(office.work)
        sender = find_sender(targets, name(targets))
        signer = office.keys().signer(sender.key)
        message = write(sender)
        refuse_unknown(message.groups, targets)
        sent = alerts.send(message, signer, _who(), now())
        click.echo(f"{sent.id}: đã gửi cho {', '.join(sent.groups)}, hiệu lực đến {_when(sent.until)}.")
        if line is None:
            click.echo("Tỉnh chưa có máy chủ đẩy tin: các đài nhận khi tự hỏi, sau vài phút.")
            return True
        try:
            push.tell(line, alerts, sent, now())
            click.echo("Máy chủ đẩy tin đã nhận.")
            push.put_right(line, alerts, now())
        except Refused as refusal:
            click.echo(str(refusal.trouble), err=True)
            return False
    return True


def _require_equipment() -> None:
    """Raise `Refused` where what writes and pushes alerts is not installed."""
    from station.centre.keys import refuse_unequipped

    if not (find_spec("paho") and find_spec("xmlschema")):
        raise refuse_unequipped("gửi tin khẩn")


def _targets(office: Office) -> "Targets":
    from station.centre.published_tree import PublishedTree

    tree = PublishedTree(office.work / "tree")
    tree.root()
    return tree.targets()


@contextmanager
def _line_of(office: Office, targets: "Targets") -> "Iterator[Line | None]":
    """The line to the broker that stations know of, or None where there is no broker."""
    from station.centre.broker_accounts import own_password
    from station.centre.push import Line

    told = read_push(targets.unrecognized_fields)
    if told is None:
        yield None
    else:
        with Line(told, lambda: own_password(office.work)) as line:
            yield line


def _meant(office: Office, id_: str) -> "tuple[Sent, ...]":
    from station.centre.alert_log import AlertLog, find, replaced_by

    log = AlertLog(office.work).read()
    return replaced_by(find(log, id_, now()), log)


def _message(before: "Message", said: dict[str, Any], at: int) -> "Message":
    """What is said anew, in the place of what was said before; further groups come to those that heard that."""
    new = {key: said[key] for key in ("event", "headline", "instruction", "repeats") if said[key]}
    if said["severity"]:
        new["severity"] = Severity(said["severity"])
    if said["text"]:
        new["description"] = _words(said["text"])
    if said["lasting"]:
        new["until"] = at + said["lasting"]
    if said["audio"]:
        from station.centre.alert_sound import carried

        new["sound"] = carried(said["audio"])
    return evolve(before, groups=tuple(dict.fromkeys((*before.groups, *said["groups"]))), **new)


def _words(text: str) -> str:
    """The words, or those of the file so named."""
    from station.stores.written import read_text

    try:
        return read_text(Path(text)) if text and Path(text).is_file() else text
    except (OSError, ValueError):  # too long to be a file's name
        return text


def _who() -> str:
    return os.environ.get("SUDO_USER") or getpass.getuser()


def _when(wall: int) -> str:
    return f"{local(wall, HANOI):%H:%M %d/%m/%Y}"


def _state(sent: "Sent", log: "tuple[Sent, ...]", at: int) -> str:
    """What became of it: in force, replaced, cancelled or over."""
    after = next((it for it in log if sent.id in it.ends), None)
    if after:
        return {"Update": "replaced", "Cancel": "cancelled"}[after.kind]
    return "in force" if sent.until > at else "over"


_STATES = {"in force": "đang có hiệu lực", "replaced": "đã thay", "cancelled": "đã huỷ", "over": "đã hết"}
_KINDS = {"Alert": "tin", "Update": "cập nhật", "Cancel": "huỷ"}
_STATUSES = {Status.EXERCISE: " diễn tập", Status.TEST: " thử"}


def _line(sent: "Sent", log: "tuple[Sent, ...]", at: int) -> str:
    kind = f"{_KINDS[sent.kind]}{_STATUSES.get(sent.status, '')}"
    severity = "" if sent.status is Status.TEST else f" {sent.severity}"
    what = f"{sent.id}  {_when(sent.at)}  {kind}{severity}, {_STATES[_state(sent, log, at)]}"
    return f"{what}: {sent.headline} ({sent.sender}, {sent.by}, cho {', '.join(sent.groups)})"


def _as_json(sent: "Sent", log: "tuple[Sent, ...]", at: int) -> dict[str, Any]:
    return {
        "id": sent.id,
        "sent": iso(sent.at, HANOI),
        "expires": iso(sent.until, HANOI),
        "state": _state(sent, log, at),
        "kind": sent.kind,
        "status": sent.status,
        "severity": sent.severity,
        "event": sent.event,
        "headline": sent.headline,
        "description": sent.description,
        "instruction": sent.instruction,
        "sound": sent.sound,
        "groups": sent.groups,
        "sender": sent.sender,
        "by": sent.by,
        "ends": sent.ends,
    }


COMMANDS = (sender, senders, alert, nudge)
