"""An installation as a larger site runs it: several web servers and workers on one PostgreSQL, one Valkey and
one data directory."""

import json
import subprocess
import urllib.request
from pathlib import Path
from types import TracebackType

from tests import services
from tests.ops.site import Site
from tests.waiting import wait_until


class Several:
    """Started when entered, once every web server answers and every worker is there; ended when left."""

    def __init__(self, data_dir: Path, webs: int, workers: int, **environ: str) -> None:
        self.data_dir = data_dir
        data_dir.mkdir(parents=True)
        environ = {**services.shared(data_dir), "OTRS_WEB_SECRET_KEY": "k" * 32, **environ}
        self.webs = [Site(data_dir, **environ) for _ in range(webs)]
        self.workers = [Site(data_dir, **environ) for _ in range(workers)]

    @property
    def addresses(self) -> list[str]:
        return [f"http://127.0.0.1:{web.port}" for web in self.webs]

    def processes(self) -> dict[int, str]:
        return self.webs[0].processes()

    def __enter__(self) -> "Several":
        try:
            for web in self.webs:
                web.launch(command="web")
            for worker in self.workers:
                worker.launch(command="worker")
            for address in self.addresses:
                wait_until(lambda address=address: _is_ready(address))
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for site in (*self.webs, *self.workers):
            if site.process is not None and site.process.poll() is None:
                site.process.terminate()
        for site in (*self.webs, *self.workers):
            if site.process is not None:
                try:
                    site.process.wait(15)
                except subprocess.TimeoutExpired:
                    site.process.kill()
                    site.process.wait()
        self.webs[0].clean()


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health/ready", timeout=10) as answer:
            parts = json.load(answer)["parts"]
    except OSError:
        return False
    return all(part["state"] != "failed" for part in parts.values())
