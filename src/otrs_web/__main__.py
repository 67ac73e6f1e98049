"""`python -m otrs_web` is `otrs-web`."""

from otrs_web.cli import main

if __name__ == "__main__":  # a process that does a piece of work for another one loads this module as well
    main(prog_name="otrs-web")
