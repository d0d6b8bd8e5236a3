"""Template files: the program's own are right, the station's take their place, a broken one is told."""

from pathlib import Path

from station.rules.rundown import Kind
from station.stores.templates import read_templates


def test_the_programs_own_are_right(tmp_path: Path) -> None:
    found = read_templates(tmp_path)
    assert found.troubles == ()
    assert {it.name for it in found.texts if it.urgent} == {"lu", "chay"}
    assert {it.name for it in found.texts if not it.urgent} == {"cat-dien", "bac-tin-don"}
    (daily,) = found.programmes
    assert daily.kinds == (Kind.NEWS, Kind.NOTICE, Kind.MUSIC)


def test_a_station_has_its_own_and_a_broken_one_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "lu.toml").write_text('title = "Lũ ở xã ta"\ntext = "Nước lên."\n')
    (folder / "hai.toml").write_text('title = "Cả hai"\ntext = "x"\n[[rundown]]\nchoose = "news"\n')
    (folder / "la.toml").write_text('title = "Lạ"\n[[rundown]]\nchoose = "nwes"\n')
    found = read_templates(tmp_path)
    assert [it.title for it in found.texts if it.name == "lu"] == ["Lũ ở xã ta"]
    told = " ".join(str(it) for it in found.troubles)
    assert "hai.toml" in told
    assert "la.toml" in told
    assert "news" in told
    assert "Các mẫu khác vẫn dùng được." in told
