"""`./install.sh` in a system of its own, with systemd as its first process: `python -m tests.install`."""
