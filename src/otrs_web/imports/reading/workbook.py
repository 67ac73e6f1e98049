"""Which part of an xlsx package a sheet is, and which date system it counts in: the two facts that the sheet
reader keeps to itself."""

import posixpath
from xml.etree import ElementTree

from otrs_web.imports.reading.package import Package


class WorkbookParts:
    """The sheets of a package; a workbook that cannot be understood has none."""

    def __init__(self, package: Package) -> None:
        self.epoch_1904 = False
        self._parts: dict[str, str] = {}
        names = {name.lower(): name for name in package.parts}
        book = next((name for name in names if name.endswith("workbook.xml")), "")
        relations = posixpath.join(posixpath.dirname(book), "_rels", "workbook.xml.rels")
        if book not in names or relations not in names:
            return
        try:
            root = ElementTree.fromstring(package.read(names[book]))  # noqa: S314
            links = ElementTree.fromstring(package.read(names[relations]))  # noqa: S314
        except ElementTree.ParseError:
            return
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        for element in root.iter():
            tag = element.tag.rpartition("}")[2]
            if tag == "workbookPr":
                self.epoch_1904 = element.get("date1904", "0") in {"1", "true", "on"}
            elif tag == "sheet":
                relation = next((v for k, v in element.items() if k.endswith("}id")), None)
                target = targets.get(relation, "").lower()
                path = (
                    target.lstrip("/")
                    if target.startswith("/")
                    else posixpath.join(posixpath.dirname(book), target)
                )
                self._parts[element.get("name", "")] = posixpath.normpath(path)

    def part_of(self, sheet: str) -> str:
        """The lower-case part name of a sheet; '' if unknown."""
        return self._parts.get(sheet, "")
