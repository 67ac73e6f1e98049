"""The JSON API and the downloads: thin controllers over the core, none of which knows a page."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from otrs_web.api.health import HealthController

controllers: Sequence[ControllerRouterHandler] = (HealthController,)
