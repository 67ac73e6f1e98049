"""The people, queues and subjects of the made-up help desk, apart from the code that puts them together.

Everything here is invented. Queues carry their own subjects, services and categories, so that a ticket about
a printer lies where printers are dealt with and the drill-downs of a demonstration make sense.
"""

from typing import NamedTuple


class Queue(NamedTuple):
    """`hours` is the median time to solve a ticket; `agents` are indexes into AGENTS, the busiest first."""

    name: str
    share: int
    hours: float
    service: str
    category: str
    agents: tuple[int, ...]
    subjects: tuple[tuple[str, str], ...]


AGENTS = (
    "Anna Lindqvist",
    "王芳",
    "Marco Bianchi",
    "李伟",
    "Sofia Weber",
    "陈静",
    "Daniel O'Connor",
    "刘洋",
    "Katarzyna Nowak",
    "赵敏",
    "Jonas Meyer",
    "Priya Raman",
)

QUEUES = (
    Queue(
        "Service Desk::First Level",
        26,
        7,
        "Service Desk",
        "Question",
        (0, 1, 4, 5, 8),
        (
            ("Outlook asks for the password again and again", "Request"),
            ("Cannot open shared mailbox {team}", "E-mail"),
            ("Calendar invitations arrive one hour late", "E-mail"),
            ("How do I share a folder with an external partner?", "How-to"),
            ("会议室 {floor}01 投影无信号", "Meeting room"),
            ("邮箱容量已满，无法收信", "E-mail"),
            ("浏览器打不开内网首页", "Browser"),
            ("电脑开机后一直黑屏，请协助", "Computer"),
        ),
    ),
    Queue(
        "Service Desk::Second Level",
        13,
        34,
        "Service Desk",
        "Software",
        (2, 3, 6),
        (
            ("Excel crashes when opening the {team} report", "Office"),
            ("Software request: drawing tool for {team}", "Installation"),
            ("Update of the PDF tool fails with error {code}", "Update"),
            ("Teams call drops after a few minutes", "Conferencing"),
            ("WPS 打印预览乱码，工号 {staff}", "Office"),
            ("申请安装设计软件（{team}）", "Installation"),
        ),
    ),
    Queue(
        "Workplace::Hardware",
        12,
        60,
        "Workplace",
        "Hardware",
        (6, 7, 10),
        (
            ("Notebook battery lasts less than an hour", "Notebook"),
            ("New starter on Monday: notebook and two monitors", "Onboarding"),
            ("Docking station does not detect the monitor, desk {desk}", "Docking station"),
            ("Return of equipment, employee {staff} leaves", "Offboarding"),
            ("笔记本电脑键盘部分按键失灵", "Notebook"),
            ("新员工入职：申请电脑和显示器（工号 {staff}）", "Onboarding"),
        ),
    ),
    Queue(
        "Workplace::Printing",
        8,
        12,
        "Workplace",
        "Printer",
        (7, 10),
        (
            ("Printer on floor {floor} jams with every job", "Paper jam"),
            ("Scan to e-mail stopped working, floor {floor}", "Scanner"),
            ("Toner low on printer P-{desk}", "Supplies"),
            ("{floor} 楼打印机卡纸", "Paper jam"),
            ("打印机 P-{desk} 显示离线", "Offline"),
        ),
    ),
    Queue(
        "Network::VPN and Wi-Fi",
        12,
        9,
        "Network",
        "Network",
        (3, 11, 2),
        (
            ("VPN drops every few minutes from home office", "VPN"),
            ("Wi-Fi on floor {floor} very slow since this morning", "Wi-Fi"),
            ("Guest Wi-Fi voucher for {team} visitors", "Wi-Fi"),
            ("Firewall rule for supplier portal, request {code}", "Firewall"),
            ("VPN 连接失败，提示证书过期", "VPN"),
            ("{floor} 楼无线网络频繁掉线", "Wi-Fi"),
        ),
    ),
    Queue(
        "Applications::ERP",
        12,
        70,
        "ERP",
        "Application",
        (9, 11, 2, 1),
        (
            ("Purchase order {code} stuck in approval", "Workflow"),
            ("Month-end report shows wrong cost centre for {team}", "Reporting"),
            ("Error {code} when posting an invoice", "Posting"),
            ("Stock figures differ between warehouse and ERP", "Interface"),
            ("ERP 采购单 {code} 无法提交审批", "Workflow"),
            ("财务月结报表数据不一致", "Reporting"),
        ),
    ),
    Queue(
        "Accounts and Access",
        11,
        5,
        "Identity",
        "Account",
        (4, 8, 0),
        (
            ("Password reset for {staff}", "Password"),
            ("Access to the {team} drive", "Permissions"),
            ("Account locked after holiday", "Password"),
            ("Two-factor device lost, please reset", "Two-factor"),
            ("申请 {team} 共享盘读写权限", "Permissions"),
            ("账号被锁定，请解锁（工号 {staff}）", "Password"),
        ),
    ),
    Queue(
        "客户支持::账单",
        6,
        20,
        "Billing",
        "Billing",
        (5, 9),
        (
            ("发票 {code} 金额有误，客户要求更正", "Invoice"),
            ("客户询问退款进度，订单 {code}", "Refund"),
            ("重复扣款，订单号 {code}", "Payment"),
            ("Invoice {code} was charged twice", "Payment"),
        ),
    ),
)
#: an incident: when in the period (0 to 1), and what everybody writes about it
INCIDENTS = (
    (0.21, "Service Desk::First Level", ("Mail is down for the whole site", "邮件系统无法登录")),
    (0.47, "Network::VPN and Wi-Fi", ("No network on several floors", "多个楼层断网")),
    (0.83, "Applications::ERP", ("ERP very slow, users cannot post", "ERP 系统卡顿，无法过账")),
)
#: name, share, factor on the time to solve
PRIORITIES = (
    ("1 very low", 3, 2.2),
    ("2 low", 9, 1.6),
    ("3 normal", 68, 1.0),
    ("4 high", 15, 0.5),
    ("5 very high", 5, 0.25),
)
TYPES = (("Incident", 58), ("Service Request", 33), ("Problem", 4), ("Unclassified", 5))
SLAS = ("", "", "Standard", "Standard", "Gold")
TEAMS = ("Finance", "Sales", "Logistics", "HR", "Legal", "Purchasing", "市场部", "研发部")
CUSTOMERS = (
    ("NORDWIND", "Nordwind Logistik", "Emil Sandberg"),
    ("NORDWIND", "Nordwind Logistik", "Clara Hoffmann"),
    ("HAITIAN", "海天贸易", "周婷"),
    ("HAITIAN", "海天贸易", "孙浩"),
    ("BLUEFIN", "Bluefin Retail", "Grace Doyle"),
    ("BLUEFIN", "Bluefin Retail", "Tomás Rivera"),
    ("XINGHE", "星河制造", "何雪"),
    ("XINGHE", "星河制造", "马超"),
    ("ALPENROSE", "Alpenrose Hotels", "Nina Gruber"),
    ("KITE", "Kite Insurance", "Owen Price"),
    ("KITE", "Kite Insurance", "Lucía Ferrer"),
    ("000417", "Meridian Health", "Ada Kowalczyk"),
)
