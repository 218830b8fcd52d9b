"""Which case a form puts a question to.

A question that a form does not put to a case is *not applicable* there; only where it is put is an empty
cell a *blank*. Where the form's own condition can't be read (the stage is blank), nobody can tell, and
an empty cell stays a blank.

2025: OMB's data dictionary ("Required:" of each field) and row 1 of DHS's workbook. 2024: the conditions of
OMB's data dictionary for that year (`custom_constraints`).
"""

from collections.abc import Callable, Mapping

from custodiet.model.words import Cell

Answers = Mapping[str, Cell]
# True: asked. False: not asked. None: the cells that decide it can't be read.
Condition = Callable[[Answers], bool | None]


def _is_one_of(field: str, *values: str) -> Condition:
    def condition(answers: Answers) -> bool | None:
        cell = answers.get(field)
        if cell is None or cell.state in ("blank", "unreadable", "placeholder", "withheld"):
            return None
        return cell.value in values

    return condition


def _all(*conditions: Condition) -> Condition:
    def condition(answers: Answers) -> bool | None:
        results = [each(answers) for each in conditions]
        if False in results:
            return False
        return None if None in results else True

    return condition


def _not(inner: Condition) -> Condition:
    def condition(answers: Answers) -> bool | None:
        result = inner(answers)
        return None if result is None else not result

    return condition


_pilot_or_deployed = _is_one_of("stage", "pilot", "deployed")
_impacting = _is_one_of("impact", "rights-impacting", "safety-impacting", "rights-and-safety-impacting")
_rights = _is_one_of("impact", "rights-impacting", "rights-and-safety-impacting")
_implemented = _is_one_of("stage", "implementation", "deployed")
_not_commercial = _is_one_of("commercial_product", "none")
_not_retired = _not(_is_one_of("stage", "retired"))
_developing = _all(_not_commercial, _is_one_of("stage", "pre-deployment", "implementation", "deployed"))
_due = _all(_impacting, _implemented, _is_one_of("extension", "not-requested"))


CONDITIONS: dict[str, Condition] = {
    "all": lambda _: True,
    "not-retired": _not_retired,
    "pilot-or-deployed": _pilot_or_deployed,
    "presumed-not-high-impact": _is_one_of("impact", "presumed-not-high-impact"),
    "vendor-involved": _all(_pilot_or_deployed, _is_one_of("contracting", "vendor", "both")),
    "has-ato": _all(_pilot_or_deployed, _is_one_of("has_ato", "yes")),
    "deployed-high-impact": _all(_is_one_of("stage", "deployed"), _is_one_of("impact", "high-impact")),
    "2024-live": _all(_not_commercial, _not_retired),
    "2024-developing": _developing,
    "2024-implemented": _all(_not_commercial, _implemented),
    "2024-retired": _all(_not_commercial, _is_one_of("stage", "retired")),
    "2024-vendor-involved": _all(_developing, _is_one_of("contracting", "vendor", "both")),
    "2024-has-ato": _all(_developing, _is_one_of("has_ato", "yes")),
    "2024-open-source": _all(_not_commercial, _implemented, _is_one_of("code_access", "public")),
    "2024-impacting": _all(_impacting, _implemented),
    "2024-due": _due,
    "2024-due-rights": _all(_due, _rights),
}


def is_asked(condition: str, answers: Answers) -> bool | None:
    """Tell whether the form puts a question under this condition to this case; None: can't be told."""
    return CONDITIONS[condition](answers)
