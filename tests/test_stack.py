"""The stack of an agency, recounted from the catalogue's own pages, and its traps in a small register."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

import custodiet
from custodiet import Register, questions
from custodiet.catalogue.schema import System
from custodiet.model.errors import QuestionError
from custodiet.questions.stack import count_stacks
from stacks import add_claim, add_finding, add_link, add_page, small_register

CATALOGUE = Path(custodiet.__file__).parent / "catalogue"
OFFICES = {"ICE": {"ICE", "ERO", "HSI", "OPLA"}, "CBP": {"CBP", "USBP", "OFO", "AMO"}, "OBIM": {"OBIM"}}


def pages(agency: str) -> dict[str, dict]:
    found = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in (CATALOGUE / "systems").glob("*.yml")}
    return {slug: page for slug, page in found.items() if OFFICES[agency] & set(page["operators"])}


@pytest.mark.parametrize("agency", list(OFFICES))
def test_systems_flows_and_steps_are_those_of_the_pages(register: Register, agency: str) -> None:
    wanted, found = pages(agency), questions.stack(register, agency.lower())
    assert {system["id"]: set(system["steps"]) for system in found["systems"]} == {
        slug: set(page["steps"]) for slug, page in wanted.items()
    }
    assert {(flow["feed"], flow["system"]) for flow in found["flows"]} == {
        (feed, slug) for slug, page in wanted.items() for feed in page["feeds"]
    }
    assert {feed["id"] for feed in found["feeds"]} == {feed for page in wanted.values() for feed in page["feeds"]}
    for system in found["systems"]:
        claims = wanted[system["id"]]["claims"]
        assert Counter(claim["about"] for claim in system["claims"]) == Counter(claim["about"] for claim in claims)


def test_each_cover_is_what_the_findings_of_its_paths_are(register: Register) -> None:
    found = questions.stack(register, "ICE")
    outcomes = dict(register.rows("select subject, outcome from findings where rule = 'path-uncovered'"))
    for system in found["systems"]:
        for cover, cell in system["covers"].items():
            own = [
                outcomes[f"{system['id']}/{flow['feed']}/{cover}"]
                for flow in found["flows"]
                if flow["system"] == system["id"]
            ]
            assert cell["counts"] == dict(Counter(own))
            assert cell["outcome"] == ("gap" if "gap" in own else "cannot-tell" if "cannot-tell" in own else "clear")
            assert cell["citations"]


def test_mobile_fortify_at_ice_shows_its_holes(register: Register) -> None:
    """Its feeds have notices and the app's entries link none: the one must not hide the other."""
    (fortify,) = [system for system in questions.stack(register, "ICE")["systems"] if system["id"] == "mobile-fortify"]
    assert fortify["covers"]["notice"] | {"outcome": "clear", "through": "feed"} == fortify["covers"]["notice"]
    assert fortify["practices"]["privacy-notice-not-linked"]["outcome"] == "gap"
    assert fortify["covers"]["audit-log"]["outcome"] == "gap"
    assert [entry["id"] for entry in fortify["entries"]] == ["DHS-2577"]


def test_a_known_flow_has_a_claim_that_names_both_ends(register: Register) -> None:
    for agency in OFFICES:
        found = questions.stack(register, agency)
        names = {thing["id"]: [thing["name"], *thing["aliases"]] for thing in (*found["systems"], *found["feeds"])}
        says = {claim["id"]: claim["says"] for thing in (*found["systems"], *found["feeds"]) for claim in thing["claims"]}
        for flow in found["flows"]:
            if flow["names_both"]:
                for claim in flow["claims"]:
                    other = flow["system"] if claim.startswith(f"{flow['feed']}/") else flow["feed"]
                    assert any(name.casefold() in says[claim].casefold() for name in names[other]), (flow, says[claim])
            else:
                assert flow["grade"] in ("Inferred", "Disputed", "Unknown")


def test_the_traps_of_a_small_stack() -> None:
    found = questions.stack(small_register(), "ICE")
    alpha, beta = found["systems"]
    assert alpha["steps"] == ["intake", "outcome"]
    assert (beta["grade"], beta["steps"]) == ("Unknown", [])
    assert beta["covers"]["notice"]["outcome"] is None
    assert beta["practices"]["m-25-21-testing"]["reasons"] == [
        "No entry of the agency's latest inventory is about it, so no form put the question."
    ]
    # The law stands on the system's page, the notice only on a feed's.
    assert alpha["covers"]["authority"]["through"] == "system"
    assert alpha["covers"]["notice"]["through"] == "feed"
    assert (
        alpha["covers"]["audit-log"] | {"outcome": "gap", "counts": {"gap": 1, "cannot-tell": 1}}
        == alpha["covers"]["audit-log"]
    )
    flows = {flow["feed"]: flow for flow in found["flows"]}
    assert (flows["scans"]["grade"], flows["scans"]["names_both"]) == ("Known", True)
    # Both claims about its feeds are Known, and neither names the jails: the flow is a conclusion.
    assert (flows["jails"]["grade"], flows["jails"]["names_both"]) == ("Inferred", False)


def test_a_flow_without_any_claim_about_feeds_is_unknown() -> None:
    register = small_register()
    add_link(register, "beta", "feeds", "jails")
    assert {flow["grade"] for flow in questions.stack(register, "ICE")["flows"] if flow["system"] == "beta"} == {"Unknown"}


def test_a_word_within_a_word_names_nothing() -> None:
    register = small_register()
    add_page(register, "feed", "can", "Can")
    add_link(register, "alpha", "feeds", "can")
    add_claim(register, "alpha", "feed-scanner", "feed", "Scanners cannot be counted.", row=9)
    (flow,) = [flow for flow in questions.stack(register, "ICE")["flows"] if flow["feed"] == "can"]
    assert not flow["names_both"]


def test_a_practice_shows_the_worst_of_several_entries() -> None:
    register = small_register()
    for number, outcome in enumerate(("clear", "gap", "not-applicable"), start=1):
        handle = f"DHS-{number}"
        register.run(
            "insert into use_cases (use_case_id, handle, inventory_year, agency, agency_name, bureau, name, normalised_name, "
            "release, \"row\", name_citation) values ($h, $h, 2025, 'DHS', 'DHS', $bureau, 'n', 'n', 'r', 1, "
            "{'release': 'r', 'row': 1, 'column': 'c'})",
            {"h": handle, "bureau": "ICE"},
        )
        add_link(register, "alpha", "use_cases", handle)
        add_finding(register, "m-25-21-testing", handle, outcome)
    cell = questions.stack(register, "ICE")["systems"][0]["practices"]["m-25-21-testing"]
    assert cell["outcome"] == "gap"
    assert cell["counts"] == {"gap": 1, "clear": 1, "not-applicable": 1}
    assert cell["findings"][0] == "m-25-21-testing:DHS-2"


@pytest.mark.parametrize("name", ["", "FBI", "Jane Roe", "ice; drop table pages"])
def test_an_agency_without_systems_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(QuestionError, match="ask for one of HSI, ICE, USSS"):
        questions.stack(small_register(), name)


def test_steps_need_a_claim_about_the_workflow() -> None:
    page = {"name": "X", "category": "c", "status": "in-use", "steps": ["intake"],
            "claims": [{"id": "identity", "about": "identity", "says": "X.", "would_settle": "A list."}]}  # fmt: skip
    with pytest.raises(ValueError, match="workflow"):
        System.model_validate(page)


def test_stacks_are_counted_as_they_are(register: Register) -> None:
    counted = count_stacks(register)
    assert {"ICE", "CBP", "OBIM"} <= set(counted)
    assert not {"ERO", "HSI", "USBP"} & set(counted)
    for agency, counts in counted.items():
        found = questions.stack(register, agency)
        gaps = sum(system["covers"]["audit-log"]["outcome"] == "gap" for system in found["systems"])
        assert counts == {
            "systems": len(found["systems"]),
            "feeds": len(found["feeds"]),
            "flows": len(found["flows"]),
            "no_log": gaps,
        }
