"""Which schemas this program can bring to its own: a backup of a newer one cannot be restored here, however
whole it is."""

from pathlib import Path

from otrs_web.backups.archive import Manifest
from otrs_web.backups.errors import Reason
from otrs_web.database.schema import known_revisions
from otrs_web.i18n import N_

_NEWER = N_(
    "{file} was made by a newer version of otrs-web ({version}). Update this program, then restore it."
)


def newer(path: Path, manifest: Manifest) -> Reason | None:
    """Why the schema of a backup is beyond this program, or None where it is not."""
    if manifest.revision in known_revisions():
        return None
    return Reason(_NEWER, {"file": path.name, "version": manifest.version})
