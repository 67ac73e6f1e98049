"""The pages are asked over the same application as the JSON endpoints."""

from tests.api.conftest import client, settings

__all__ = ["client", "settings"]
