"""The page: what the operator sees and asks, in Vietnamese."""

from web.app import create_app

__all__ = ["create_app"]
