"""What can go wrong, as exceptions whose text is one sentence for a person.

CustodietError
 ├─ InputError      a file that was given is not what it should be
 ├─ FetchError      a publisher's interface gives what can't be used, or nothing
 ├─ CatalogueError  a page of the catalogue does not hold together
 ├─ RuleError       a rule page does not hold together
 ├─ RegisterError   a register is missing, or of another version
 ├─ QuestionError   what was asked names nothing that the register has
 ├─ DocketError     a docket was tampered with, can't be opened, or does not allow what was asked
 ├─ PackError       a pack of duties, a seed of risks or a scenario does not hold together
 ├─ ExportError     a file of ours can't be written, or would take the place of somebody else's
 └─ DocumentError   a kind of document is not there, or its page, context or answers do not hold together
"""


class CustodietError(Exception):
    """One sentence: what is wrong, where (file, sheet, row, column), and what to do."""


class InputError(CustodietError):
    """A file that was given is not what its source says that it should be."""


class FetchError(CustodietError):
    """A publisher's interface can't be reached, refuses, or gives what does not fit together."""


class CatalogueError(CustodietError):
    """A page of the catalogue can't be read, or contradicts another."""


class RuleError(CustodietError):
    """A rule page can't be read, its SQL fails, or it returns something that is no outcome."""


class RegisterError(CustodietError):
    """The register is missing, half written, or of another version."""


class QuestionError(CustodietError):
    """A question names an agency, rule, release or record that the register does not have."""


class NothingAskedError(QuestionError):
    """A request for records has nothing to ask for: what its findings ask for is public already."""


class DocketError(CustodietError):
    """A docket of legal process was tampered with, can't be opened or written, or does not allow what was asked of it."""


class PackError(CustodietError):
    """A pack of duties, a seed of risks or a scenario can't be read, lacks an entry, or names one that isn't there."""


class ExportError(CustodietError):
    """An export can't be written: its place is taken, its format can't hold it, or the disk refuses."""


class DocumentError(CustodietError):
    """A document can't be drafted: no such kind, a template or its context at fault, a fact without a citation."""
