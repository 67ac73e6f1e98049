"""The very site file of deploy/ in Debian's nginx, in front of the program as it runs: only names of files,
ports and addresses are put in."""

import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.deploy.nginx import Nginx, NginxMissing
from tests.ops.site import Site, free_port
from tests.waiting import wait_until

SITE = Path(__file__).parents[2] / "deploy" / "nginx.conf"
PASSWORD = "secret-word"
LIMIT_MB = 151
#: every row the same length, most of it blanks in a column that nobody needs: 150 MB, few tickets
ROWS, ROW = 20_000, "%d;2026-01-%02d 10:00:00;open;3 normal;Printer on fire;" + 7_830 * " " + "\n"
HEADER = "Ticket#;Created;State;Priority;Title;Remark\n"
FORM_BEGIN = '--b\r\nContent-Disposition: form-data; name="file"; filename="all.csv"\r\n\r\n'
FORM_END = "\r\n--b--\r\n"
FORM = {"content-type": "multipart/form-data; boundary=b", "accept": "text/html"}


@dataclass
class Front:
    """An nginx with the site of deploy/ and where it listens."""

    nginx: Nginx
    http: int
    https: int
    tls: ssl.SSLContext

    def client(self, source: str = "127.0.0.1", *, http2: bool = False) -> httpx.Client:
        transport = httpx.HTTPTransport(verify=self.tls, local_address=source)
        return httpx.Client(base_url=f"https://127.0.0.1:{self.https}", transport=transport, timeout=60)


@contextmanager
def front(*web_ports: int) -> Iterator[Front]:
    """nginx as deploy/nginx.conf has it, before web processes at these ports."""
    try:
        nginx = Nginx()
    except NginxMissing as reason:
        pytest.fail(str(reason), pytrace=False)
    try:
        http, https = free_port(), free_port()
        tls = certificate(nginx.folder)
        nginx.write(site_file(nginx.folder, http, https, web_ports))
        nginx.start()
        yield Front(nginx, http, https, tls)
    finally:
        nginx.stop()


def site_file(folder: Path, http: int, https: int, web_ports: tuple[int, ...]) -> str:
    text = SITE.read_text("utf-8")
    servers = "\n".join(f"server 127.0.0.1:{port};" for port in web_ports)
    for written, here in {
        "listen 80;": f"listen 127.0.0.1:{http};",
        "listen [::]:80;": f"listen [::1]:{http};" if has_ipv6() else "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{https} ssl http2;",
        "listen [::]:443 ssl http2;": f"listen [::1]:{https} ssl http2;" if has_ipv6() else "",
        "/etc/ssl/certs/tickets.example.org.pem": f"{folder}/cert.pem",
        "/etc/ssl/private/tickets.example.org.key": f"{folder}/key.pem",
        "    server 127.0.0.1:5000;": servers,
    }.items():
        assert text.count(written) == 1, written
        text = text.replace(written, here)
    return text


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def certificate(folder: Path) -> ssl.SSLContext:
    """A new certificate for this address, made by nobody but ourselves; the context trusts it alone."""
    names = "subjectAltName=DNS:tickets.example.org,IP:127.0.0.1"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=tickets.example.org", "-addext", names]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*command, *files], check=True, capture_output=True, timeout=30)
    return ssl.create_default_context(cafile=str(folder / "cert.pem"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    environ = {"OTRS_WEB_ADMIN_PASSWORD": PASSWORD, "OTRS_WEB_MAX_UPLOAD_MB": str(LIMIT_MB)}
    site = Site(tmp_path_factory.mktemp("site") / "data", **environ)
    try:
        site.start()
        yield site
    finally:
        site.clean()


@pytest.fixture(scope="module")
def proxy(site: Site) -> Iterator[Front]:
    with front(site.port) as found:
        yield found


@pytest.fixture
def client(proxy: Front) -> Iterator[httpx.Client]:
    with proxy.client() as client:
        yield client


# ---- an upload of 150 MB


@dataclass
class Followed:
    """What was seen of an upload and of the import after it."""

    answer: httpx.Response
    grown_mb: list[float]
    stored_mb: float
    put_down: list[Path]
    percents: list[int] = field(default_factory=list)
    last: str = ""


def form_of_150_mb(halfway: Callable[[], None]) -> Iterator[bytes]:
    yield (FORM_BEGIN + HEADER).encode()
    for begin in range(0, ROWS, 100):
        if begin == ROWS // 2:
            halfway()
        yield "".join(ROW % (20_260_000 + n, n % 28 + 1) for n in range(begin, begin + 100)).encode()
    yield FORM_END.encode()


def peaks(pids: Iterable[int]) -> dict[int, float]:
    """The most memory in MB that each process has ever had."""
    status = {pid: Path(f"/proc/{pid}/status").read_text() for pid in pids}
    return {pid: int(re.search(r"VmHWM:\s+(\d+)", text)[1]) / 1024 for pid, text in status.items()}


def who_writes(path: Path, pids: Iterable[int]) -> list[int]:
    """Which of the processes have the file open."""
    found = []
    for pid in pids:
        for fd in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed meanwhile
                found += [pid] if fd.readlink() == path else []
    return found


@pytest.fixture(scope="module")
def followed(proxy: Front, site: Site) -> Followed:
    size = len(FORM_BEGIN) + len(HEADER) + ROWS * len(ROW % (20_260_000, 1)) + len(FORM_END)
    assert size > 150 << 20
    parts, put_down, web = [], [], []

    def halfway() -> None:
        part = next((site.data_dir / "uploads").glob("*.part"), None)
        assert part, "half of it was sent, and otrs-web has nothing yet"
        parts.append(part.stat().st_size / (1 << 20))
        put_down.extend(proxy.nginx.put_down())
        web.extend(who_writes(part, before))

    with proxy.client() as client:
        client.get("/")
        before = peaks([*proxy.nginx.pids(), *site.processes()])
        headers = FORM | {"content-length": str(size)}
        answer = client.post("/upload", content=form_of_150_mb(halfway), headers=headers)
        put_down += proxy.nginx.put_down()
        after = peaks([*proxy.nginx.pids(), *web])
        grown = [after[pid] - before[pid] for pid in after]
        seen = Followed(answer, grown, parts[0], put_down)
        wait_until(lambda: over(client, seen))
    return seen


def over(client: httpx.Client, seen: Followed) -> bool:
    seen.last = client.get("/uploads/1/progress").text
    if percent := re.search(r'<progress max="100" value="(\d+)"', seen.last):
        seen.percents.append(int(percent[1]))
    return "hx-trigger" not in seen.last


def test_an_upload_of_150_mb_goes_straight_through(followed: Followed) -> None:
    assert (followed.answer.status_code, followed.answer.headers["location"]) == (303, "/?upload=1")
    assert followed.stored_mb > 37, "half of it was sent, and most of that was not on otrs-web's disk"
    assert followed.put_down == []
    assert len(followed.grown_mb) == 3, "nginx has two processes, otrs-web takes it with one"
    assert max(followed.grown_mb) < 24, followed.grown_mb
    assert "20,000" in followed.last


def test_progress_is_seen_while_it_happens(followed: Followed) -> None:
    on_the_way = sorted({percent for percent in followed.percents if 0 < percent < 100})
    assert len(on_the_way) >= 3, followed.percents
    assert followed.percents == sorted(followed.percents)


def test_a_long_list_arrives_piece_by_piece(followed: Followed, client: httpx.Client) -> None:
    def shares() -> Iterator[float]:
        """How much of the time passes until the first piece; on a busy machine that may be long once."""
        for _ in range(5):
            begin = time.monotonic()
            with client.stream("GET", "/tickets.csv") as answer:
                pieces = [(time.monotonic() - begin, piece.count(b"\n")) for piece in answer.iter_raw()]
            assert sum(lines for _, lines in pieces) == ROWS + 1
            yield pieces[0][0] / pieces[-1][0]

    assert any(share < 0.7 for share in shares())


def test_too_large_an_upload_gets_the_sentence_of_otrs_web(client: httpx.Client) -> None:
    blocks = (bytes(1 << 20) for _ in range(LIMIT_MB + 9))
    headers = FORM | {"content-length": str((LIMIT_MB + 9) << 20), "accept": "*/*"}
    answer = client.post("/upload", content=blocks, headers=headers)
    assert answer.status_code == 413
    assert answer.json()["error"] == "The file is larger than 151 MB, the most that is accepted here."


# ---- who asks


def who_is_logged(client: httpx.Client, **headers: str) -> str:
    """Set the schedule with these headers; who has done it, by the database log."""
    settings = {"schedule_time": "23:00", "enabled": True, "auth_password": PASSWORD}
    answer = client.post("/api/update-schedule", json=settings, headers=headers)
    assert answer.status_code == 200, answer.text
    entries = client.get("/database-log.json", params={"kind": "schedule", "limit": 1}).json()["entries"]
    return re.search(r"IP: ([^,]+),", entries[0]["user_info"])[1]


@pytest.mark.parametrize("spoofed", [{}, {"X-Forwarded-For": "6.6.6.6"}, {"x-forwarded-for": "127.0.0.1"}])
def test_the_log_has_the_address_that_nginx_saw(proxy: Front, spoofed: dict[str, str]) -> None:
    with proxy.client("127.0.0.2") as client:
        assert who_is_logged(client, **spoofed) == "127.0.0.2"


def test_whoever_asks_otrs_web_directly_is_not_believed(site: Site) -> None:
    transport = httpx.HTTPTransport(local_address="127.0.0.3")
    with httpx.Client(base_url=f"http://127.0.0.1:{site.port}", transport=transport, timeout=30) as client:
        spoofed = {
            "x-forwarded-for": "6.6.6.6",
            "x-forwarded-proto": "https",
            "x-forwarded-host": "evil.test",
        }
        assert who_is_logged(client, **spoofed) == "127.0.0.3"
        answer = client.post("/sign-in", data={"password": PASSWORD}, headers=spoofed)
        assert "secure" not in answer.headers["set-cookie"].lower()


def test_wrong_passwords_are_counted_by_the_address_of_who_sent_them(proxy: Front) -> None:
    def attempt(client: httpx.Client, number: int) -> int:
        spoofed = {"x-forwarded-for": f"192.0.2.{number}"}
        body = {"password": PASSWORD if number == 10 else "wrong"}
        return client.post("/api/daily-stats-authenticate", json=body, headers=spoofed).status_code

    with proxy.client("127.0.0.5") as guesser, proxy.client("127.0.0.6") as other:
        assert [attempt(guesser, number) for number in range(11)] == [401] * 10 + [429]
        assert attempt(other, 10) == 200


# ---- TLS, names, what is not for everybody


def test_the_site_is_right_to_the_letter(proxy: Front) -> None:
    checked = proxy.nginx.test()
    assert checked.returncode == 0
    assert "warn" not in checked.stderr


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_is_modern_and_speaks_http_2(proxy: Front, version: ssl.TLSVersion) -> None:
    context = ssl.create_default_context(cafile=str(proxy.nginx.folder / "cert.pem"))
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", proxy.https), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="tickets.example.org") as secured,
    ):
        assert secured.selected_alpn_protocol() == "h2"
        assert re.search("GCM|CHACHA20", secured.cipher()[0])


def test_ciphers_of_old_are_refused(proxy: Front) -> None:
    context = ssl.create_default_context(cafile=str(proxy.nginx.folder / "cert.pem"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA")
    with (
        socket.create_connection(("127.0.0.1", proxy.https), timeout=10) as plain,
        pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"),
    ):
        context.wrap_socket(plain, server_hostname="tickets.example.org")


def test_plain_http_leads_to_https(proxy: Front) -> None:
    answer = httpx.get(f"http://127.0.0.1:{proxy.http}/tickets?queue=A%20B&state=open", trust_env=False)
    assert answer.status_code == 301
    assert answer.headers["location"] == "https://tickets.example.org/tickets?queue=A%20B&state=open"


def test_the_session_is_for_https_alone_and_redirects_stay_there(proxy: Front, client: httpx.Client) -> None:
    # as a browser that does not know Sec-Fetch-Site: the address with its port is what it compares
    origin = {"origin": f"https://127.0.0.1:{proxy.https}"}
    answer = client.post("/sign-in", data={"password": PASSWORD, "next": "/settings"}, headers=origin)
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("secure", "httponly", "samesite=lax"))
    assert str(answer.next_request.url) == f"https://127.0.0.1:{proxy.https}/settings"
    assert client.get("/api/daily-stats-auth-status").json()["authenticated"] is True


def test_a_form_of_another_site_is_refused(client: httpx.Client) -> None:
    headers = {"origin": "https://evil.test"}
    assert client.post("/theme", data={"theme": "dark"}, headers=headers).status_code == 403


def test_browsers_are_told_to_stay_with_https_and_what_to_keep(client: httpx.Client) -> None:
    page = client.get("/")
    path = re.search(r'href="(/static/[^"]+\.css)"', page.text)[1]
    kept, unknown = client.get(path), client.get("/static/nothing.css")
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert unknown.status_code == 404
    assert "immutable" not in unknown.headers["cache-control"]
    for answer in (page, kept, unknown, client.get("/metrics/x")):
        assert answer.headers["strict-transport-security"] == "max-age=63072000"
        assert answer.headers["content-security-policy"]


def test_health_and_figures_are_for_this_machine(proxy: Front, client: httpx.Client) -> None:
    paths = ["/metrics", "/metrics/", "//metrics", "/%6detrics", "/x/../metrics"]
    paths += ["/health/ready", "/health/ready/"]
    with proxy.client("127.0.0.2") as stranger:
        assert [raw_status(stranger, path) for path in paths] == [403] * len(paths)
        assert stranger.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 200
    assert client.get("/metrics").status_code != 403


def raw_status(client: httpx.Client, path: str) -> int:
    """The answer's status for a path that goes over the wire as it is written."""
    url = client.base_url.copy_with(raw_path=path.encode())
    return client.send(httpx.Request("GET", url)).status_code


# ---- what nginx hands on, and to whom


class Upstream:
    """A web process that does as it is told: it notes the head of every request, then calls `answer`."""

    def __init__(self, answer: Callable[[socket.socket], None]) -> None:
        self.heads: list[str] = []
        self._answer = answer
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                received = b""
                while b"\r\n\r\n" not in received and (data := connection.recv(65536)):
                    received += data
                self.heads.append(received.partition(b"\r\n\r\n")[0].decode())
                self._answer(connection)

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()


def die(connection: socket.socket) -> None:
    """As a process that is killed when it has begun with a request."""


def test_each_piece_of_an_answer_is_handed_on_at_once_with_what_nginx_knows() -> None:
    arrived = threading.Event()

    def in_two_pieces(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        if arrived.wait(10):
            connection.sendall(b"3\r\ntwo\r\n0\r\n\r\n")

    said = {"x-forwarded-for": "6.6.6.6", "x-forwarded-host": "evil.test", "x-forwarded-proto": "http"}
    said |= {"x-request-id": "forged"}
    with closing(Upstream(in_two_pieces)) as upstream, front(upstream.port) as proxy:
        pieces = []
        with proxy.client("127.0.0.7") as client, client.stream("GET", "/any?q=Anna", headers=said) as answer:
            for piece in answer.iter_raw():
                pieces.append(piece)
                arrived.set()
        assert pieces == [b"one", b"two"]
        head = dict(line.lower().split(": ", 1) for line in upstream.heads[0].split("\r\n")[1:])
        assert head["x-forwarded-for"] == "127.0.0.7"
        assert head["x-forwarded-proto"] == "https"
        assert head["x-forwarded-host"] == head["host"] == f"127.0.0.1:{proxy.https}"
        assert re.fullmatch(r"[0-9a-f]{32}", head["x-request-id"])

        wait_until(lambda: proxy.nginx.journal, 10)
        [line] = proxy.nginx.journal
        assert line.endswith(head["x-request-id"])
        assert '127.0.0.7 "GET /any" 200' in line
        assert "Anna" not in line


def test_a_request_has_one_id_in_both_logs_and_nobody_outside_chooses_it(proxy: Front) -> None:
    forged = {"x-request-id": "forged-by-somebody"}
    with proxy.client() as client:
        given = client.get("/health/live", headers=forged).headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", given)
    wait_until(lambda: any(line.endswith(given) for line in proxy.nginx.journal), 10)


def test_another_web_process_answers_for_one_that_is_not_there(site: Site) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and never listens
        gone = nobody.getsockname()[1]
        with front(gone, site.port) as proxy, proxy.client() as client:
            assert client.get("/health/live").status_code == 200
            wait_until(lambda: proxy.nginx.journal, 10)
            assert f"127.0.0.1:{gone}, 127.0.0.1:{site.port} answered 502, 200" in proxy.nginx.journal[0]

        before = stored(site)
        with front(gone, site.port) as proxy, proxy.client() as client:
            assert client.post("/upload", content=small_form(), headers=FORM).status_code == 303
        assert stored(site) == before + 1


def test_what_only_reads_is_tried_again_and_an_upload_is_not(site: Site) -> None:
    with closing(Upstream(die)) as dying, front(dying.port, site.port) as proxy, proxy.client() as client:
        assert client.get("/health/live").status_code == 200
        assert len(dying.heads) == 1

    before = stored(site)
    with closing(Upstream(die)) as dying, front(dying.port, site.port) as proxy, proxy.client() as client:
        assert client.post("/upload", content=small_form(), headers=FORM).status_code == 502
        assert len(dying.heads) == 1
    assert stored(site) == before


def small_form() -> bytes:
    return (FORM_BEGIN + HEADER + ROW % (20_990_000, 1) + FORM_END).encode()


def stored(site: Site) -> int:
    """How many uploads are on the disk, complete or not."""
    return len(list((site.data_dir / "uploads").glob("*")))
