"""What a real player airs can be heard again: its log holds what was in the tape."""

from pathlib import Path

from station.clock import Clock
from station.desk.replay import replays, shared_file
from station.rules.now import DAY
from station.stores.home import open_home, places
from tests.rig.waiting import wait_until
from tests.running import CONFIG, RunningStation, speech


def test_what_aired_can_be_heard_again_by_its_bulletins(tmp_path: Path):
    with RunningStation(tmp_path, CONFIG + "[public]\npage = true\n", device="none") as station:
        for name, kind in (("tin", "news"), ("nhac-hieu", "ident")):
            recording = speech(tmp_path / f"{name}.mp3", f"Xin chào bà con, {name}.")
            assert station.command("add", str(recording), "--kind", kind, "--approve").returncode == 0
        item = 'play = "nhac-hieu"\n[[rundown]]\nplay = "tin"\n[[rundown]]\nsay = "Xin cảm ơn bà con."'
        station.start()
        station.schedule("sang", 6, item)
        station.aired("sang")
        home, now = open_home(places(station.home)), Clock().now().wall
        (parts,) = home.log.segments(now - DAY, now).values()
        library = {it.id: it for it in home.library.segments()}
        assert [(library[it.segment].name, it.kind) for it in parts] == [("nhac-hieu", "ident"), ("tin", "news")]
        assert [it.ready for it in parts] == [library[it.segment].ready for it in parts]
        assert replays(home, now) == ()
        station.terminate()
        station.start()
        wait_until(lambda: replays(home, now), 30)
        (found,) = replays(home, now)
        assert (found.record.title, [it.name for it in found.bulletins]) == ("sang", ["tin"])
        assert shared_file(home, found.bulletins[0]).stat().st_size > 1_000
