"""`station province sender`: who may send alerts is signed, survives every signing, and is known to a station."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from station.clock import Clock
from station.province.stick import Stick
from station.province.trust import Trust
from station.rules.alerting.alert import Severity
from station.rules.alerting.sender import Push, Sender, read_push, read_senders
from station.stores.places import places
from tests.centre.office import Client, Office, copied, killed_at
from tests.rig.waiting import wall_ms

TITLE = "Ban Chỉ huy PCTT tỉnh"


def fields(office: Office) -> dict[str, Any]:
    return dict(office.tree.targets().unrecognized_fields)


def senders(office: Office) -> tuple[Sender, ...]:
    return read_senders(fields(office))


def add(office: Office, name: str = "pctt", level: str = "Extreme", *more: str) -> None:
    office.does("sender", name, "--title", TITLE, "--level", level, *more)


def test_a_sender_is_signed_and_its_key_needs_a_passphrase(office: Office, client: Client) -> None:
    add(office)
    (sender,) = senders(office)
    assert (sender.name, sender.title, sender.level, sender.groups) == ("pctt", TITLE, Severity.EXTREME, ("tinh",))
    file = office.key("sender-pctt")
    assert file.name == f"sender-pctt-{sender.key.keyid[:8]}.pem"
    assert b"ENCRYPTED" in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    client.sees()


def test_who_may_only_test_has_a_key_in_clear(office: Office) -> None:
    add(office, "thu", "Test")
    assert b"ENCRYPTED" not in office.key("sender-thu").read_bytes()
    assert [it.level for it in senders(office)] == [None]


def test_a_new_key_replaces_the_old_and_the_rest_is_as_it_was(office: Office) -> None:
    office.write("vung-mien-nui/sat-lo.txt", "Sạt lở.")
    office.publish()
    add(office, "pctt", "Severe", "--group", "vung-mien-nui")
    (old,) = senders(office)
    told = office.does("sender", "pctt").stdout
    (new,) = senders(office)
    assert "Khoá cũ hết hiệu lực" in told
    assert (new.title, new.level, new.groups) == (old.title, old.level, old.groups)
    assert new.key.keyid != old.key.keyid
    office.does("sender", "pctt", "--level", "Extreme")
    assert [it.level for it in senders(office)] == [Severity.EXTREME]


def test_a_sender_is_taken_back(office: Office) -> None:
    add(office)
    add(office, "thu", "Test")
    office.does("sender", "pctt", "--remove")
    assert [it.name for it in senders(office)] == ["thu"]
    assert "Không có nơi gửi nào tên “pctt”" in office.refuses("sender", "pctt", "--remove")


def test_they_are_listed(office: Office) -> None:
    assert office.does("senders").stdout == "Chưa có nơi gửi nào.\n"
    add(office)
    assert office.does("senders").stdout == f"pctt ({TITLE}): đến mức Extreme, cho tinh\n"
    (told,) = json.loads(office.does("senders", "--json").stdout)
    (sender,) = senders(office)
    wanted = {"name": "pctt", "title": TITLE, "level": "Extreme", "groups": ["tinh"], "keyid": sender.key.keyid}
    assert told == wanted


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("Pctt", "--title", "T", "--level", "Minor"), "không phải là tên nơi gửi"),
        (("pctt", "--title", "T", "--level", "Minor", "--group", "vung-la"), "không có nhóm “vung-la”"),
        (("pctt", "--title", "T", "--level", "Minor", "--group", "la"), "không có nhóm “la”"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_changes(
    office: Office, arguments: tuple[str, ...], word: str
) -> None:
    before = office.files()
    assert word in office.refuses("sender", *arguments)
    assert office.files() == before
    assert not list((office.work / "keys").glob("sender-*"))


def test_a_new_sender_needs_title_and_level(office: Office) -> None:
    assert office.says("sender", "pctt", "--title", "T").exit_code == 2
    assert office.says("sender", "pctt", "--level", "Minor").exit_code == 2


def test_a_wrong_passphrase_makes_no_key(office: Office) -> None:
    typed = "mat khau sai\n"
    assert "Mật khẩu" in office.refuses("sender", "pctt", "--title", "T", "--level", "Minor", typed=typed)
    assert not list((office.work / "keys").glob("sender-*"))


# They stay


@pytest.mark.parametrize(
    "command",
    [("renew",), ("renew", "--root"), ("revoke", "targets"), ("revoke", "timestamp"), ("revoke", "root-1")],
)
def test_every_signing_keeps_them(office: Office, client: Client, command: tuple[str, ...]) -> None:
    add(office)
    before = fields(office)
    client.sees()
    office.does(*command)
    assert fields(office) == before
    client.sees()


def test_publishing_keeps_them_and_follows_the_broker_of_the_province_s_file(
    office: Office, client: Client, authority: str
) -> None:
    add(office)
    kept = senders(office)
    with_broker(office, 'address = "mqtts://loa.example:8883"\nca = "broker-ca.pem"')
    (office.work / "broker-ca.pem").write_text(authority)
    office.write("tinh/hop.txt", "Mời họp.")
    office.publish()
    assert senders(office) == kept
    assert read_push(fields(office)) == Push("mqtts://loa.example:8883", authority)
    client.sees()
    office.does("sender", "thu", "--title", "T", "--level", "Test")
    assert read_push(fields(office)) is not None
    with_broker(office, "")
    office.publish()
    assert read_push(fields(office)) is None
    assert len(senders(office)) == 2
    assert office.publish()["signed"] == []


def with_broker(office: Office, written: str) -> None:
    file = office.work / "province.toml"
    bare = re.sub(r"\[push\]\n(?:\w.*\n)*", "", file.read_text())
    file.write_text(bare.replace("[communes.24169]", f"[push]\n{written}\n[communes.24169]") if written else bare)


@pytest.fixture
def authority(tmp_path: Path) -> str:
    from station.stores.certificate import AUTHORITY, make_certificate  # noqa: PLC0415 - slow, for these alone

    (tmp_path / "ca").mkdir()
    make_certificate(tmp_path / "ca", "Tỉnh thử", ("127.0.0.1",))
    return (tmp_path / "ca" / AUTHORITY).read_text()


@pytest.mark.parametrize("address", ["http://loa.example:8883", "mqtts://loa.example", "loa.example:8883"])
def test_what_is_no_broker_s_address_is_refused(office: Office, address: str) -> None:
    with_broker(office, f'address = "{address}"')
    assert "không phải là địa chỉ" in office.refuses("publish", str(office.work))


@pytest.mark.parametrize("content", [None, "", "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused(office: Office, content: str | None) -> None:
    with_broker(office, 'address = "mqtts://loa.example:8883"\nca = "broker-ca.pem"')
    office.write("tinh/hop.txt", "Mời họp.")
    if content is not None:
        (office.work / "broker-ca.pem").write_text(content)
    assert "tệp PEM chỉ có chứng thư" in office.refuses("publish", str(office.content))


def test_a_private_key_is_never_told_to_everybody(office: Office, authority: str) -> None:
    with_broker(office, 'address = "mqtts://loa.example:8883"\nca = "broker-ca.pem"')
    office.write("tinh/hop.txt", "Mời họp.")
    key = office.key("timestamp").read_text()
    (office.work / "broker-ca.pem").write_text(authority + key)
    assert "không kèm khoá riêng" in office.refuses("publish", str(office.content))


def test_killed_at_any_write_the_tree_is_right_and_the_command_can_be_given_again(
    office: Office, tmp_path: Path
) -> None:
    root = office.tree.root_content()
    for write in range(1, 100):
        broken = copied(office, tmp_path / "broken")
        if not killed_at(write, lambda it=broken: add(it)):
            break
        station = Client(tmp_path / str(write), broken, root)
        station.sees()
        add(broken)
        station.sees()
        assert [it.name for it in senders(broken)] == ["pctt"]
    assert write == 5, "key, targets, snapshot, timestamp"


# A real station


def test_a_station_believes_them(tmp_path: Path) -> None:
    office = Office(tmp_path / "tinh", tmp_path / "noi-dung", round(wall_ms()))
    office.prepare()
    office.write("xa-24172/hop.txt", "Mời họp.")
    office.publish()
    add(office)
    here = places(tmp_path / "station")
    for folder in (here.province, here.parts, here.run):
        folder.mkdir(parents=True, exist_ok=True)
    Trust(here, "24169", office.tree.root_content(), Clock(always_trusted=True)).hear(Stick(office.tree.folder))
    believed = json.loads((here.province / "metadata" / "targets.json").read_bytes())["signed"]
    assert read_senders(believed) == senders(office)
    groups = [it["name"] for it in believed["delegations"]["roles"]]
    assert groups == ["tinh", "vung-mien-nui", "xa-24169", "xa-24172"], "though most of them have no file"
