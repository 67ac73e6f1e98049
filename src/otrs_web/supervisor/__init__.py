"""`otrs-web run`: one small process that owns the data directory and the port, and starts, watches, restarts
and ends the others (broker, web, worker). It does nothing else and loads next to nothing, so that it is the
one part that stays up; it is synchronous, so that its order of events can be read from top to bottom."""

from otrs_web.supervisor.errors import StartError
from otrs_web.supervisor.life import run
from otrs_web.supervisor.listen import listen, shown_address

__all__ = ["StartError", "listen", "run", "shown_address"]
