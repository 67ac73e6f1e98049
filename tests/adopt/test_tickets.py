"""Tickets of the original: stored as an import of the same values stores them, and none lost in silence."""

import json
from datetime import UTC, datetime

from otrs_web.database import SyncDatabase
from otrs_web.models import DataState, StateName, Ticket, Upload
from tests.adopt.conftest import take
from tests.adopt.original import FIRST, LOOSE, build, ticket

AGENT = "Max Muster *** out of office until 2025-08-31 (5 d left) ***"


def test_words_dates_ages_and_states_are_those_of_an_import(install, tmp_path, rows_of):
    settings = install()
    rows = [
        ticket("2025082010000011", state="closed successful", closed_date="2025-08-21 10:00:00.500000"),
        ticket("2025082010000028", owner=AGENT, responsible=f" {AGENT} ", age="7 d 9 h", age_hours=177.0),
        ticket("2025082010000035", state="merged", first_response="NaN", title=" as it is ", queue="  "),
        ticket("2025082010000042", state="pending reminder", first_response="2025-08-20 10:00:00"),
        ticket("2025082010000059", state="Waiting for parts", closed_date="2025-08-21T10:00:00+02:00"),
    ]
    report = take(settings, build(tmp_path / "otrs_data.db", otrs_ticket=rows))
    assert (report["otrs_ticket"].found, report["otrs_ticket"].taken) == (5, 5)
    closed, away, merged, waits, own = rows_of(settings, Ticket)
    assert (closed["closed_date"], closed["left_at"], closed["is_open"]) == (
        datetime(2025, 8, 21, 10, 0, 1),
        datetime(2025, 8, 21, 10, 0, 1),
        False,
    )
    assert (away["owner"], away["responsible"]) == ("Max Muster", "Max Muster")
    assert (away["age"], away["age_hours"], away["is_open"]) == ("7 d 9 h", 177.0, True)
    assert (merged["is_open"], merged["first_response"], merged["title"], merged["queue"]) == (
        False,
        None,
        " as it is ",
        None,
    )
    assert merged["left_at"] == merged["created_date"]
    assert (waits["state_type"], waits["is_open"]) == ("pending", True)
    assert waits["first_response"] == "2025-08-20 10:00:00"
    assert (own["state_type"], own["is_open"], own["closed_date"]) == (
        "unknown",
        False,
        datetime(2025, 8, 21, 10),
    )


def test_the_site_s_own_states_count(install, tmp_path, rows_of):
    settings = install()
    db = SyncDatabase(settings)
    with db.write() as session:
        session.add(StateName(name="Waiting for parts", state_type="pending"))
    db.dispose()
    rows = [ticket("1", state="Waiting for parts", closed_date="2025-08-21 10:00:00.000000")]
    take(settings, build(tmp_path / "otrs_data.db", otrs_ticket=rows))
    assert rows_of(settings, Ticket)[0]["is_open"] is True


def test_what_cannot_be_taken_is_counted_with_its_reason(install, tmp_path, rows_of):
    settings = install()
    rows = [
        ticket(None),
        ticket("  "),
        ticket("9" * 101),
        ticket("17", title="older", import_time="2025-08-26 08:00:00.000000"),
        ticket("17", title="newest", import_time="2025-08-28 08:00:00.000000"),
        ticket(" 17 ", title="older too", import_time="2025-08-27 08:00:00.000000"),
        ticket("18", created="soon", closed_date="later", state="closed successful"),
        ticket("19", closed_date="later", state="who knows"),
        ticket(20, title=b"caf\xe9", created=None, age="2 d 3 h", raw_data="[1"),
    ]
    report = take(settings, build(tmp_path / "otrs_data.db", LOOSE, otrs_ticket=rows))
    taken = report["otrs_ticket"]
    assert (taken.found, taken.taken, taken.left_out.total()) == (9, 3, 6)
    reasons = {reason.split(", since ")[1].removesuffix(": {n}."): n for reason, n in taken.left_out.items()}
    assert reasons == {
        "the ticket number is missing": 2,
        "the ticket number is longer than 100 characters": 1,
        "another row of the same ticket was imported later": 2,
        "neither the close time nor the state tells whether the ticket is open": 1,
    }
    assert sorted(taken.changed.values()) == [1, 1, 2]  # a close time, further columns, creation times
    stored = {row["ticket_number"]: row for row in rows_of(settings, Ticket)}
    assert set(stored) == {"17", "18", "20"}
    assert stored["17"]["title"] == "newest"
    assert (stored["18"]["created_date"], stored["18"]["closed_date"]) == (None, None)
    assert stored["20"]["title"] == "caf\ufffd"
    # its age at the time of the export, which the file's name tells
    assert stored["20"]["estimated_created"] == datetime(2025, 8, 25, 15, 18)


def test_of_the_whole_row_the_columns_stay_that_no_field_has_taken(install, tmp_path, rows_of):
    settings = install()
    row = {
        "Ticket Number": "1",
        "State": "open",
        "SLA": "Gold",
        "Escalation": 3.0,
        "Note": None,
        "Unnamed: 7": 1,
    }
    text = json.dumps(row).replace("null", "NaN")
    take(settings, build(tmp_path / "otrs_data.db", otrs_ticket=[ticket("1", raw_data=text), ticket("2")]))
    first, second = rows_of(settings, Ticket)
    assert json.loads(first["raw_data"]) == {"SLA": "Gold", "Escalation": "3"}
    assert second["raw_data"] is None


def test_octets_that_are_no_utf8_do_not_stop_it(install, tmp_path, rows_of):
    settings = install()
    path = build(tmp_path / "otrs_data.db", otrs_ticket=[ticket("1", title="Grüße", queue="a\0b")])
    path.write_bytes(path.read_bytes().replace("Grüße".encode(), b"Gr\xfc\xdfe  "))
    report = take(settings, path)
    assert report.repaired == 1
    (stored,) = rows_of(settings, Ticket)
    assert (stored["title"], stored["queue"]) == ("Gr\ufffd\ufffde  ", "ab")


def test_the_first_release_had_fewer_tables_and_columns(install, tmp_path, rows_of):
    settings = install()
    path = build(
        tmp_path / "otrs_data.db",
        FIRST,
        otrs_ticket=[ticket("1"), ticket("2", data_source=None, import_time=None)],
        upload_detail=[
            {
                "filename": "ticket_search_2025-08-27_18-18.xlsx",
                "upload_time": "2025-08-27 18:20:06.000000",
                "record_count": 2,
            }
        ],
    )
    report = take(settings, path)
    assert report["otrs_ticket"].taken == 2
    assert {name for name, taken in report.tables.items() if taken.is_missing} == {
        "daily_statistics",
        "statistics_config",
        "responsible_config",
        "database_log",
        "app_update_status",
    }
    first, second = rows_of(settings, Ticket)
    upload = rows_of(settings, Upload)[0]
    assert (first["responsible"], first["upload_id"]) == (None, upload["id"])
    # this release wrote its uploads in UTC
    assert (
        upload["upload_time"]
        == first["import_time"].replace(second=6)
        == datetime(2025, 8, 27, 18, 20, 6, tzinfo=UTC)
    )
    assert (second["import_time"], second["upload_id"]) == (None, None)


def test_the_data_are_as_of_the_latest_export(install, tmp_path, rows_of):
    settings = install()
    rows = [
        ticket("1"),
        ticket(
            "2",
            created="2025-08-29 07:00:00.000000",
            data_source="list.csv",
            import_time="2025-08-30 08:00:00",
        ),
    ]
    take(settings, build(tmp_path / "otrs_data.db", otrs_ticket=rows))
    first, second = rows_of(settings, Ticket)
    assert first["snapshot_at"] == datetime(2025, 8, 27, 18, 18)
    assert second["snapshot_at"] == datetime(2025, 8, 29, 7)
    (state,) = rows_of(settings, DataState)
    assert state["as_of"] == datetime(2025, 8, 29, 7)
