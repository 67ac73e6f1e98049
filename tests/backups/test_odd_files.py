"""Whatever lies in the folder, the list, the clean-up and the backup of the night go on, and what cannot be
restored is said to be so, by verifying as well as by restoring."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from otrs_web.backups import daily, folder, service
from otrs_web.backups.archive import read_manifest
from otrs_web.backups.errors import BackupError
from otrs_web.backups.restore import restore
from otrs_web.clock import frozen
from otrs_web.database import Database
from tests.backups.support import WHO, everything, files, filled, made, rewritten, run, scalar
from tests.backups.test_daily import DUE

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
#: a file's name that is no text
ODD = b"\xff\xfebad.zip"
TIMES = {
    "no offset": "2020-01-01T00:00:00",
    "before all clocks": "0001-01-01T00:00:00Z",
    "after all clocks": "9999-12-31T23:59:59Z",
    "no time": "yesterday",
}


def odd_copy(path):
    target = os.path.join(os.fsencode(path.parent), ODD)
    with open(target, "wb") as file:
        file.write(path.read_bytes())
    return path.parent / os.fsdecode(ODD)


def test_a_name_that_is_no_text_is_listed_and_cannot_be_asked_for(install):
    settings = filled(install)
    path = made(settings)
    odd = odd_copy(path)
    found = {b.path: b for b in folder.listing(settings)}
    assert found[odd].name == "\ufffd\ufffdbad.zip"
    assert "is not UTF-8" in str(found[odd].fault)
    assert found[path].fault is None
    for name in (odd.name, found[odd].name):
        with pytest.raises(BackupError, match="no backup of that name"):
            folder.find(settings, name)
    for attempt in (service.verify, restore):
        with pytest.raises(BackupError, match="is not UTF-8"):
            attempt(settings, odd, who=WHO)
    assert service.clean_up(settings, who=WHO, keep_days=1) == []


@pytest.mark.parametrize("how", TIMES)
def test_a_time_that_is_none_is_damage(install, how):
    settings = filled(install)
    path = made(settings)
    wrong = rewritten(path, "otrs-web-2020-01-01T000000Z.sqlite.zip", created_at=TIMES[how])
    (fault,) = (str(b.fault) for b in folder.listing(settings) if b.path == wrong)
    assert "is damaged" in fault
    for attempt in (service.verify, restore):
        with pytest.raises(BackupError, match="is damaged"):
            attempt(settings, wrong, who=WHO)
    # it is old by its name, and nothing speaks for it
    assert service.clean_up(settings, who=WHO, keep_days=30) == [wrong.name]
    assert files(settings) == [path.name]


def test_a_file_that_cannot_be_read_is_listed(install):
    settings = filled(install)
    path = made(settings)
    data = bytearray(path.read_bytes())
    # the name of a member is UTF-8, it says, and is not
    entry = data.index(b"PK\x01\x02")
    data[entry + 9] |= 0x08
    data[entry + 46] = 0xFF
    path.write_bytes(data)
    (found,) = folder.listing(settings)
    assert found.fault is not None
    assert service.clean_up(settings, who=WHO) == []


async def test_the_backup_of_the_night_is_made_beside_odd_files(install):
    settings = filled(install, backup_keep_days=30, backup_keep_at_least=1)
    with frozen(DUE - timedelta(days=60)):
        old = made(settings)
    with frozen(DUE - timedelta(days=1)):
        path = made(settings)
    odd_copy(path)
    naive = rewritten(path, "naive.zip", created_at="2020-01-01T00:00:00")
    db = Database(settings)
    with frozen(DUE - timedelta(hours=1)):
        await daily.run(db)
    with frozen(DUE + timedelta(minutes=1)):
        assert await daily.run(db)
    await db.dispose()
    assert not old.exists()
    assert naive.exists()


def test_a_whole_backup_of_a_newer_schema_is_refused_by_both(install):
    settings = filled(install)
    ours = scalar(settings, "SELECT version_num FROM alembic_version")
    run(settings, "UPDATE alembic_version SET version_num = '0099'")
    newer = made(settings)
    run(settings, f"UPDATE alembic_version SET version_num = '{ours}'")
    assert read_manifest(newer).revision == "0099"
    before = everything(settings, without=["database_log"])
    for attempt in (service.verify, restore):
        with pytest.raises(BackupError, match="newer version of otrs-web") as refused:
            attempt(settings, newer, who=WHO)
        assert refused.value.kind == "refused"
    (found,) = folder.listing(settings)
    assert "newer version" in str(found.fault)
    assert everything(settings, without=["database_log"]) == before
    damaged = rewritten(newer, "damaged.zip", member=b"nothing")
    for attempt in (service.verify, restore):
        with pytest.raises(BackupError, match="is damaged"):
            attempt(settings, damaged, who=WHO)
