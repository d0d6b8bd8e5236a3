"""The control socket: one table of messages, its server and its client."""
