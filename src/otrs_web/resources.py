"""Where the folders that are not Python code lie: inside the package in an installed wheel, at the top level
of the repository in a checkout. One function, so that templates, static files and translations agree."""

from pathlib import Path


def folder(name: str) -> Path:
    """The folder `name` ("templates", "static", "locale", "migrations") that belongs to this program."""
    package = Path(__file__).parent
    installed = package / name
    return installed if installed.is_dir() else package.parent.parent / name
