"""The Age column's text as hours. OTRS prints it in the user's language and cuts it to whole hours from one
day on; it is the only clue to an open ticket's age when there is no creation time, and to the instant of the
export."""

import re
import unicodedata

_UNITS = {
    24
    * 7: "w wk week weeks woche wochen 周 週 星期 semana semanas semaine semaines нед неделя недели недель",
    24: """d day days t tag tage tagen 天 日 día días dia dias j jr jrs jour jours
           д дн день дня дней сут сутки суток""",
    1: """h hr hrs hour hours st std stdn stunde stunden 时 時 小时 小時 hora horas heure heures
          ч час часа часов""",
    1 / 60: """m min mins mn minute minutes minuten 分 分钟 分鐘 minuto minutos
               м мин минута минуты минут""",
    1 / 3600: """s sec secs second seconds sek sekunde sekunden 秒 seg segundo segundos seconde secondes
                 с сек секунд""",
}
_HOURS = {
    unicodedata.normalize("NFKD", word): hours for hours, words in _UNITS.items() for word in words.split()
}
OLDEST = 24 * 366 * 100
_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]+)\.?(?:\([^)]*\))?[\s,;]*")
_CUT = {24 * 7: 24, 24: 1, 1: 1 / 60, 1 / 60: 1 / 3600}


def age_hours(text: object) -> float | None:
    """Hours of `35 d 20 h `, `5 h 12 m`, `-2 h 5 m`, `3 天 4 小时`, `2 Tag(e)`; None if it is not an age.

    A last number whose unit was cut off (`35 d 20`) counts in the next smaller unit. A bare number has no
    unit at all and is no age.
    """
    rest = unicodedata.normalize("NFKC", str(text)).replace("\u200b", "").casefold().strip()
    sign = 1
    if rest[:1] in {"-", "−", "–"}:
        sign, rest = -1, rest[1:].lstrip()
    total, last = 0.0, None
    while rest:
        part = _PART.match(rest)
        hours = part and _HOURS.get(_unit(part[2]))
        if part and hours is not None:
            if last is not None and hours >= last:
                return None
            number, rest, last = part[1], rest[part.end() :], hours
        elif last in _CUT and rest.isdecimal():
            number, hours, rest = rest, _CUT[last], ""
        else:
            return None
        total += float(number.replace(",", ".")) * hours
    return None if last is None or total > OLDEST else round(sign * total, 4)


def _unit(word: str) -> str:
    return unicodedata.normalize("NFKD", word)
