"""The JSON API and the downloads: thin controllers over the core, none of which knows a page."""

from collections.abc import Sequence

from litestar import Router
from litestar.types import ControllerRouterHandler

from otrs_web.api.administration import AdministrationController
from otrs_web.api.backups import BackupsController
from otrs_web.api.daily_statistics import DailyStatisticsController
from otrs_web.api.database_log import DatabaseLogController
from otrs_web.api.exports import ExportsController
from otrs_web.api.health import HealthController
from otrs_web.api.history import HistoryController
from otrs_web.api.metrics import MetricsController
from otrs_web.api.people import PeopleController
from otrs_web.api.people_files import PeopleFilesController
from otrs_web.api.queries import known_parameters
from otrs_web.api.statistics import StatisticsController
from otrs_web.api.tickets import TicketsController
from otrs_web.api.update_trigger import UpdateTriggerController
from otrs_web.api.updates import UpdatesController
from otrs_web.api.uploads import UploadController
from otrs_web.security import json_only

_json = Router(
    "/",
    route_handlers=[
        HistoryController,
        StatisticsController,
        PeopleController,
        DailyStatisticsController,
        PeopleFilesController,
        TicketsController,
        ExportsController,
        DatabaseLogController,
        AdministrationController,
        BackupsController,
        UpdatesController,
        UpdateTriggerController,
        HealthController,
        MetricsController,
    ],
    guards=[json_only, known_parameters],
)
#: forms in a browser are sent here as well
_forms = Router("/", route_handlers=[UploadController], guards=[known_parameters])

controllers: Sequence[ControllerRouterHandler] = (_json, _forms)
