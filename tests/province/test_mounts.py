"""What is plugged in is noticed: a real mount, in a name space of its own."""

import subprocess
import sys

import pytest

OWN = ("unshare", "--user", "--map-root-user", "--mount")
LOOKS = """
import subprocess, sys
from station.province.mounts import Mounts
mounts = Mounts()
said = [mounts.plugged_in()]
subprocess.run(["mount", "-t", "tmpfs", "usb", sys.argv[1]], check=True)
said += [mounts.plugged_in(), mounts.plugged_in()]
subprocess.run(["umount", sys.argv[1]], check=True)
said += [mounts.plugged_in()]
print(said)
"""


@pytest.mark.skipif(subprocess.run([*OWN, "true"], check=False).returncode != 0, reason="no name spaces here")
def test_what_is_plugged_in_is_noticed_once(tmp_path):
    looked = subprocess.run(
        [*OWN, sys.executable, "-c", LOOKS, tmp_path], check=True, capture_output=True, text=True
    )
    assert looked.stdout.strip() == "[False, True, False, False]"
