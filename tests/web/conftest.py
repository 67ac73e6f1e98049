"""The pages are asked over the same application as the JSON endpoints."""

from tests.api.conftest import app, client, settings

__all__ = ["app", "client", "settings"]
