"""The names of agents without the note that OTRS puts behind those who are out of office: with it, one person
would be several in every statistic, another one each day of the holidays."""

import re

#: `Max Muster *** out of office until 2026-08-31 (5 d left) ***`, whatever the language; it stands behind the
#: last name, so that a first name may follow
_STARRED = re.compile(r"\s*\*{2,}[^*]*\*{2,}")
#: as people write it by hand
_BRACKETED = re.compile(
    r"\s*[(\[（](?:out[ -]of[ -](?:the[ -])?office|ooo|abwesend|nicht im büro|absent|ausente|hors du bureau"
    r"|fuera de la oficina|fora do escritório|нет на месте|отсутствует"
    r"|外出|离开办公室|不在办公室|不在|出差|请假|休假|度假)(?![a-zäöüß])"
    r"[^()（）\[\]]*(?:\([^()]*\)[^()]*)?[)\]）]",
    re.IGNORECASE,
)


def without_absence(name: str) -> str:
    """A person's name as it is when the person is there; a text that is nothing but the note is kept."""
    if "*" not in name and set("([（").isdisjoint(name):
        return name
    there = _BRACKETED.sub("", _STARRED.sub("", name))
    return re.sub(r"\s+,", ",", there).strip() or name
