"""`python -m tests.generator OUT --rows 100000`: an export on disk, for the benchmark and for trying out."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import DIALECTS, generate

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("out", type=Path)
parser.add_argument("--rows", type=int, default=1000)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--dialect", choices=DIALECTS, default="otrs-en")
chosen = parser.parse_args()
generate(chosen.rows, chosen.seed, chosen.dialect, chosen.out.suffix.lstrip(".") or "xlsx").write(chosen.out)
