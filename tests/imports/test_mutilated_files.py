"""Files with random damage: whatever comes of them, it is tickets or a reason, and never anything else."""

import io
import random
import zipfile
from pathlib import Path

import pytest

from otrs_web.imports.quality import Rejected, message

from .reading import read
from .workbooks import sheet_of, write_xlsx

EDGE = Path(__file__).parent / "edge"
FILES = sorted(p for p in EDGE.iterdir() if p.suffix in {".xlsx", ".csv", ".tsv"} and p.stat().st_size < 9000)


def damage(data: bytearray, rng: random.Random) -> None:
    """Change, delete or repeat a few bytes in place."""
    for _ in range(rng.randint(1, 4)):
        if not data:
            return
        at, how = rng.randrange(len(data)), rng.random()
        if how < 0.5:
            data[at] = rng.randrange(256)
        elif how < 0.8:
            del data[at : at + rng.randint(1, 40)]
        else:
            data[at:at] = data[rng.randrange(len(data)) :][:60]


def mutilated(source: Path, rng: random.Random) -> bytes:
    """Damage anywhere in the file, or within the parts of a workbook that is sound as a zip."""
    data = bytearray(source.read_bytes())
    if not zipfile.is_zipfile(source) or rng.random() < 0.3:
        damage(data, rng)
        return bytes(data)
    out = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = bytearray(old.read(name))
            if rng.random() < 0.5:
                damage(part, rng)
            new.writestr(name, bytes(part))
    return out.getvalue()


@pytest.mark.parametrize("seed", range(8))
def test_tickets_or_a_reason(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    path = tmp_path / "export"
    for _ in range(40):
        source = rng.choice([file for file in FILES if file.name != "c11_bad_checksum.xlsx"])
        path.write_bytes(mutilated(source, rng))
        check(path, source.name)


def check(path: Path, name: str) -> None:
    try:
        result = read(path, name)
    except Rejected as reason:
        said = [message(reason, str)]
    else:
        numbers = result.column("ticket_number")
        assert len(numbers) == len(set(numbers))
        said = [message(finding, str) for finding in result.export.findings]
    assert all(said)


@pytest.mark.parametrize(
    "reference", ["A0", "A007", "a2", "$A$2", "2", "A", "A2B", "", "XFD1048577", "A00000001048577"]
)
def test_odd_references_end_the_search(tmp_path: Path, reference: str) -> None:
    body = f'<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="{reference}"><v>2</v></c></row>'
    check(write_xlsx(tmp_path / "a.xlsx", {"S": sheet_of(body)}), "a.xlsx")
