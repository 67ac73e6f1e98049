"""Which kind of answer a client can use: a page, a fragment for a page that is already open, or JSON. The
address decides where only scripts go or only browsers, the headers where both do."""

from otrs_web.reader import AnyRequest

#: what interface.md gives to scripts: always JSON, whatever the client says that it accepts
_JSON_PATHS = frozenset(
    {
        "/processing-status",
        "/database-stats",
        "/age-details",
        "/empty-firstresponse-details",
        "/clear-database",
        "/tickets.json",
        "/database-log.json",
        "/metrics",
    }
)
_JSON_PREFIXES = ("/api/", "/health/", "/schema/")
#: scripts and pages meet here: a browser that navigates says that it accepts HTML
_SHARED_PATHS = frozenset(
    {"/upload", "/demo", "/tickets.csv", "/tickets.xlsx", "/database-log.csv", "/database-log.xlsx"}
)
_SHARED_PREFIXES = ("/export/", "/api/export-")


def accepts_html(request: AnyRequest) -> bool:
    """Whether the client names HTML: browsers do when they navigate, scripts do not."""
    return "text/html" in request.headers.get("accept", "")


def wants_json(request: AnyRequest) -> bool:
    path = request.scope["path"]
    if path in _SHARED_PATHS or path.startswith(_SHARED_PREFIXES) or path.endswith("/file"):
        return not (accepts_html(request) or wants_fragment(request))
    if path in _JSON_PATHS or path.startswith(_JSON_PREFIXES):
        return True
    return "json" in request.headers.get("accept", "") and not accepts_html(request)


def wants_fragment(request: AnyRequest) -> bool:
    return "hx-request" in request.headers and "hx-boosted" not in request.headers
