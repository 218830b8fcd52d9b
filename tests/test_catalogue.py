"""The catalogue: grades are derived, references hold, and everything that the issue names is there."""

from dataclasses import dataclass

import pytest

from custodiet.catalogue.grade import grade_of
from custodiet.catalogue.read import read_catalogue


@dataclass
class Evidence:
    kind: str
    publisher: str = "A"
    repeats: str | None = None
    stance: str = "supports"


@pytest.mark.parametrize(
    ("sources", "premises", "grade"),
    [
        ([Evidence("pia")], [], "Known"),
        ([Evidence("released-record", "A"), Evidence("released-record", "B")], [], "Known"),
        ([Evidence("released-record", "A"), Evidence("released-record", "A")], [], "Inferred"),
        ([Evidence("press", "A"), Evidence("press", "B")], [], "Likely"),
        ([Evidence("press", "A"), Evidence("study", "B", repeats="A")], [], "Inferred"),
        ([Evidence("press", "A")], [], "Inferred"),
        ([Evidence("agency-statement", "A")], [], "Inferred"),
        ([Evidence("seed"), Evidence("vendor", "B")], [], "Inferred"),
        ([Evidence("pia"), Evidence("press", "B", stance="contradicts")], [], "Disputed"),
        ([], ["Known", "Likely"], "Inferred"),
        ([], ["Known", "Unknown"], "Unknown"),
        ([], ["Disputed"], "Unknown"),
        ([], [], "Unknown"),
    ],
)
def test_grades_follow_from_sources(sources: list[Evidence], premises: list[str], grade: str) -> None:
    assert grade_of(sources, premises)[0] == grade


NAMED = {
    "systems": [
        "ICM", "Falcon", "RAVEN", "ImmigrationOS", "ELITE", "EID", "TECS", "APIS", "DARTTS", "IDENT", "HART", "CMPRS",
        "ICE facial recognition services", "Mobile Fortify", "SmartLINK", "ATD-ISAP", "Online Detainee Locator System",
    ],
    "vendors": [
        "Palantir", "AI Solutions 87", "Clearview AI", "Vigilant Solutions", "Motorola Solutions", "Flock Safety",
        "LexisNexis", "Thomson Reuters", "Cellebrite", "Magnet Forensics", "PenLink", "ShadowDragon", "B.I. Incorporated",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in NAMED.items() for name in names])
def test_everything_that_the_seeds_name_has_a_page(kind: str, name: str) -> None:
    folded = {
        word.casefold()
        for entry in read_catalogue().entries.values()
        if entry.kind == kind
        for word in (entry.page.name, entry.slug.replace("-", " "), *entry.page.aliases)
    }
    assert name.casefold() in folded


def test_every_claim_rests_on_something_or_says_what_would_settle_it() -> None:
    for graded in read_catalogue().claims.values():
        assert graded.claim.sources or graded.claim.premises or graded.claim.would_settle, graded.id
        if graded.grade == "Known":
            assert graded.claim.sources, graded.id


def test_a_claim_that_only_a_seed_makes_is_inferred_at_best() -> None:
    seeds = [g for g in read_catalogue().claims.values() if {s.kind for s in g.claim.sources} == {"seed"}]
    assert seeds
    assert {g.grade for g in seeds} <= {"Inferred", "Disputed"}


def test_systems_answer_the_questions_that_a_page_must_answer() -> None:
    wanted = {"identity", "operator", "role", "feed", "authority", "workflow", "audit-log", "unknown"}
    for entry in read_catalogue().entries.values():
        if entry.kind == "systems":
            missing = wanted - {claim.about for claim in entry.page.claims}
            assert not missing, (entry.slug, missing)
