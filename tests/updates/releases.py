"""Releases for tests: small trees whose installer says what it was given and ends as it is told."""

import hashlib
import io
import tarfile
from collections.abc import Iterable, Mapping

PROJECT = '[project]\nname = "loa-xa"\nversion = "{version}"\n'
INSTALLER = """\
cd "$(dirname "$0")" || exit 1
sha256sum --quiet --strict --check SHA256SUMS || exit 1
{{ echo "{version}"; pwd; echo "$#"; }} >> "$TRACE"
echo 'đang cài'
while [ -e "$TRACE.hold" ]; do sleep 0.1; done
echo '{words}'
exit {status}
"""
NEW, OLD = "99.1.0", "0.0.1"


def release(
    version: str = NEW, status: int = 0, *, words: str = "xong", top: str = "loa-xa/", ballast: int = 0
) -> bytes:
    """A release whose installer notes in the file `$TRACE` that it ran, after checking that its tree is whole."""
    files = {
        "pyproject.toml": PROJECT.format(version=version).encode(),
        "install.sh": INSTALLER.format(version=version, status=status, words=words).encode(),
        "station/__init__.py": b"",
        **{f"web/{number}": hashlib.sha256(bytes([number])).digest() * 4096 for number in range(ballast)},
    }
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    return packed({f"{top}{name}": it for name, it in {**files, "SHA256SUMS": sums.encode()}.items()})


def packed(files: Mapping[str, bytes], more: Iterable[tarfile.TarInfo] = ()) -> bytes:
    """A tar file of these, and of members without content."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755 if name.endswith(".sh") else 0o644
            archive.addfile(member, io.BytesIO(content))
        for member in more:
            archive.addfile(member)
    return out.getvalue()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
