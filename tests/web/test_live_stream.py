"""What an open page is sent: at once when something changed, once for all, and the truth when nothing comes."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from station.control.changes import Changes
from station.desk.people import end_session, session_of
from station.stores.home import Home
from tests.rig.waiting import wait_until
from tests.web.states import SEEN, STATES, STATUS
from web.watching import STREAMS

ADDRESS = "/tinh-hinh/lien-tuc"


def events(client: FlaskClient) -> Iterator[tuple[str, Any]]:
    """The events of a stream, as they come."""
    with client.get(ADDRESS) as response:
        assert response.status_code == 200
        assert response.mimetype == "text/event-stream"
        for sent in response.response:
            for name, data in re.findall(r"(event: .*)\n(data: .*)\n\n", sent.decode()):
                yield name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def pictures(client: FlaskClient) -> Iterator[str]:
    return (value for name, value in events(client) if name == "picture")


def test_a_page_is_sent_what_is_and_then_only_what_changed(client: FlaskClient, player):
    player["status"] = STATES["on air"]
    seen = events(client)
    first = list(islice(seen, 4))
    assert [name for name, _ in first] == ["picture", "pulse", "pulse", "pulse"]
    assert "ĐANG PHÁT" in first[0][1]
    assert {"clock": "17:08:21", "position": 501.0, "level": -20.3, "loud": "nghe rõ"}.items() <= first[1][
        1
    ].items()
    player["status"] = STATUS
    _, picture = next(event for event in seen if event[0] == "picture")
    assert "Loa đang im" in picture


def test_it_is_drawn_once_for_all_who_look(client: FlaskClient, app: Flask, player, monkeypatch):
    drawn = []
    watching = app.extensions["watching"]
    draw = watching._draw
    monkeypatch.setattr(watching, "_draw", lambda *seen: drawn.append(seen) or draw(*seen))
    phones = [pictures(client) for _ in range(10)]
    assert len({next(phone) for phone in phones}) == 1
    assert len(drawn) == 1
    player["status"] = STATES["on air"]
    assert all("ĐANG PHÁT" in next(phone) for phone in phones)
    assert len(drawn) == 2


def test_each_sees_it_in_their_own_language(client: FlaskClient, player):
    player["status"] = STATES["on air"]
    vietnamese = events(client)
    assert "nghe rõ" in next(vietnamese)[1]
    client.set_cookie("ngon-ngu", "en")
    english = events(client)
    assert "right, by the network" in next(english)[1]
    client.delete_cookie("ngon-ngu")
    assert next(english)[1]["loud"] != "nghe rõ"
    assert {name: value["loud"] for name, value in islice(vietnamese, 4) if name == "pulse"} == {"pulse": "nghe rõ"}


def test_nobody_asks_the_player_once_nobody_looks(client: FlaskClient, player):
    asked = []
    player["before"] = lambda: asked.append(1)
    seen = events(client)
    next(seen)
    seen.close()
    watching = client.application.extensions["watching"]
    wait_until(lambda: not watching._running)
    before = len(asked)
    assert next(pictures(client)), "and a page that comes later is served again"
    assert len(asked) > before


def test_what_is_drawn_for_all_holds_no_token(client: FlaskClient, player):  # noqa: ARG001
    picture = next(pictures(client))
    assert 'name="csrf_token" value=""' in picture
    assert picture.count("csrf_token") == picture.count('name="csrf_token" value=""')


def test_a_player_that_went_is_told_at_once_and_one_that_came_back_too(client: FlaskClient, player):
    seen = pictures(client)
    assert "Mất liên lạc với máy phát" not in next(seen)
    player["off"]()
    assert "Mất liên lạc với máy phát" in next(seen)
    player["on"]()
    assert "Mất liên lạc với máy phát" not in next(seen)


def test_who_signed_out_is_sent_nothing_more(client: FlaskClient, player, home: Home):  # noqa: ARG001
    seen = events(client)
    next(seen)
    session = session_of(home, token=client.get_cookie("phien").value, now=SEEN)
    assert session
    end_session(home, session.key, by="Lan", now=SEEN)
    assert len(list(islice(seen, 100))) < 20, "the stream ends"


def test_strangers_are_led_to_sign_in(stranger: FlaskClient, client: FlaskClient):  # noqa: ARG001
    assert stranger.get(ADDRESS).headers["Location"] == "/dang-nhap"


def test_who_comes_beyond_the_servers_threads_is_told_to_ask(client: FlaskClient, player):  # noqa: ARG001
    phones = [events(client) for _ in range(STREAMS)]
    assert all(next(phone) for phone in phones)
    assert client.get(ADDRESS).status_code == 204
    phones.pop().close()
    assert client.get(ADDRESS).status_code == 200


def test_a_change_is_counted_once_and_nobody_who_notices_waits():
    changes = Changes()
    changes.notice("a")
    assert changes.wait(0, 10) == 1
    changes.notice("a")
    assert changes.wait(1, 0) == 1
    changes.notice("b")
    assert changes.wait(1, 10) == 2
