"""A machine whose whole system is read-only but for one folder, as with an overlay for the root of a Pi."""

from pathlib import Path

# Every mount is made read-only in a name space of its own; devices and /proc stay as they are.
_SCRIPT = """
home=$1; shift
mount --bind "$home" "$home"
cut -d' ' -f2 /proc/self/mounts | while read -r place; do
  case $place in
    "$home" | /proc* | /sys* | /dev*) ;;
    *) mount -o remount,bind,ro "$place" || exit 1 ;;
  esac
done || exit 1
exec "$@"
"""


def read_only_but(home: Path) -> tuple[str, ...]:
    """What goes before a command that shall be able to write to nothing but `home` and memory."""
    return ("unshare", "--mount", "--propagation", "private", "sh", "-c", _SCRIPT, "sh", str(home))
