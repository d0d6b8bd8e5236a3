"""The commands of speech: hearing a text before it airs, and the words that the station reads its own way."""

from pathlib import Path

import click

from station.cli_shared import now, told, who
from station.desk import speech
from station.stores.home import Places, open_home


@click.command(help="Đọc thử một nội dung thành tệp WAV; không phát ra loa.")
@click.argument("text")
@click.option(
    "--voice", help="bac, trung, nam, hoặc tên một giọng trong thư mục voices; mặc định theo station.toml."
)
@click.option("--into", type=click.Path(path_type=Path, dir_okay=False), help="Tệp WAV; mặc định là doc-thu.wav.")
@click.option("--read", "only_words", is_flag=True, help="Chỉ in ra nội dung như khi đọc.")
@click.pass_obj
@told
def say(where: Places, text: str, voice: str | None, into: Path | None, *, only_words: bool) -> None:
    """Show how a text is read, or read it into a file."""
    home = open_home(where)
    file = into or Path("doc-thu.wav")
    said = speech.read_aloud(home, text) if only_words else speech.say(home, text, file, voice)
    for trouble in said.troubles:
        click.echo(str(trouble), err=True)
    click.echo(said.read if only_words else f"Đã đọc vào {file}.")


@click.group(help="Cách đọc riêng của đài cho tên và từ.", invoke_without_command=True)
@click.pass_context
@told
def dictionary(context: click.Context) -> None:
    """List the words that the station reads its own way."""
    if context.invoked_subcommand is None:
        for word, reading in speech.readings(open_home(context.obj)).items():
            click.echo(f"{word} = {reading}")


@dictionary.command(help="Thêm hoặc đổi cách đọc một từ.")
@click.argument("word")
@click.argument("reading")
@click.pass_obj
@told
def add(where: Places, word: str, reading: str) -> None:
    """Let a word be read the station's own way."""
    speech.add_reading(open_home(where), word, reading, by=who(), now=now())
    click.echo(f"“{word}” sẽ được đọc là “{reading}”.")


@dictionary.command(help="Bỏ cách đọc riêng của một từ.")
@click.argument("word")
@click.pass_obj
@told
def remove(where: Places, word: str) -> None:
    """Let a word be read as usual again."""
    speech.remove_reading(open_home(where), word, by=who(), now=now())
    click.echo(f"“{word}” sẽ được đọc như thường lệ.")


COMMANDS = (say, dictionary)
