"""The pages and their fragments: thin controllers over the core."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from otrs_web.web.adopt import AdoptPage
from otrs_web.web.backups import Backups
from otrs_web.web.daily_statistics import DailyStatisticsPage
from otrs_web.web.database import DatabasePage
from otrs_web.web.database_log import DatabaseLogPage
from otrs_web.web.filters import filter_values
from otrs_web.web.importing import ImportPage
from otrs_web.web.people import PeoplePage
from otrs_web.web.preferences import choose_language, choose_theme
from otrs_web.web.results import Results
from otrs_web.web.settings import SettingsPage
from otrs_web.web.signin import SignIn
from otrs_web.web.tickets import Tickets
from otrs_web.web.update_steps import UpdateSteps
from otrs_web.web.updates import UpdatesPage
from otrs_web.web.uploads import Uploads, upload_by_name

controllers: Sequence[ControllerRouterHandler] = (
    ImportPage,
    Results,
    DatabasePage,
    DatabaseLogPage,
    PeoplePage,
    DailyStatisticsPage,
    Backups,
    SettingsPage,
    UpdatesPage,
    UpdateSteps,
    AdoptPage,
    SignIn,
    Tickets,
    Uploads,
    upload_by_name,
    choose_language,
    choose_theme,
    filter_values,
)
