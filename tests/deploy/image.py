"""The image, made without a container engine: the steps of Containerfile are performed in namespaces of the
kernel, as an engine does it. This machine is the image that the steps start from (the tests are skipped where
it is another Debian or another Python); what they write lands in an overlay over it."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.deploy import containerfile
from tests.deploy.containerfile import Stage

ROOT = Path(__file__).parents[2]
_PATH = f"{sys.base_prefix}/bin:/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin"


def which(name: str) -> str | None:
    """Where a program is that a container of this image finds by its name."""
    return shutil.which(name, path=_PATH)


def why_not() -> str | None:
    """Why the steps cannot be performed here; None where they can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "needs root on Linux: an engine's namespaces and mounts are made by hand"
    base = containerfile.read(ROOT / "Containerfile")[-1].base
    here = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    if base != f"python:3.{sys.version_info.minor}-slim-{here}":
        return f"the image starts from {base}, which this machine is not like"
    if missing := [name for name in ("pip", "unshare", "nsenter", "setpriv") if not which(name)]:
        return f"needs {', '.join(missing)}"
    if subprocess.run(["unshare", "--mount", "--net", "true"], capture_output=True, check=False).returncode:
        return "the kernel gives this root no namespaces, as in a container without privileges"
    return None


@dataclass(frozen=True)
class Program:
    """What a container runs, in which environment and folder, as whom (uid:gid), and what ends it."""

    command: list[str]
    env: Mapping[str, str]
    user: str
    folder: str
    stop_signal: str = "SIGTERM"


@dataclass(frozen=True)
class Image:
    """The layer over this machine's files, and what the image says about running it."""

    layer: Path
    stage: Stage

    @property
    def user(self) -> str:
        return self.stage.last("USER")

    @property
    def health_check(self) -> list[str]:
        return containerfile.health_check(self.stage.last("HEALTHCHECK"))[1]

    def program(self, command: list[str] | None = None, **environ: str) -> Program:
        """What a container of this image runs, with `command` in the place of CMD."""
        env = {"PATH": _PATH}
        for text in self.stage.all("ENV"):
            env |= containerfile.pairs(text, env)
        words = containerfile.command(self.stage.last("ENTRYPOINT"))
        words += command or containerfile.command(self.stage.last("CMD"))
        folder, stop = self.stage.last("WORKDIR"), self.stage.last("STOPSIGNAL")
        return Program(words, env | environ, self.user, folder, stop)


def build(folder: Path) -> Image:
    """Perform all stages of Containerfile; `folder` keeps what they write."""
    stages = containerfile.read(ROOT / "Containerfile")
    rules = containerfile.ignore_rules(ROOT / ".dockerignore")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    context = [name for name in tracked.stdout.split("\0") if name and not containerfile.ignored(name, rules)]
    for number, stage in enumerate(stages):
        _Build(folder / (stage.name or str(number)), stage, context).perform()
    return Image(folder / str(len(stages) - 1), stages[-1])


def built(folder: Path) -> Image:
    """What `build` has made in that folder before."""
    stages = containerfile.read(ROOT / "Containerfile")
    return Image(folder / str(len(stages) - 1), stages[-1])


class _Build:
    """One stage."""

    def __init__(self, folder: Path, stage: Stage, context: list[str]) -> None:
        self.layer, self._stage, self._context = folder, stage, context
        self._work, self._root = folder.with_suffix(".work"), folder.with_suffix(".root")
        for made in (self.layer, self._work, self._root):
            made.mkdir(parents=True)
        self._env, self._dir = {"PATH": _PATH}, "/"

    def perform(self) -> None:
        # the base image's Python can be used by everybody
        for above in (parent for parent in Path(sys.base_prefix).parents if parent != Path("/")):
            self._run(f"chmod a+x {above}")
        for keyword, value in self._stage.steps:
            if keyword == "ENV":
                self._env |= containerfile.pairs(value, self._env)
            elif keyword == "WORKDIR":
                self._dir = value
                self._run(f"mkdir -p {value}", "/")
            elif keyword == "COPY":
                self._copy(*value.split())
            elif keyword == "RUN":
                self._run(value)

    def _run(self, script: str, folder: str | None = None) -> None:
        overlay = f"lowerdir=/,upperdir={self.layer},workdir={self._work}"
        mounts = f"""mount -t overlay overlay -o {overlay} {self._root}
            mount --rbind /dev {self._root}/dev && mount -t proc proc {self._root}/proc
            exec chroot {self._root} env --chdir={folder or self._dir} sh -ec "$0" """
        passed = {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_", "http", "no_proxy"))}
        done = subprocess.run(
            ["unshare", "--mount", "--propagation=private", "sh", "-ec", mounts, script],
            env=passed | self._env | {"HOME": "/root"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"

    def _copy(self, *words: str) -> None:
        options, (*sources, target) = _options(words)
        there = self.layer / (Path(self._dir) / target).relative_to("/")
        if stage := options.get("from"):
            assert target.startswith("/"), "from another stage, only whole trees are copied"
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(
                self.layer.with_name(stage) / sources[0].lstrip("/"),
                there,
                symlinks=True,
                copy_function=os.link,
            )
            return
        for source in sources:
            found = [name for name in self._context if name == source or name.startswith(f"{source}/")]
            assert found, f"COPY {source}: the ignore file keeps it out, or git does not know it"
            for name in found:
                file = there / Path(name).relative_to(source if name != source else Path(source).parent)
                file.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, file)


def _options(words: tuple[str, ...]) -> tuple[dict[str, str], list[str]]:
    options = dict(word[2:].split("=", 1) for word in words if word.startswith("--"))
    return options, [word for word in words if not word.startswith("--")]
