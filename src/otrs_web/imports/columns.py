"""Which header names which field. OTRS translates its headers, versions and sites rename them, and people retype
them, so names are compared whole after everything that a reader does not see as a difference has been removed. The
order of a field's names is their rank: when several columns of a file could serve, the name further left wins."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

FIELDS = (
    "ticket_number",
    "created_date",
    "closed_date",
    "state",
    "state_type",
    "priority",
    "first_response",
    "age",
    "age_hours",
    "queue",
    "owner",
    "customer_id",
    "customer_realname",
    "title",
    "service",
    "type",
    "category",
    "sub_category",
    "responsible",
    "raw_data",
)

# English, then German, Chinese (both scripts), Spanish, French, Portuguese, Russian. To add a name: one word here.
NAMES: dict[str, tuple[str, ...]] = {
    "ticket_number": (
        "Ticket Number, Ticket#, Ticket No, Ticket Nr, Ticket Num, TN, Ticket No#, Number of Ticket",
        "Ticketnummer, Ticketnr",
        "工单编号, 工单号, 工单号码, 工单#, 票号, Ticket 编号, Ticket 號碼, Ticket 編號, 工單編號, 工單號, 工單號碼",
        "Número de Ticket, Número del Ticket, Ticket Número, Nº de Ticket, Número de Tiquete, Número de Caso",
        "Numéro de ticket, Numéro du ticket, N° de ticket, N° ticket, Numéro de la demande, Numéro de demande",
        "Número do Chamado, Número do Ticket, Nº do Chamado, Nº do Ticket, Número do Tíquete, Chamado#",
        "Номер заявки, Номер тикета, Номер обращения, Заявка#, Заявка №, № заявки, № тикета, Тикет#",
    ),
    "created_date": (
        "Created, Create Time, Date Created, Creation Date, Created Date, Creation Time, Created Time, Created At",
        "Created On, Create Date, Ticket Created, Ticket Create Time, Ticket Creation Date, Opened, Date Opened",
        "Erstellt, Erstellzeit, Erstellt am, Erstelldatum, Erstellungsdatum, Erstellungszeit, Erstellungszeitpunkt",
        "Angelegt, Angelegt am, Eröffnet, Eröffnet am",
        "创建时间, 创建于, 创建日期, 已创建, 创建, 创建的时间, 工单创建时间, 建立时间",
        "建立時間, 建立於, 建立日期, 已建立, 創建時間, 創建於, 創建日期, 已創建",
        "Creado, Creada, Fecha de Creación, Hora de Creación, Tiempo de Creación, Creado el, Fecha creación",
        "Créé, Créée, Créé le, Date de création, Heure de création, Crée, Créés",
        "Criado, Criada, Criado em, Data de Criação, Hora de Criação, Horário de Criação, Data Criação",
        "Создан/а, Создан, Создано, Создана, Время создания, Дата создания, Создана в, Дата/время создания",
    ),
    "closed_date": (
        "Closed, Close Time, Date Closed, Close Date, Closed Date, Closing Date, Closing Time, Closed Time",
        "Closed At, Closed On, Ticket Closed, Ticket Close Time",
        "Geschlossen, Schließzeit, Schließzeitpunkt, Geschlossen am, Schließdatum, Abschlusszeit, Abgeschlossen",
        "Abschlussdatum, Abgeschlossen am",
        "已关闭, 关闭时间, 关闭于, 关闭日期, 关闭, 工单关闭时间, 已關閉, 關閉時間, 關閉於, 關閉日期, 關閉",
        "Cerrado, Cerrada, Cerrados, Fecha de Cierre, Hora de Cierre, Tiempo de Cierre, Cerrado el, Fecha cierre",
        "Fermés, Fermé, Fermée, Fermées, Clos, Clôturé, Fermé le, Date de fermeture, Heure de fermeture",
        "Date de clôture, Clôturé le, Heure de clôture",
        "Fechado, Fechada, Fechados, Fechado em, Data de Fechamento, Hora de Fechamento, Horário de Fechamento",
        "Data de Fecho, Encerrado, Encerrado em, Data de Encerramento",
        "Закрытые, Закрыт, Закрыта, Закрыто, Закрыт/а, Время закрытия, Дата закрытия, Закрыта в",
    ),
    "state": (
        "State, Ticket State, Status, Ticket Status, Current State, State Name",
        "Ticketstatus, Zustand",
        "状态, 工单状态, 狀態, 工單狀態, Ticket 状态",
        "Estado, Estado del Ticket, Estado del Tiquete",
        "État, Statut, État du ticket, Statut du ticket, Etat de la demande",
        "Estado do Chamado, Estado do Ticket, Situação, Status do Chamado",
        "Состояние, Статус, Состояние заявки, Статус заявки",
    ),
    "priority": (
        "Priority, Ticket Priority, Prio",
        "Priorität, Ticketpriorität",
        "优先级, 优先级别, 工单优先级, 優先級, 優先順序, 優先權, 優先級別",
        "Prioridad, Prioridad del Ticket",
        "Priorité, Priorité du ticket",
        "Prioridade, Prioridade do Chamado, Prioridade do Ticket",
        "Приоритет, Приоритет заявки",
    ),
    "first_response": (
        "FirstResponse, First Response Date, First Response At, First Response Time, First Reply, First Answer",
        "Erstantwortzeit, Erste Antwort, Erstantwort, Erste Reaktion, Erstreaktion, Zeitpunkt der ersten Antwort",
        "首次响应, 首次响应时间, 首次回复, 首次回复时间, 第一次响应, 首次回應, 首次回覆, 首次回應時間, 首次響應",
        "Primera Respuesta, Fecha de Primera Respuesta, Tiempo de Primera Respuesta",
        "Première réponse, Date de première réponse, Temps de première réponse",
        "Primeira Resposta, Data da Primeira Resposta, Tempo de Primeira Resposta, Primeira Reposta",
        "Дата первого ответа, Первый ответ, Время первого ответа, Первая реакция",
    ),
    "age": (
        "Age, Ticket Age",
        "Alter, Ticketalter",
        "总时长, 年龄, 时长, 工单年龄, 存在时间, 已存在时间, 總時長, 年齡, 時長",
        "Antigüedad, Edad",
        "Âge, Ancienneté",
        "Idade, Tempo de Vida",
        "Возраст, Возраст заявки",
    ),
    "queue": (
        "Queue, Queue Name, Ticket Queue",
        "Warteschlange",
        "队列, 工单队列, 队列名称, 佇列, 隊列",
        "Cola, Fila, Cola del Ticket",
        "File, File d'attente, File du ticket",
        "Fila do Chamado",
        "Очередь, Очередь заявки",
    ),
    "owner": (
        "Owner, Agent/Owner, Ticket Owner, Owner Name, Owner Login",
        "Besitzer, Agent/Besitzer, Ticketbesitzer, Bearbeiter",
        "所有者, 拥有者, 工单所有者, 服务人员/所有者, 拥有人, 擁有者, 服務人員/所有者, 服務人員/擁有者",
        "Propietario, Agente/Propietario, Propietario del Ticket",
        "Propriétaire, Opérateur/Propriétaire, Agent/Propriétaire, Propriétaire du ticket",
        "Proprietário, Atendente/Proprietário, Agente/Proprietário, Proprietário do Chamado",
        "Владелец, Агент/Владелец, Владелец заявки",
    ),
    "responsible": (
        "Responsible, Responsible Agent, Agent/Responsible, Ticket Responsible, Responsible User, Responsible Name",
        "Verantwortlicher, Verantwortlich, Verantwortliche, Ticketverantwortlicher, Agent/Verantwortlicher",
        "负责人, 责任人, 工单负责人, 負責人, 責任人",
        "Responsable, Agente responsable, Responsable del Ticket",
        "Agent responsable, Responsable du ticket",
        "Responsável, Agente Responsável, Atendente Responsável, Responsável pelo Chamado",
        "Ответственный, Ответственный агент, Ответственный за заявку",
    ),
    "customer_id": (
        "CustomerID, Customer Number, Customer No, Customer Company ID, Customer#",
        "Kundennummer, Kunden-ID, Kundennr, Kunden#",
        "客户编号, 客户ID, 客户号, 客戶編號, 客戶ID, 客戶號",
        "ID del cliente, ID de cliente, Identificador del cliente, Número de cliente, Nº de cliente",
        "Code client, ID client, Identifiant client, Numéro de client, Numéro client, N° client",
        "ID do Cliente, ID de Cliente, Código do Cliente, Número do Cliente, Nº do Cliente",
        "ID компании, ID клиента, Номер клиента, Код клиента",
    ),
    "customer_realname": (
        "Customer Realname, Customer Name, Customer User Name, Customer User Realname, Customer Full Name, Customer",
        "Kundenname, Kundenrealname, Name des Kunden, Kunde",
        "客户名字, 客户姓名, 客户名称, 客户真实姓名, 客户实名, 客户, 客戶名字, 客戶姓名, 客戶名稱, 客戶真實姓名, 客戶",
        "Nombre del cliente, Nombre real del cliente, Nombre de cliente, Cliente",
        "Nom du client, Nom réel du client, Nom client, Client",
        "Nome do Cliente, Nome real do cliente, Nome cliente",
        "Имя клиента, Полное имя клиента, ФИО клиента, Клиент",
    ),
    "title": (
        "Title, Ticket Title",
        "Titel, Tickettitel, 标题, 工单标题, 標題, 工單標題, Título, Título del Ticket, Titre, Titre du ticket",
        "Título do Chamado, Título do Ticket, Название, Заголовок, Название заявки",
        "Subject, Ticket Subject, Betreff, 主题, 主旨, 主題, Asunto, Objet, Sujet, Assunto, Тема",
    ),
    "service": (
        "Service, Service Name, Ticket Service",
        "Dienst, 服务, 服務, Servicio, Serviço, Сервис, Услуга, Служба",
    ),
    "type": (
        "Type, Ticket Type, Type Name",
        "Typ, Tickettyp, 类型, 工单类型, 類型, 工單類型, Tipo, Tipo de Ticket, Type de ticket, Tipo de Chamado",
        "Tipo do Chamado, Тип, Тип заявки",
    ),
    "category": (
        "Category, Ticket Category, Kategorie, 分类, 类别, 分類, 類別, Categoría, Catégorie, Categoria, Категория",
    ),
    "sub_category": (
        "Sub Category, Ticket Sub Category, Unterkategorie, Subkategorie, 子分类, 子类别, 子類別, 子分類",
        "Subcategoría, Sub Categoría, Sous-catégorie, Subcategoria, Sub Categoria, Подкатегория",
    ),
}

# Serve as ticket number only where no better column exists and the values are not a running counter.
WEAK_NUMBERS = "Number, id, TicketID, Ticket, No, Nr, Num, #, Nummer, Ticket-ID, 编号, 編號, 号码, Número, Numéro, Номер, №"

REQUIRED = ("ticket_number", "created_date")


def normal(name: object) -> str:
    """The name as it is compared: no case, accents, blanks, punctuation or invisible characters; # is kept."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", str(name)).casefold())
    return "".join(c for c in text if c.isalnum() or c == "#")


def _ranked(names: Sequence[str]) -> list[str]:
    return [normal(part) for line in names for part in line.split(", ")]


ALIASES: dict[str, tuple[str, int]] = {}
for _field, _lines in NAMES.items():
    for _rank, _name in enumerate(_ranked(_lines)):
        ALIASES.setdefault(_name, (_field, _rank))
_WEAK = _ranked([WEAK_NUMBERS])
CREATED_NAMES = frozenset(name for name, (field, _) in ALIASES.items() if field == "created_date")


@dataclass(frozen=True)
class Mapping:
    """Field -> column index, and the columns that no field took: (index, unique name)."""

    fields: dict[str, int]
    names: dict[str, str]
    others: tuple[tuple[int, str], ...]
    nameless: tuple[int, ...]
    weak_number: int | None = None

    @property
    def missing(self) -> list[str]:
        return [field for field in REQUIRED if field not in self.fields]


def map_columns(cells: Sequence[object]) -> Mapping:
    """Give each field the best column of a header row; columns that lose keep their name in `others`."""
    best: dict[str, tuple[int, int]] = {}
    weak: tuple[int, int] | None = None
    keys = [normal(cell) for cell in cells]
    for index, key in enumerate(keys):
        if key in ALIASES:
            field, rank = ALIASES[key]
            best[field] = min(best.get(field, (rank, index)), (rank, index))
        elif key in _WEAK:
            candidate = (_WEAK.index(key), index)
            weak = min(weak or candidate, candidate)
    fields = {field: index for field, (_, index) in best.items()}
    used = set(fields.values())
    others, nameless, counts = [], [], dict[str, int]()
    for index, cell in enumerate(cells):
        if index in used:
            continue
        name = " ".join(str(cell).split())
        if not keys[index] and not name:
            nameless.append(index)
            continue
        counts[name] = counts.get(name, 0) + 1
        others.append((index, name if counts[name] == 1 else f"{name} ({counts[name]})"))
    names = {field: " ".join(str(cells[index]).split()) for field, index in fields.items()}
    weak_number = weak[1] if weak and "ticket_number" not in fields else None
    return Mapping(fields, names, tuple(others), tuple(nameless), weak_number)
