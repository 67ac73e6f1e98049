"""What a version is called and which of two is newer. Tags are written with and without a "v" in front and
both mean the same; what packaging.version cannot read is no version at all."""

from collections.abc import Iterable
from functools import cache
from importlib.metadata import version

from packaging.version import InvalidVersion, Version


@cache
def running_version() -> str:
    """The version of the program that runs."""
    return version("otrs-web")


def parsed(text: str | None) -> Version | None:
    """The version that a tag names; None where it names none."""
    try:
        return Version((text or "").strip())
    except InvalidVersion:
        return None


def shown(text: str) -> str:
    """A tag as people read it: `v1.2.3` is 1.2.3; what is no version stays as it is."""
    found = parsed(text)
    return text if found is None else str(found)


def is_newer(candidate: str | None, current: str) -> bool:
    """Whether both are versions and the first is the later one. A local part (1.2.3+site) does not count."""
    new, old = parsed(candidate), parsed(current)
    return new is not None and old is not None and Version(new.public) > Version(old.public)


def newest(tags: Iterable[str], *, pre_releases: bool) -> str | None:
    """The tag of the highest version; without `pre_releases` those of finished versions only."""
    known = [(found, tag) for tag in tags if (found := parsed(tag)) is not None]
    fit = [pair for pair in known if pre_releases or not pair[0].is_prerelease]
    return max(fit)[1] if fit else None


def is_pre_release(text: str) -> bool:
    found = parsed(text)
    return found is not None and found.is_prerelease
