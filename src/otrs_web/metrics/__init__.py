"""Figures for Prometheus. There are two kinds, and neither needs files that processes share:

- of this process: requests, latency, memory. A web process has an address of its own, so Prometheus asks each
  one and adds them up.
- of the installation: what the database, the broker and the disk say at the moment of the question. They are
  the same from every web process, survive restarts, and are not to be added up.

Jobs run in processes that nobody asks, so their durations are counted in the broker, where they come from.
"""
