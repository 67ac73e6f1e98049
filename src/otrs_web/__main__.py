"""`python -m otrs_web` is `otrs-web`."""

from otrs_web.cli import main

main(prog_name="otrs-web")
