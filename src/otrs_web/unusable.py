"""Why a command cannot do its work, apart and light, so that the command line can say it without loading what
fails."""


class Unusable(Exception):  # noqa: N818 - reads as what happened
    """Something that is needed cannot be used; the text is a sentence that says why, and what to do."""
