"""A voice for piper that anyone can make: an ONNX model of a few operations, in which each phoneme is a tone.

Real voices weigh 60 MB and more. This one takes what piper gives and gives what piper takes, so that the true
program runs. Written as protobuf by hand: `onnx` is a heavy thing to ask for.
"""

import json
import struct
from pathlib import Path

_FLOAT, _INT64 = 1, 7
RATE = 16_000
_SAMPLES = 1_600  # of each phoneme at its natural length
_PHONEMES = "^$_ .,?!abcdefghijklmnopqrstuvwxyzæəɔɛŋɗɓɲɣʈʂʐɨɯɤɹʰˈˌːˑ1234567ăâêôơưđɐʊɪɜʌθðʒʃɑɒ"


def make_tone_voice(folder: Path, name: str, weight: int = 0) -> None:
    """Put the voice `name` into `folder`: the model, made heavier by `weight` bytes, and its description."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(_model(1 + weight // 4))
    described = {
        "audio": {"sample_rate": RATE},
        "espeak": {"voice": "vi"},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "num_symbols": len(_PHONEMES),
        "num_speakers": 1,
        "phoneme_id_map": {phoneme: [number] for number, phoneme in enumerate(_PHONEMES, 1)},
    }
    (folder / f"{name}.onnx.json").write_text(json.dumps(described))


def _model(ones: int) -> bytes:
    """`output = sin(input × ramp)`, flat: the ramp holds the samples of one phoneme, as many as its scale asks.

    The pitch is multiplied by the highest of `ones` ones.
    """
    nodes = [
        _node("Cast", ["input"], ["ids"], _int_attribute("to", _FLOAT)),
        _node("Reshape", ["ids", "column"], ["phonemes"]),
        _node("Gather", ["scales", "second"], ["slower"]),
        _node("Mul", ["slower", "samples"], ["longer"]),
        _node("Range", ["zero", "longer", "one"], ["times"]),
        _node("ReduceMax", ["ones"], ["one of them"], _int_attribute("keepdims", 0)),
        _node("Mul", ["pitch", "one of them"], ["true pitch"]),
        _node("Mul", ["times", "true pitch"], ["ramp"]),
        _node("Mul", ["phonemes", "ramp"], ["phases"]),
        _node("Sin", ["phases"], ["tones"]),
        _node("Reshape", ["tones", "flat"], ["output"]),
    ]
    graph = b"".join(_field(1, node) for node in nodes) + _field(2, b"tones")
    for name, number in (("samples", _SAMPLES), ("zero", 0), ("one", 1), ("pitch", 0.02)):
        graph += _field(5, _tensor(name, (), _FLOAT, struct.pack("<f", number)))
    graph += _field(5, _tensor("ones", (ones,), _FLOAT, struct.pack("<f", 1) * ones))
    graph += _field(5, _tensor("second", (), _INT64, struct.pack("<q", 1)))
    graph += _field(5, _tensor("column", (2,), _INT64, struct.pack("<2q", -1, 1)))
    graph += _field(5, _tensor("flat", (4,), _INT64, struct.pack("<4q", 1, 1, 1, -1)))
    graph += _field(11, _value("input", _INT64, ("one", "length")))
    graph += _field(11, _value("input_lengths", _INT64, ("one",))) + _field(
        11, _value("scales", _FLOAT, ("three",))
    )
    graph += _field(12, _value("output", _FLOAT, ("one", "one", "one", "samples")))
    return _number(1, 8) + _field(7, graph) + _field(8, _field(1, b"") + _number(2, 13))


def _node(operation: str, takes: list[str], gives: list[str], attribute: bytes = b"") -> bytes:
    names = b"".join(_field(1, it.encode()) for it in takes) + b"".join(_field(2, it.encode()) for it in gives)
    return names + _field(4, operation.encode()) + (_field(5, attribute) if attribute else b"")


def _int_attribute(name: str, value: int) -> bytes:
    return _field(1, name.encode()) + _number(3, value) + _number(20, 2)


def _tensor(name: str, shape: tuple[int, ...], kind: int, raw: bytes) -> bytes:
    return b"".join(_number(1, it) for it in shape) + _number(2, kind) + _field(8, name.encode()) + _field(9, raw)


def _value(name: str, kind: int, shape: tuple[str, ...]) -> bytes:
    dimensions = b"".join(_field(1, _field(2, it.encode())) for it in shape)
    return _field(1, name.encode()) + _field(2, _field(1, _number(1, kind) + _field(2, dimensions)))


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])
