"""Why a start is refused, apart so that every part of the supervisor can say it."""


class StartError(Exception):
    """The program cannot start; the text tells the user why and what to do."""
