"""What a container says where somebody wants to update it."""

#: a program that prints the line to type
WHAT_TO_TYPE = """
from otrs_web.settings import Settings
from otrs_web.updates.install import way
from otrs_web.updates.shapes import Target
print(way(Settings.from_env(), Target(kind="release", version="v9", ref="v9")).obstacle.params["command"])
"""
