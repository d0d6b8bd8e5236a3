"""From the duty officer's command line to the horns of a commune, by the real parts, and back to the province."""

from pathlib import Path

from tests.alerts.province import Desk
from tests.alerts.world import CODE, FLOOD, world
from tests.rig.waiting import wait_until


def test_an_alert_airs_is_cancelled_and_the_province_hears_of_it(tmp_path: Path) -> None:
    with world(tmp_path) as its, Desk(its.broker) as desk:
        its.start()
        station = its.station
        alert = its.does("alert", "send", "--to", f"xa-{CODE}", "--repeats", "9", *FLOOD).partition(":")[0]
        wait_until(station.on_air, 30)
        on_air = station.on_air()
        assert on_air["key"].startswith(f"canh-bao/{alert}@")
        assert on_air["priority"] == "emergency"
        wait_until(lambda: "airing" in desk.results(alert), 20)

        cancel = its.does("alert", "cancel", alert, "--text", "Nước đã rút.").partition(":")[0]
        station.aired(f"canh-bao/{alert}", "cut")
        station.aired(f"canh-bao/{cancel}")
        wait_until(lambda: desk.results(alert)[-1:] == ["cut"] and desk.results(cancel)[-1:] == ["aired"], 20)

        test = its.does("alert", "test").partition(":")[0]
        wait_until(lambda: desk.results(test), 20)
        assert len(station.results()) == 2, "a silent test is not heard"
        kept = {it["id"]: it["decision"] for it in station.json("alerts")["alerts"]}
        assert kept == {alert: "air", cancel: "air", test: "note"}
