"""Header names to fields, and where the header is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otrs_web.imports.columns import ALIASES, map_columns, normal
from otrs_web.imports.names import NAMES
from otrs_web.imports.reading.header import find_header

from .reading import read, refusal
from .workbooks import COLUMNS, sheet, ticket, tickets_xlsx, write_xlsx

SEED = {
    "created_date": "Created, CreateTime, Create Time, Date Created, created, creation_date",
    "closed_date": "Closed, CloseTime, Close Time, Date Closed, closed, close_date",
    "state": "State, Status, Ticket State, state, status",
    "ticket_number": "Ticket Number, TicketNumber, ticket_number, Ticket#",
    "priority": "Priority, priority",
    "first_response": "FirstResponse, First Response, firstresponse",
}
TRANSLATED = {
    "ticket_number": "Ticketnummer, 工单编号, Número de Ticket, Numéro de ticket, "
    "Número do Chamado, Номер заявки",
    "created_date": "Erstellt, 创建时间, Creado, Créé, Criado, Создан/а",
    "closed_date": "Geschlossen, 已关闭, Cerrado, Fermés, Fechado, Закрытые",
    "state": "Status, 状态, Estado, État, Estado, Состояние",
    "priority": "Priorität, 优先级, Prioridad, Priorité, Prioridade, Приоритет",
    "first_response": "Erstantwortzeit, 首次响应, PrimeraRespuesta, Première réponse, "
    "Primeira Resposta, Первый ответ",
    "age": "Alter, 总时长, Antigüedad, Âge, Idade, Возраст",
    "queue": "Queue, 队列, Cola, File, Fila, Очередь",
    "owner": "Besitzer, 所有者, Propietario, Propriétaire, Proprietário, Владелец",
    "responsible": "Verantwortlicher, 负责人, Responsable, Responsable, Responsável, Ответственный",
    "customer_id": "Kundennummer, CustomerID, ID del cliente, Code client, ID do Cliente, ID компании",
    "title": "Titel, 标题, Título, Titre, Titulo, Название",
    "service": "Service, 服务, Servicio, Service, Serviço, Сервис",
    "type": "Typ, 类型, Tipo, Type, Tipo, Тип",
}
ALL_NAMES = sorted(
    {(name, field) for field, lines in NAMES.items() for line in lines for name in line.split(", ")}
)


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (field, name)
        for table in (SEED, TRANSLATED)
        for field, names in table.items()
        for name in names.split(", ")
    ],
)
def test_known_names(field: str, name: str) -> None:
    assert map_columns([name]).fields == {field: 0}


def test_no_name_means_two_fields() -> None:
    for name, field in ALL_NAMES:
        assert ALIASES[normal(name)][0] == field, name


@pytest.mark.parametrize(
    "name",
    [
        "TICKET NUMBER",
        " ticket  number ",
        "ticket-number",
        "Ticket_Number",
        "Ticket\u00a0Number",
        "Ticket\nNumber",
        "\ufeffTicket Number",
        "Ticket\u200bNumber",
        "Ｔｉｃｋｅｔ Ｎｕｍｂｅｒ",
        "'Ticket Number'",
        "Ticket Number:",
        "ticketNumber",
    ],
)
def test_what_a_reader_does_not_see_makes_no_difference(name: str) -> None:
    assert map_columns([name]).fields == {"ticket_number": 0}


@pytest.mark.parametrize(
    "name",
    [
        "Created By",
        "CreatedBy",
        "Closed Tickets",
        "Last Changed",
        "FirstLock",
        "FirstResponseInMin",
        "Master Ticket",
        "SolutionTime",
        "StateType",
        "Call#",
        "Number of Articles",
        "Customer User",
        "Queue ID",
        "Request Type",
    ],
)
def test_similar_names_are_not_the_same(name: str) -> None:
    assert map_columns([name]).fields == {}


@given(st.sampled_from(ALL_NAMES), st.sampled_from([str.upper, str.lower, str.title, str.strip]))
def test_case_never_matters(pair: tuple[str, str], change: object) -> None:
    name, field = pair
    assert map_columns([change(name)]).fields == {field: 0}  # type: ignore[operator]


@given(st.lists(st.text(max_size=20), max_size=30))
def test_every_column_goes_somewhere_exactly_once(cells: list[str]) -> None:
    mapping = map_columns(cells)
    places = [*mapping.fields.values(), *(index for index, _ in mapping.others), *mapping.nameless]
    assert sorted(places) == list(range(len(cells)))
    names = [name for _, name in mapping.others]
    assert len(names) == len(set(names))


def test_better_names_win_wherever_they_stand() -> None:
    assert map_columns(["Subject", "Title"]).fields == {"title": 1}
    assert map_columns(["Number", "Ticket#", "id"]).fields == {"ticket_number": 1}
    assert map_columns(["Customer Name", "Customer Realname"]).fields == {"customer_realname": 1}
    mapping = map_columns(["Closed", "Close Time", "Closed"])
    assert (mapping.fields, mapping.others) == ({"closed_date": 0}, ((1, "Close Time"), (2, "Closed")))


def test_number_and_id_serve_where_nothing_better_is(tmp_path) -> None:
    for name in ("Number", "id", "ID", "Nummer", "编号", "Ticket"):
        path = tickets_xlsx(tmp_path / "a.xlsx", [ticket(5), ticket(9)], [name, *COLUMNS[1:]])
        assert read(path).column("ticket_number") == [ticket(5)[0], ticket(9)[0]]


@pytest.mark.parametrize("values", [("1", "2", "3"), (1, 2, 3), ("3", "2", "1"), ("41", "42", "43"), ("1",)])
def test_a_running_counter_is_no_ticket_number(tmp_path, values) -> None:
    rows = [ticket(0, number=value) for value in values]
    reason = refusal(tickets_xlsx(tmp_path / "a.xlsx", rows, ["Number", *COLUMNS[1:]]))
    assert (reason.code, reason.params["missing"]) == ("columns_missing", ["ticket_number"])


def test_header_below_banner_and_blank_lines(tmp_path) -> None:
    above = [
        ["ACME help desk"],
        [],
        ["confidential", None, "Created", "by us"],
        ["State of things"],
        [None],
    ] * 8
    result = read(write_xlsx(tmp_path / "a.xlsx", {"S": sheet([*above, COLUMNS, ticket(1), ticket(2)])}))
    assert result.export.header_line == 41
    assert len(result.tickets) == 2


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        (["Ticket", None, "Times", None], ["Ticket Number", "State", "Created", "Closed"]),
        (["Ticket Number", "State", "Times", None], [None, None, "Created", "Closed"]),
        (["Ticket", "State", "Date", None], ["Number", None, "Created", "Closed"]),
    ],
)
def test_two_row_heads(tmp_path, upper, lower) -> None:
    row = ["2026011210000024", "open", "2026-01-10 08:00:00", None]
    result = read(write_xlsx(tmp_path / "a.xlsx", {"S": sheet([upper, lower, row])}))
    assert result.tickets[0]["created_date"] == "2026-01-10 08:00:00"
    assert result.tickets[0]["state"] == "open"
    assert result.export.header_line == 2


def test_words_in_the_rows_are_no_header() -> None:
    rows = [["report of", "closed"], ["Ticket Number", "Created", "State"], ["1", "x", "Closed"]]
    header = find_header(list(enumerate(rows, 1)))
    assert header is not None
    assert header.line == 2


def test_list_on_another_sheet_and_a_second_list_is_not_forgotten(tmp_path) -> None:
    path = write_xlsx(
        tmp_path / "a.xlsx",
        {
            "Cover": sheet([["Ticket report"], ["see the next sheets"]]),
            "Empty": sheet([]),
            "January": sheet([COLUMNS, ticket(1)]),
            "February": sheet([COLUMNS, ticket(2)]),
        },
    )
    result = read(path)
    assert result.export.sheet == "January"
    assert result.findings["other_sheets"].params["sheets"] == ["February"]


def test_a_list_with_rows_is_better_than_one_without(tmp_path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"Form": sheet([COLUMNS]), "List": sheet([COLUMNS, ticket(2)])})
    assert read(path).export.sheet == "List"


def test_fields_that_the_file_has() -> None:
    result = read(Path(__file__).parent / "edge" / "s13_missing_optional_columns.xlsx")
    assert result.export.fields == {"ticket_number", "created_date"}
    costly = result.findings["columns_missing_costly"]
    assert costly.params["costs"] == ["closed_date", "state", "priority", "first_response", "responsible"]
