"""State names to types."""

import pytest

from otrs_web.imports.states import _NAMES, STATE_TYPES, TYPES, state_type

STOCK = {
    "new": "new, neu, 新建, nuevo, nouveau, novo, новая",
    "open": "open, offen, 处理中, abierto, ouvert, aberto, открыта",
    "pending": "pending reminder, pending auto close+, pending auto close-, warten zur Erinnerung, "
    "warten auf erfolgreich schließen, 挂起提醒, 挂起等待成功关闭, pendiente de recordatorio, "
    "Attente de rappel, "
    "lembrete de pendente, ожидает напоминания",
    "closed": "closed successful, closed unsuccessful, closed with workaround, erfolgreich geschlossen, "
    "erfolglos geschlossen, 成功关闭, 失败关闭, cerrado con éxito, cerrado sin éxito, clos (résolu), "
    "clos (non résolu), fechado com êxito, fechado sem êxito, закрыта успешно, закрыта неуспешно",
    "merged": "merged, zusammengefasst, 已合并, fusionado, fusionné, agrupado, объединена",
    "removed": "removed, entfernt, 已删除, eliminado, supprimé, removido, удалена",
}
CUSTOM = {
    "new": "New",
    "open": "In progress, Reopened, Assigned, 进行中",
    "pending": "Pending, On hold, Waiting for customer, Resolved pending, Pending close",
    "closed": "Closed, Resolved, Solved, Done, 已关闭, 已解决, 已完成",
    "merged": "Merged",
    "removed": "Cancelled, Canceled, 已取消",
}
KNOWN = [(n, kind) for names in (STOCK, CUSTOM) for kind, line in names.items() for n in line.split(", ")]


@pytest.mark.parametrize(("name", "kind"), KNOWN)
def test_stock_and_custom_names(name: str, kind: str) -> None:
    assert state_type(name) == kind
    assert state_type(f"  {name.upper()} ") == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("new-新建", "new"),
        ("open-处理中", "open"),
        ("closed successful-成功关闭", "closed"),
        ("closed unsuccessful-失败关闭", "closed"),
        ("merged-已合并", "merged"),
        ("pending  auto close +", "pending"),
        ("ON-HOLD", "pending"),
        ("in_progress", "open"),
    ],
)
def test_other_ways_to_write_them(name: str, kind: str) -> None:
    assert state_type(name) == kind


@pytest.mark.parametrize(
    "name", [None, "", "  ", "Frobnicated", "closed?maybe", "not closed", "unresolved", "#N/A"]
)
def test_unknown(name: str | None) -> None:
    assert state_type(name) == "unknown"


def test_no_name_has_two_types() -> None:
    assert set(STATE_TYPES.values()) == set(TYPES) - {"unknown"}
    for kind, lines in _NAMES.items():
        for name in lines.replace("\n", ",").split(","):
            assert not name.strip() or state_type(name) == kind, name


def test_the_sites_own_names_come_first() -> None:
    own = {"Frobnicated": "pending", "resolved": "open"}
    assert state_type("FROBNICATED ", own) == "pending"
    assert state_type("Resolved", own) == "open"
    assert state_type("closed successful", own) == "closed"
