"""What the application that this one follows does with an upload, as something to compare an import with.

It reads the sheet with pandas and openpyxl, goes through it with `iterrows`, converts two dates with
`pd.to_datetime` value by value, and adds one object per row to a session that commits once. The leanest
reading of the same steps converts dates with `datetime.fromisoformat` and hands all rows over in one bulk
insert: both are measured, so that nobody needs to wonder which one a ratio flatters. The table has no index
but its key."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pandas as pd
from sqlalchemy import String, create_engine, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

AGE = re.compile(r"(?:(\d+)\s*d)?\s*(?:(\d+)\s*h)?\s*(?:(\d+)\s*m)?")


class Base(DeclarativeBase):
    pass


class Ticket(Base):
    __tablename__ = "otrs_ticket"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_number: Mapped[str | None] = mapped_column(String(100))
    created_date: Mapped[datetime | None]
    closed_date: Mapped[datetime | None]
    state: Mapped[str | None] = mapped_column(String(100))
    priority: Mapped[str | None] = mapped_column(String(50))
    first_response: Mapped[str | None] = mapped_column(String(255))
    age: Mapped[str | None] = mapped_column(String(50))
    age_hours: Mapped[float | None]
    queue: Mapped[str | None] = mapped_column(String(255))
    owner: Mapped[str | None] = mapped_column(String(255))
    responsible: Mapped[str | None] = mapped_column(String(255))
    customer_id: Mapped[str | None] = mapped_column(String(255))
    customer_realname: Mapped[str | None] = mapped_column(String(255))
    title: Mapped[str | None]
    service: Mapped[str | None] = mapped_column(String(255))
    type: Mapped[str | None] = mapped_column(String(100))
    category: Mapped[str | None] = mapped_column(String(255))
    sub_category: Mapped[str | None] = mapped_column(String(255))
    import_time: Mapped[datetime]
    data_source: Mapped[str]


TEXTS = {
    "ticket_number": "Ticket Number",
    "state": "State",
    "priority": "Priority",
    "first_response": "FirstResponse",
    "age": "Age",
    "queue": "Queue",
    "owner": "Owner",
    "responsible": "Responsible",
    "customer_id": "CustomerID",
    "customer_realname": "Customer Realname",
    "title": "Title",
    "service": "Service",
    "type": "Type",
    "category": "Category",
    "sub_category": "Sub Category",
}
Values = dict[str, object]


ORIGINAL = ("read_excel", "rows, pd.to_datetime", "ORM add, one commit")
LEANEST = ("read_excel", "rows, fromisoformat", "one bulk insert")


@dataclass
class Baseline:
    """Seconds on the clock and of the processor that each step took; `rows` that ended in the table."""

    rows: int = 0
    clock: dict[str, float] = field(default_factory=dict)
    processor: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        begin, begin_processor = time.perf_counter(), time.process_time()
        yield
        self.clock[name] = time.perf_counter() - begin
        self.processor[name] = time.process_time() - begin_processor


def measure(path: Path, folder: Path) -> Baseline:
    """Run both readings of the original on one sheet that is read once; databases are made in `folder`."""
    result = Baseline()
    with result.step("read_excel"):
        sheet = pd.read_excel(path, engine="openpyxl", dtype={"Ticket Number": str, "CustomerID": str})
    with result.step("rows, pd.to_datetime"):
        rows = _rows(sheet, _pandas_date)
    with result.step("ORM add, one commit"):
        result.rows = _add(folder / "original.db", rows)
    with result.step("rows, fromisoformat"):
        rows = _rows(sheet, _plain_date)
    with result.step("one bulk insert"):
        _bulk(folder / "lean.db", rows)
    return result


def _pandas_date(value: object) -> datetime | None:
    date = pd.to_datetime(value, errors="coerce")
    return None if pd.isna(date) else date.to_pydatetime()


def _plain_date(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def clean_string(value: object) -> str | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    text = str(value).strip()
    return None if text.lower() in {"", "nan", "none", "null"} else text


def _age_hours(text: str | None) -> float | None:
    found = AGE.match(text or "")
    if not found or not any(found.groups()):
        return None
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return days * 24 + hours + minutes / 60


def _rows(sheet: pd.DataFrame, date: Callable[[object], datetime | None]) -> list[Values]:
    now = datetime.now()
    rows: list[Values] = []
    for _, row in sheet.iterrows():
        values: Values = {name: clean_string(row[header]) for name, header in TEXTS.items()}
        age = values["age"]
        values["age_hours"] = _age_hours(age if isinstance(age, str) else None)
        values["created_date"] = date(row["Created"])
        values["closed_date"] = date(row["Closed"])
        values["import_time"] = now
        values["data_source"] = "bench"
        rows.append(values)
    return rows


def _add(path: Path, rows: list[Values]) -> int:
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for values in rows:
            session.add(Ticket(**values))
        session.commit()
        count = session.query(Ticket).count()
    engine.dispose()
    return count


def _bulk(path: Path, rows: list[Values]) -> None:
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.execute(insert(Ticket), rows)
        session.commit()
    engine.dispose()
