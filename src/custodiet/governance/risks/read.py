"""Read the seeds of risks, and refuse one that refers to nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from custodiet.catalogue.lexicon import read_lexicon
from custodiet.governance.packs.read import Pack
from custodiet.governance.risks.schema import Seed
from custodiet.governance.scenarios import load_scenarios
from custodiet.model.errors import PackError
from custodiet.model.plain_yaml import first_fault
from custodiet.sources.forms import read_form
from custodiet.store.schema import QUESTIONS

HERE = Path(__file__).parent
NIST = "nist-ai-rmf-1.0"


@cache
def systems_by_category() -> Mapping[str, frozenset[str]]:
    """Return the catalogue's systems that each category of the lexicon counts as its own."""
    return {page.slug: frozenset(page.systems) for page in read_lexicon()}


@dataclass(frozen=True)
class _Known:
    categories: frozenset[str]
    scenarios: frozenset[str]
    entries: Mapping[str, frozenset[str]]


def load_seeds(packs: Mapping[str, Pack], folder: Path = HERE) -> dict[str, Seed]:
    """Return the seeds by slug, in the order of their slugs.

    Raises:
        PackError: a seed can't be read, breaks its form, or names a category, entry or scenario that isn't there.

    """
    known = _Known(
        frozenset(systems_by_category()),
        frozenset(scenario.id for scenario in load_scenarios()),
        {name: frozenset(duty.id for duty in pack.duties) for name, pack in packs.items()},
    )
    found: dict[str, Seed] = {}
    for path in sorted(folder.glob("*.yml")):
        shown = f"risks/{path.name}"
        try:
            seed = Seed.model_validate(
                read_form(path, "file", "a page of a risk", shown=shown, error=PackError) | {"slug": path.stem}
            )
        except (ValidationError, TypeError) as error:
            where, says = (
                first_fault(error, "the file") if isinstance(error, ValidationError) else ("the file", "is no mapping")
            )
            raise PackError(f"{shown}: {where}: {says.removeprefix('Value error, ')}.") from None
        _check(shown, seed, known)
        found[seed.slug] = seed
    return found


def _check(shown: str, seed: Seed, known: _Known) -> None:
    for way in seed.applies:
        if way.category is not None and way.category not in known.categories:
            raise PackError(f"{shown}: the lexicon has no category {way.category!r}; mend `applies`.")
    ids = [risk.id for risk in seed.risks]
    if twice := [name for name in ids if ids.count(name) > 1]:
        raise PackError(f"{shown}: the risk {twice[0]!r} stands twice; rename one.")
    for risk in seed.risks:
        if risk.likelihood.shown and risk.likelihood.shown.cell not in QUESTIONS:
            raise PackError(
                f"{shown}: {risk.id} looks at {risk.likelihood.shown.cell!r}, which is no question of an inventory."
            )
        for entry in risk.subcategories:
            if entry not in known.entries.get(NIST, ()):
                raise PackError(f"{shown}: {risk.id} names {entry!r}, which {NIST} does not have; mend its id.")
        for control in risk.controls:
            if control.duty and control.duty.id not in known.entries.get(control.duty.pack, ()):
                raise PackError(
                    f"{shown}: a control of {risk.id} names {control.duty.id!r}, which {control.duty.pack} does not have; "
                    "mend its id."
                )
        for scenario in risk.scenarios:
            if scenario not in known.scenarios:
                raise PackError(f"{shown}: {risk.id} names the scenario {scenario!r}, and there is none of that id.")
