"""What comes from outside: a rebroadcast whose stream is lost and comes back, and a person at the microphone."""

from pathlib import Path

import pytest

from tests.rig.amplifiers import wrong
from tests.rig.icecast import Icecast
from tests.rig.microphone import DEVICE, microphone
from tests.rig.recorder import Recorder
from tests.rig.server import SoundServer
from tests.rig.waiting import wait_until, wait_until_wall, wall_ms
from tests.running import CONFIG, RunningStation

pytestmark = pytest.mark.sound

STREAM, VOICE = 440, 1_000  # Hz
CHIME = 784
SOURCES = """\
[streams.ban]
title = "Đài bạn"
address = "{address}"
[microphones.ban]
title = "Micro bàn"
device = "{device}"
"""
LASTS = 30  # s


def tone(recorder: Recorder, hertz: float) -> bool:
    """Whether the last tenth of a second was this tone."""
    end = recorder.recording.end
    return abs(recorder.recording.between(end - 100, end).pitch() - hertz) < 20


def test_a_lost_stream_is_replaced_and_taken_back_and_then_a_person_speaks(
    sound_server: SoundServer, recorder: Recorder, tmp_path: Path
):
    with Icecast(f"sine=frequency={STREAM}") as icecast, microphone(sound_server, VOICE):
        config = CONFIG + SOURCES.format(address=icecast.address, device=DEVICE)
        with RunningStation(tmp_path, config) as station:
            station.add_noise(4_000)
            item = 'rebroadcast = "ban"\nfor = "5m"\nfallback = "nen"'
            start = station.schedule("tiep-am", 9, item, seconds_long=LASTS)
            station.start()

            wait_until(lambda: tone(recorder, STREAM), 25)
            icecast.stop()
            lost = wall_ms()
            wait_until(lambda: not tone(recorder, STREAM), 10)
            print(f"the fallback is heard {wall_ms() - lost:.0f} ms after the loss")
            assert wall_ms() - lost < 8_000, "5 s on a machine with time for it"
            wait_until(lambda: "Mất sóng" in station.status()["on_air"]["feed"])
            icecast.start()
            wait_until(lambda: tone(recorder, STREAM), 15)
            wait_until_wall(start + 1_000 * LASTS + 100)
            wait_until(lambda: not station.status()["on_air"])

            assert station.command("live").returncode == 0
            assert station.status()["on_air"]["live"]
            wait_until(lambda: tone(recorder, VOICE), 15)
            assert station.status()["on_air"]["level"] is not None
            told = station.command("stop")
            stopped = wall_ms()
            assert "Đã dừng “Phát trực tiếp”" in told.stdout
            wait_until(lambda: not any(zone["on"] for zone in station.status()["zones"]))
            wait_until(lambda: recorder.heard_until(stopped + 2_000))

            heard = recorder.recording
            assert list(wrong(heard, station.switchings())) == []
            rebroadcast, live = heard.intervals(500)
            assert abs(rebroadcast.start - start) < 50
            assert abs(rebroadcast.end - start - 1_000 * LASTS) < 200
            assert heard.between(rebroadcast.start, rebroadcast.end).longest_silence() < 60
            assert heard.between(live.start + 50, live.start + 350).pitch() == pytest.approx(CHIME, abs=15)
            assert live.end < stopped

            relayed, spoken = station.json("log")
            assert relayed["result"] in {"aired", "cut"}
            for told in ("Mất sóng “Đài bạn”", "Đã nhận lại sóng"):
                assert told in relayed["reason"]
            assert (spoken["schedule"], spoken["result"]) == ("truc-tiep", "aired")
            assert "đã kết thúc" in spoken["reason"]
