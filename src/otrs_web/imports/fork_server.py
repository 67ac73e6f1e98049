"""Loaded by the fork server before all else, for what it does: it binds that server to the life of the
process that started it. Import processes are the server's children, bound to it in turn; without this link,
a worker killed in the middle of an import would leave both behind."""

import os

from otrs_web.lifeline import die_with_parent

die_with_parent(os.getppid())
