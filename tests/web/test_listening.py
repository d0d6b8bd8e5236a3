"""The tape that the player rendered is what the page lets one hear: the same broadcast, the same samples."""

from pathlib import Path

from flask.testing import FlaskClient

from station.clock import Clock
from station.desk.people import new_setup_code
from station.stores.home import open_home, places
from tests.rig.waiting import wait_until
from tests.running import RunningStation
from tests.web.asking import post
from web import create_app

AHEAD = 600  # s: far enough not to air meanwhile


def signed_in(station: RunningStation) -> FlaskClient:
    home = open_home(places(station.home))
    client = create_app(home, Clock()).test_client()
    code = new_setup_code(home, now=0)
    post(client, "/thiet-lap", code=code, name="Lan", password="mat khau dai", at="/thiet-lap")
    return client


def test_the_rendered_tape_is_heard_on_the_page_before_it_airs(tmp_path: Path):
    with RunningStation(tmp_path, device="none") as station:
        station.add_noise(3000)
        station.schedule("thu", AHEAD, 'play = "nen"')
        client = signed_in(station.start())
        wait_until(lambda: client.get("/lich/thu/nghe").status_code == 200, 30)
        (tape,) = (station.home / "tapes").glob("thu-*.wav")
        heard = client.get("/lich/thu/nghe", headers={"Range": "bytes=100000-"})
        assert heard.status_code == 206
        assert heard.data == tape.read_bytes()[100000:]
        assert "<audio" in client.get("/lich/thu").text
