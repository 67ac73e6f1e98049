"""Which schemas this program can bring to its own: a backup of a newer one cannot be restored here, however
whole it is."""

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from otrs_web.backups.archive import Manifest
from otrs_web.backups.errors import Reason
from otrs_web.i18n import N_
from otrs_web.resources import folder

_NEWER = N_(
    "{file} was made by a newer version of otrs-web ({version}). Update this program, then restore it."
)


def newer(path: Path, manifest: Manifest) -> Reason | None:
    """Why the schema of a backup is beyond this program, or None where it is not."""
    if manifest.revision in _known():
        return None
    return Reason(_NEWER, {"file": path.name, "version": manifest.version})


@cache
def _known() -> frozenset[str]:
    """They come with the program, so they do not change while it runs."""
    config = Config()
    config.set_main_option("script_location", str(folder("migrations")).replace("%", "%%"))
    return frozenset(script.revision for script in ScriptDirectory.from_config(config).walk_revisions())
