"""Reads compose.yaml as compose does: values from the environment are filled in, whatever profile is used,
and services without a profile belong to every one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

#: of compose's forms of a variable, those that the file may use: with a default, which may be empty
_VARIABLE = re.compile(r"\$\{([A-Z_]+):-([^}$]*)\}")

Service = dict[str, Any]


@dataclass(frozen=True)
class Project:
    """The file with the values of an environment."""

    content: dict[str, Any]

    @property
    def services(self) -> dict[str, Service]:
        return dict(self.content["services"])

    def active(self, *profiles: str) -> set[str]:
        """The names of the services that `up` starts with these profiles, if it is given no name."""
        return {
            name
            for name, service in self.services.items()
            if not service.get("profiles") or set(service["profiles"]) & set(profiles)
        }

    def with_dependencies(self, name: str) -> list[str]:
        """The service and all that it waits for, in an order in which they can be started."""
        found: list[str] = []
        for needed in self.services[name].get("depends_on", {}):
            found += [other for other in self.with_dependencies(needed) if other not in found]
        return [*found, name]

    def address(self, name: str) -> str | None:
        """The address that the service is given by the file."""
        networks = self.services[name].get("networks", {})
        return networks["inner"].get("ipv4_address") if isinstance(networks, dict) and networks else None


def read(path: Path, environ: Mapping[str, str]) -> Project:
    return Project(_filled_in(yaml.safe_load(path.read_text()), environ))


def _filled_in(value: Any, environ: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled_in(part, environ) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled_in(part, environ) for part in value]
    if not isinstance(value, str):
        return value
    assert "$" not in _VARIABLE.sub("", value), f"{value}: a form of variable that is not known to the tests"
    return _VARIABLE.sub(lambda found: environ.get(found[1]) or found[2], value)


def texts(value: Any) -> Iterator[str]:
    """All texts in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts(part)
