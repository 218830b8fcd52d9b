"""What is asked across awards, systems and notices: trace, matrix, dependence, exposure, bought and not declared."""

import json
import re
import time
from collections import defaultdict
from decimal import Decimal

import pytest

from custodiet import CustodietError, Register, questions
from custodiet.model.text import excerpt
from custodiet.questions.reliance import EXTENDED
from custodiet.store import memory_register


def outcomes(register: Register, rule: str, number: str) -> list[tuple[str, str]]:
    return register.rows(
        "select outcome, reason from findings where rule = $rule and subject_name = 'ICE ' || $number",
        {"rule": rule, "number": number},
    )


@pytest.mark.parametrize(
    ("rule", "number", "outcome", "words"),
    [
        ("bought-not-declared", "70CTD025C00000001", "gap", "BI2"),
        ("bought-not-declared", "70CTD026C00000006", "not-applicable", "after the inventory of 2026-01-28"),
        ("bought-not-declared", "70CMSD25FR0000089", "gap", "Zignal"),
        ("bought-not-declared", "70CMSD24FR0000182", "gap", "ShadowDragon"),
        ("bought-not-declared", "70CMSD25P00000111", "gap", "Clearview"),
        ("bought-not-declared", "70CTD022FR0000170", "clear", "DHS-2578"),
        ("system-bought-not-declared", "70CTD022FR0000170", "gap", "DHS-2423"),
    ],
)
def test_the_known_awards_of_ice(register: Register, rule: str, number: str, outcome: str, words: str):
    ((found, reason),) = outcomes(register, rule, number)
    assert found == outcome
    assert words in reason


def test_another_bureaus_entry_goes_into_the_reason(register: Register):
    ((_, reason),) = outcomes(register, "bought-not-declared", "70CMSD25P00000111")
    assert "Entries of other bureaus do: CBP DHS-2729" in reason


def test_every_award_of_a_category_is_a_subject_of_both_rules(register: Register):
    ((awards,),) = register.rows("select count(distinct award) from award_categories")
    for rule in ("bought-not-declared", "system-bought-not-declared"):
        ((subjects,),) = register.rows("select count(*) from findings where rule = $rule", {"rule": rule})
        assert subjects == awards > 1000


def test_a_withheld_vendor_asserts_no_identity(register: Register):
    rows = register.rows(
        "select subject_id, reason from findings where rule = 'vendor-withheld-but-bought' and outcome = 'gap'"
    )
    assert {"DHS-2457", "DHS-2458", "DHS-2459", "DHS-362"} <= {subject for subject, _ in rows}
    assert not any("clearview" in reason.lower() for _, reason in rows)


def test_the_whole_story_of_ai_solutions_87_fits_a_screen(register: Register):
    started = time.process_time()
    found = questions.trace(register, "AI Solutions 87")
    assert time.process_time() - started < 1
    assert len(found["lines"]) < 45
    told = json.dumps(found)
    for fact in ("70CDCR26FR0000015", "2025-12-16", "636,500", "SKIP TRACING", "EXTEND", "2026-03-11"):
        assert fact in told
    # What was bought is on record; that it is AI agents rests on reporting: two lines, two grades.
    agents = [line for line in found["lines"] if "AI agents" in line["text"] and line["section"] == "claims"]
    assert agents
    assert "Known" not in {line["grade"] for line in agents if "find persons" in line["text"]}
    assert any(line["grade"] == "Known" and "70CDCR26FR0000015" in line["text"] for line in found["lines"])


def test_every_line_of_a_trace_has_a_grade_and_its_citation_resolves(register: Register):
    for name in ("Palantir", "ICM", "Penlink", "Mobile Fortify", "CARAHSOFT TECHNOLOGY CORP"):
        found = questions.trace(register, name)
        assert found["lines"], name
        for line in found["lines"]:
            assert line["grade"] in ("Known", "Likely", "Inferred", "Disputed", "Unknown")
            if isinstance(line["citation"], dict):
                cell = line["citation"]
                questions.cite(register, cell["release"], cell["row"], cell["column"])


def test_money_of_a_trace_equals_a_recount_of_its_rows(register: Register):
    found = questions.trace(register, "Palantir")
    told = [line["text"].split(":")[1].split()[0] for line in found["lines"] if line["section"] == "money"]
    rows = register.rows(
        'select agency, fiscal_year, obligation, release, "row" from transactions where is_current and not repeats '
        "and upper(recipient) like 'PALANTIR%'"
    )
    sums: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for agency, year, amount, *_ in rows:
        sums[agency, year] += amount
    assert sorted(told) == sorted(f"${amount:,.2f}" for amount in sums.values())


def test_a_persons_name_finds_nothing(register: Register):
    with pytest.raises(CustodietError, match="reads as a person"):
        questions.trace(register, "Maria Gonzalez")
    with pytest.raises(CustodietError, match="name withheld"):
        questions.dependence(register, "an individual, name withheld")


def test_matrix_counts_and_says_why_it_cannot_tell(register: Register):
    rows = {row["id"]: row for row in questions.matrix(register, agency="ICE")}
    icm = rows["investigative-case-management"]
    assert icm["declared"] == {"count": 0, "citations": [], "why": "spoken of in DHS-2423"}
    assert icm["purchased"]["count"] > 0
    assert rows["mobile-fortify"]["declared"]["count"] == 1
    assert rows["social-media-monitoring"]["declared"]["count"]
    for row in rows.values():
        assert row["logged"]["count"] is None
        assert row["logged"]["why"]
        for name in ("declared", "purchased", "noticed"):
            cell = row[name]
            assert (cell["count"] is None) <= bool(cell["why"])
            assert bool(cell["citations"]) == bool(cell["count"])
            for place in cell["citations"][:3]:
                questions.cite(register, place["release"], place["row"], place["column"])
    with pytest.raises(CustodietError, match="ICE and CBP"):
        questions.matrix(register, agency="TSA")


def test_matrix_without_sources_cannot_tell():
    with memory_register() as register:
        assert questions.matrix(register, agency="ICE") == []


def test_dependence_says_what_the_layout_does_not(register: Register):
    found = {measure["measure"]: measure for measure in questions.dependence(register, "B.I. Incorporated")["measures"]}
    assert found["competition"]["outcome"] == "cannot-tell"
    assert "layout" in found["competition"]["text"]
    assert found["extensions"]["outcome"] == "reported"
    assert found["growth"]["citations"]
    vista = {m["measure"]: m for m in questions.dependence(register, "FEDERAL CARTRIDGE COMPANY")["measures"]}
    assert vista["competition"]["outcome"] == "reported"
    assert vista["competition"]["citations"]
    # The bulk download covers its awards, and leaves this cell empty.
    silent = vista["not competed because"]
    assert silent["outcome"] == "cannot-tell"
    assert silent["text"].startswith("the cell is blank in the bulk download for 2")
    assert "layout" not in silent["text"]


def test_dependence_reads_competition_of_actions_as_well():
    inserts = (
        "organisations (organisation, name) values ('example', 'EXAMPLE SYSTEMS INC')",
        "organisation_names (organisation, name) values ('example', 'EXAMPLE SYSTEMS INC')",
        "awards (award, agency, piid, recipients, obligations, actions, first_action, last_action) "
        "values ('CONT_A', 'ICE', 'A', ['EXAMPLE SYSTEMS INC'], 2, 2, '2025-01-01', '2025-02-01')",
        "release_columns (release, field, name) values ('bulk', 'competition', 'extent_competed'), "
        "('bulk', 'limited_sources', 'fair_opportunity_limited_sources')",
        'transactions (release, "row", is_current, repeats, agency, fiscal_year, piid, award_key, action_date, obligation, '
        "recipient, competition) values "
        "('bulk', 1, true, false, 'ICE', 2025, 'A', 'CONT_A', '2025-01-01', 1, 'EXAMPLE SYSTEMS INC', 'NOT COMPETED'), "
        "('bulk', 2, true, false, 'ICE', 2025, 'A', 'CONT_A', '2025-02-01', 1, 'EXAMPLE SYSTEMS INC', null)",
    )
    with memory_register() as register:
        # What the question does not read may stay out of the example.
        for table, column in register.rows(
            "select table_name, column_name from information_schema.columns where is_nullable = 'NO'"
        ):
            register.run(f'alter table "{table}" alter column "{column}" drop not null')
        for insert in inserts:
            register.run(f"insert into {insert}")
        found = {measure["measure"]: measure for measure in questions.dependence(register, "example")["measures"]}
    assert found["competition"]["text"] == "A: NOT COMPETED (reported for 1 of 1 award)"
    assert found["competition"]["citations"] == [{"release": "bulk", "row": 1, "column": "extent_competed"}]
    assert found["limited sources"]["text"] == "the cell is blank in the bulk download for 1 award"
    assert "layout" in found["offers received"]["text"]


@pytest.mark.parametrize(
    ("description", "speaks"),
    [
        ("MEALS FOR INFLUX OF IMMIGRANTS UNDER BRIDGE AT PORT OF ENTRY", False),
        ("JANITORIAL BRIDGE", False),
        ("SEATTLE BRIDGE", False),
        ("THREE MONTH BRIDGE CONTRACT TO THE WORK AREA", True),
        ("BSDP BRIDGE  TASK ORDER", True),
        ("TWO WEEK NO-COST EXTENSION", True),
        ("extends the period", True),
        ("EXTENSIVE REPAIRS", False),
    ],
)
def test_a_bridge_is_an_extension_only_as_a_contract(description: str, speaks: bool):
    assert bool(re.search(EXTENDED, description)) is speaks


def test_an_example_shows_the_words_around_the_match(register: Register):
    text = "FIRST " * 60 + "(EXTEND)  THE PERIOD " + "LAST " * 60
    shown = excerpt(text, next(re.finditer("EXTEND", text)))
    assert "FIRST (EXTEND) THE PERIOD LAST" in shown
    assert shown.startswith("… FIRST")
    assert shown.endswith("LAST …")
    assert len(shown) < 150
    assert excerpt("an  EXTENSION.", next(re.finditer("EXTENSION", "an  EXTENSION."))) == "an EXTENSION."
    found = {measure["measure"]: measure for measure in questions.dependence(register, "B.I. Incorporated")["measures"]}
    assert found["extensions"]["text"].startswith("1 action speaks of an extension")


def test_exposure_names_systems_and_routes(register: Register):
    found = questions.exposure(register, "Penlink")
    assert {"from the vendor", "through others"} == {row["route"] for row in found["purchases"]}
    assert "investigative-case-management" in {row["id"] for row in found["systems"]}


def test_spend_by_category_and_vendor_agrees_with_the_total(register: Register):
    whole = {row["agency"]: Decimal(row["obligations"]) for row in questions.spend(register, by=("agency",))}
    by_vendor: dict[str, Decimal] = defaultdict(Decimal)
    for row in questions.spend(register, by=("agency", "vendor")):
        by_vendor[row["agency"]] += Decimal(row["obligations"])
    assert by_vendor == whole
    # Awards of several categories count in each of them, so this sum is no less than the categorised part of the whole.
    rows = register.rows(
        "select c.category, sum(a.obligations) from awards a join (select distinct award, category from award_categories) c "
        "using (award) where a.agency = 'ICE' group by 1"
    )
    told = {
        row["category"]: Decimal(row["obligations"])
        for row in questions.spend(register, by=("category",), agency="ICE")
        if row["category"]
    }
    assert told == dict(rows)


def test_a_claim_can_be_cited(register: Register):
    cell = questions.cite(register, "catalogue", 1, "palantir")
    assert cell["text"]
    assert cell["value"] == "Known"
    with pytest.raises(CustodietError, match="no page"):
        questions.cite(register, "catalogue", 1, "no-such-page")


@pytest.mark.parametrize(("name", "slug"), [("RAVEN", "raven"), ("ATS", "automated-targeting-system"), ("ELITE", "elite")])
def test_a_systems_own_name_comes_before_firms_that_begin_so(register: Register, name: str, slug: str):
    assert questions.trace(register, name)["id"] == slug


@pytest.mark.parametrize(("vendor", "case"), [("Palantir", "DHS-2578"), ("Anduril", "DHS-35")])
def test_a_short_name_in_the_vendors_cell_is_found(register: Register, vendor: str, case: str):
    lines = questions.trace(register, vendor)["lines"]
    assert any(line["section"] == "use cases" and case in line["text"] for line in lines)


def test_a_cell_that_denies_a_contract_names_no_vendor(register: Register):
    rows = register.rows(
        "select u.handle from entry_mentions m join use_cases u using (use_case_id) "
        "where m.kind = 'organisation' and m.name = 'nec'"
    )
    assert ("DHS-2731",) in rows
    assert ("DHS-2577",) not in rows


def test_of_an_award_that_passed_on_each_party_has_its_own_actions(register: Register):
    told = [line["text"] for line in questions.trace(register, "CSRA LLC")["lines"] if line["section"] == "money"]
    rows = register.rows(
        "select sum(obligation)::decimal(18, 2), count(*) from transactions where is_current and not repeats "
        "and recipient = 'CSRA LLC' and agency = 'CBP' and fiscal_year = 2021"
    )
    ((amount, actions),) = rows
    assert any(f"CBP FY2021: ${amount:,.2f} obligated in {actions} actions" in text for text in told)


def test_a_year_that_was_cut_off_makes_no_vendors_sum_complete(register: Register):
    assert not any(row["complete"] for row in questions.spend(register, by=("vendor",)))
    whole = questions.spend(register, by=("vendor",), agency="ICE", year=2025)
    assert whole
    assert all(row["complete"] for row in whole)
    assert max(row["until"] for row in questions.spend(register)) == "2026-08-20"


def test_one_notice_counts_once(register: Register):
    rows = {row["id"]: row for row in questions.matrix(register, agency="ICE")}
    assert rows["elite"]["noticed"]["count"] == 1
    assert rows["immigrationos"]["purchased"]["count"] is None


def test_a_maker_without_a_page_has_the_awards_that_name_its_product(register: Register):
    found = questions.trace(register, "Zignal")
    told = json.dumps(found)
    assert "$3,770,000.00" in told
    assert any(line["section"] == "findings" and "70CMSD25FR0000089" in line["text"] for line in found["lines"])
    assert all(line["citation"] for line in found["lines"])
    (row,) = questions.exposure(register, "Zignal")["purchases"]
    assert (row["route"], row["obligations"]) == ("through others", "3770000.00")
    skydio = questions.exposure(register, "Skydio")["purchases"]
    rows = register.rows("select count(distinct award) from award_categories where product = 'Skydio'")
    assert sum(row["awards"] for row in skydio) >= rows[0][0] > 20


def test_what_a_maker_sells_is_not_said_to_stand_in_the_award(register: Register):
    rows = register.rows(
        "select f.reason from findings f where f.rule = 'bought-not-declared' and f.subject in ("
        "select award from award_categories where product is not null group by award having bool_and(basis = 'maker'))"
    )
    assert len(rows) > 100
    assert not any("an award that shows" in reason for (reason,) in rows)


def test_what_an_entry_denies_does_not_declare_it(register: Register):
    rows = register.rows(
        "select distinct u.handle from entry_mentions m join use_cases u using (use_case_id) "
        "where m.kind = 'category' and m.name = 'biometric-recognition' and u.inventory_year = 2025"
    )
    said = {handle for (handle,) in rows}
    assert {"DHS-2577", "DHS-2457", "DHS-407"} <= said
    # DHS-2511: "does not perform 1:1 facial matching"; DHS-35: "not a biometric system".
    assert not {"DHS-2511", "DHS-35"} & said
