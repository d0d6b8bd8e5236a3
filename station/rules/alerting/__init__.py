"""Alerting: what an emergency message is, who may send one, and what a station does with it."""
