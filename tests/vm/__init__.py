"""A machine like a Raspberry Pi, emulated by qemu: systemd, pins, a sound card and a card that loses power."""
