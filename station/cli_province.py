"""The province's own commands: keys, the signed tree, the enrolment of communes. No station needs any of them."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from station.cli_shared import draw_code, json_option, now, print_json, told
from station.rules.enrolment import fingerprint, to_line
from station.rules.findings import sentence
from station.rules.hours import HANOI, iso, local
from station.rules.offer import Offer

if TYPE_CHECKING:
    from station.centre.keys import Keys
    from station.centre.published_tree import PublishedTree
    from station.centre.publisher import Published

_PASSPHRASE = "STATION_PROVINCE_PASSPHRASE"  # noqa: S105 - where scripts put it
_MB, _KB = 1_000_000, 1_000  # bytes


@frozen
class Office:
    """Where the province works, and where else its keys may be."""

    work: Path
    elsewhere: tuple[Path, ...]

    def keys(self) -> "Keys":
        """Its keys. Raises `Refused` where the library that signs is missing."""
        from station.centre.keys import Keys

        return Keys(self.work / "keys", self.elsewhere, _ask)


@click.group(help="Máy của tỉnh: khoá, phát hành chương trình đã ký, ghi danh các xã.")
@click.option(
    "--at",
    "work",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="STATION_PROVINCE",
    default=Path("tinh"),
    help="Thư mục làm việc của tỉnh (STATION_PROVINCE); mặc định là ./tinh.",
)
@click.option(
    "--keys",
    "elsewhere",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Nơi khác có tệp khoá, như một USB; viết được nhiều lần.",
)
@click.pass_context
def province(context: click.Context, work: Path, elsewhere: tuple[Path, ...]) -> None:
    """Remember where the province works."""
    context.obj = Office(work, elsewhere)


@province.command(help="Làm khoá và cây phát hành đầu tiên.")
@click.option("--root-keys", type=click.IntRange(1, 9), default=1, show_default=True, help="Bao nhiêu khoá gốc.")
@click.option("--threshold", type=click.IntRange(1, 9), default=1, show_default=True, help="Mấy khoá gốc phải ký.")
@click.pass_obj
@told
def init(office: Office, root_keys: int, threshold: int) -> None:
    """Make the keys and a tree that holds nothing yet."""
    from station.centre import rotation
    from station.centre.broker_accounts import ensure_own_account
    from station.centre.province_files import FILE, TEMPLATE
    from station.centre.publisher import working

    if threshold > root_keys:
        raise click.UsageError("--threshold không được lớn hơn --root-keys.")
    office.work.mkdir(parents=True, exist_ok=True)
    with working(office.work) as tree:
        rotation.init(tree, office.keys(), (root_keys, threshold), choose, now())
        ensure_own_account(office.work)
        if not (office.work / FILE).exists():
            (office.work / FILE).write_text(TEMPLATE)
    click.echo(f"Đã làm khoá trong {office.work / 'keys'} và cây phát hành trong {office.work / 'tree'}.")
    click.echo(f"Điền tên tỉnh, địa chỉ và các xã vào {office.work / FILE}.")
    click.echo("Chuyển các tệp root-….pem ra USB, mỗi người giữ một khoá, rồi xoá khỏi máy này.")


@province.command(help="Phát hành một thư mục: các nhóm tinh, vung-TÊN, xa-MÃ.")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@json_option
@click.pass_obj
@told
def publish(office: Office, folder: Path, *, as_json: bool) -> None:
    """Let the signed tree hold what a folder holds."""
    from station.centre.publisher import Publication, unlock, working

    with working(office.work) as tree:
        keys, publication = office.keys(), Publication(office.work, folder)
        if unmade := publication.unmade:
            unlock(tree, keys)
            with click.progressbar(length=len(unmade), label="Làm âm thanh", file=sys.stderr) as bar:
                found = [(source, findings) for source, findings in publication.make_audio(bar.update)]
            for source, finding in ((source, it) for source, findings in found for it in findings):
                click.echo(f"{source.shown}: {sentence(finding)}", err=True)
        published = publication.sign(tree, keys, now())
        _warn(tree)
    if as_json:
        print_json(_as_json(published))
    else:
        click.echo("\n".join(_lines(published)))


@province.command(help="Ký lại dấu thời gian (cho cron); với --root, gia hạn khoá gốc.")
@click.option("--root", "of_root", is_flag=True, help="Gia hạn khoá gốc; cần đủ số khoá gốc.")
@click.pass_obj
@told
def renew(office: Office, *, of_root: bool) -> None:
    """Sign anew what would expire."""
    from station.centre import rotation
    from station.centre.publisher import working

    with working(office.work) as tree:
        if of_root:
            version = rotation.renew_root(tree, office.keys(), now())
            click.echo(f"Khoá gốc được gia hạn một năm (bản {version}).")
        else:
            rotation.renew(tree, office.keys(), now())
        _warn(tree)


@province.command(help="Thay một khoá bị mất hoặc bị lộ: timestamp, targets, root-1, root-2…")
@click.argument("key", metavar="KHOÁ")
@click.pass_obj
@told
def revoke(office: Office, key: str) -> None:
    """Put a new key in the place of one, and sign anew what that signed."""
    from station.centre import rotation
    from station.centre.publisher import working

    with working(office.work) as tree:
        version = rotation.revoke(tree, office.keys(), key, choose, now())
        _warn(tree)
    click.echo(f"Đã thay khoá {key} (gốc bản {version}); các đài tự nhận khi liên lạc lần tới. Xoá tệp khoá cũ.")


@province.command(help="Ghi danh một xã: in dòng ghi danh mới; dòng cũ của xã hết hiệu lực.")
@click.argument("code", metavar="MÃ")
@click.option("--qr", "picture", type=click.Path(path_type=Path, dir_okay=False), help="Ghi mã QR vào tệp SVG này.")
@click.option(
    "--sheet", "page", type=click.Path(path_type=Path, dir_okay=False), help="Ghi tờ để in vào tệp HTML này."
)
@click.pass_obj
@told
def enrol(office: Office, code: str, picture: Path | None, page: Path | None) -> None:
    """Give a commune's station what it needs to know, and a new token."""
    from station.centre import enrolments, sheet
    from station.centre.publisher import working

    with working(office.work) as tree:
        name = enrolments.commune_name(office.work, code)
        enrolment = enrolments.enrol(tree, office.work, code)
    click.echo(to_line(enrolment))
    click.echo(f"{name}. Dấu vân tay để so qua điện thoại: {fingerprint(enrolment.root)}", err=True)
    click.echo(
        "Dòng này có mật khẩu của đài: gửi riêng cho xã. Dòng trước của xã, nếu có, đã hết hiệu lực.", err=True
    )
    if picture:
        sheet.write_picture(enrolment, picture)
    if page:
        sheet.write_sheet(enrolment, name, page)
    if not picture and not page and sys.stdout.isatty():
        draw_code(to_line(enrolment))


def _ask(file: str) -> str:
    return os.environ.get(_PASSPHRASE) or str(click.prompt(f"Mật khẩu của {file}", hide_input=True, err=True))


def choose(called: str) -> str:
    """A new key's passphrase; there is no default one."""
    from station.centre.keys import refuse_short

    again = "Gõ lại mật khẩu ấy"
    chosen = os.environ.get(_PASSPHRASE) or str(
        click.prompt(f"Mật khẩu mới cho khoá {called}", hide_input=True, confirmation_prompt=again, err=True)
    )
    refuse_short(chosen)
    return chosen


def _warn(tree: "PublishedTree") -> None:
    from station.centre import rotation

    for trouble in rotation.ending_soon(tree, now()):
        click.echo(str(trouble), err=True)


def _lines(published: "Published") -> Iterable[str]:
    yield from (f"Mới: {_offer_line(it)}" for it in published.new)
    yield from (f"Đổi: {_offer_line(it)}" for it in published.changed)
    yield from (f"Bỏ: {path}" for path in published.gone)
    yield from (f"Hết hạn nên không phát hành: {_offer_line(it)}" for it in published.expired)
    if not (published.new or published.changed or published.gone):
        yield "Không có gì thay đổi."
    yield f"Tất cả {_size(published.total)}. Đã ký: {', '.join(published.signed) or 'không cần ký gì'}."


def _offer_line(offer: Offer) -> str:
    until = offer.facts.valid_until
    ends = f", đến {local(until, HANOI):%d/%m/%Y %H:%M}" if until else ""
    title = f" ({offer.title})" if offer.title else ""
    return f"{offer.path}{title}, {_size(offer.length)}{ends}"


def _size(length: int) -> str:
    return f"{length / _MB:.1f} MB".replace(".", ",") if length >= _MB else f"{-(-length // _KB)} kB"


def _as_json(published: "Published") -> dict[str, Any]:
    return {
        "new": [_offer_json(it) for it in published.new],
        "changed": [_offer_json(it) for it in published.changed],
        "gone": published.gone,
        "expired": [_offer_json(it) for it in published.expired],
        "signed": published.signed,
        "total": published.total,
    }


def _offer_json(offer: Offer) -> dict[str, Any]:
    until = offer.facts.valid_until
    return {
        "path": offer.path,
        "title": offer.title,
        "kind": offer.kind,
        "length": offer.length,
        "sha256": offer.sha256,
        "published": iso(offer.published, HANOI),
        "valid_until": iso(until, HANOI) if until else None,
    }
