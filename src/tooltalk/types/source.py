"""From the bytes of a type source to checked tables: the two steps of the compiler.

A third party decides between them: a source whose preprocessor failed is not checked, although it
may have parsed (spec 04 section 2.1).
"""

from __future__ import annotations

from tooltalk.model.signature import Signature
from tooltalk.model.typetable import Ptype, TypeTable
from tooltalk.types.check import Checker
from tooltalk.types.declared import Definition
from tooltalk.types.diagnostics import Diagnostics
from tooltalk.types.filtered import Filtered
from tooltalk.types.parser import parse
from tooltalk.types.printed import Printer


class Source:
    """A parsed type source.

    table: its types; complete only after ``check``. valid: False after a syntax error. diagnostics: what
    there is to print so far, in order; a second definition of a name is only worth a message.
    """

    __slots__ = ("_implied", "_printer", "diagnostics", "table", "valid")

    def __init__(self, data: bytes, file: bytes, printer: Printer | None = None) -> None:
        """Parse ``data``, preprocessed text. file: its name until the first line marker."""
        parsed = parse(Filtered(data, file))
        self.table = TypeTable()
        self.diagnostics = Diagnostics()
        self.valid = parsed.fault is None
        self._printer = printer or Printer()
        implied: set[Signature] = set()
        for definition in parsed.definitions:
            implied |= self._add(definition)
        self._implied = frozenset(implied)
        if parsed.fault is not None:
            self.diagnostics.syntax_error(parsed.fault)

    def _add(self, definition: Definition) -> frozenset[Signature]:
        """Put a definition into the table; of two with one name the first stays."""
        if isinstance(definition, Ptype):
            if definition.name in self.table.ptypes:
                self.diagnostics.error("duplicated definitions of ptype %s", definition.name)
            else:
                self.table.ptypes.insert(definition)
            return frozenset()
        if definition.otype.name in self.table.otypes:
            self.diagnostics.error("duplicated definitions of otype %s", definition.otype.name)
            return frozenset()
        self.table.otypes.insert(definition.otype)
        return definition.implied

    def check(self) -> bool:
        """Check the types against each other and complete the table. Call once, on a valid source.

        Returns False after an error; warnings leave it True (spec 04 section 5).
        """
        return Checker(self.table, self._implied, self.diagnostics, self._printer).run()
