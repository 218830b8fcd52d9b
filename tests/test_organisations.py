"""One organisation, many names: what joins names, what never does, and what a reader decides."""

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodiet import CustodietError, Register, questions
from custodiet.catalogue.read import read_catalogue
from custodiet.model.errors import CatalogueError, InputError
from custodiet.organisations.aliases import Aliases, read_aliases
from custodiet.organisations.names import core_name, plain_name
from custodiet.organisations.resolve import (
    Evidence,
    Identified,
    Link,
    Parentage,
    Place,
    Published,
    Related,
    Resolution,
    VendorPage,
    resolve,
)
from custodiet.register.build import build
from custodiet.register.judgements import OrganisationJudgement, read_judgements
from custodiet.register.organisations import load_organisations
from custodiet.sources.fpds.read import read_vendor_names
from custodiet.sources.spec import read_form, read_specs
from custodiet.sources.tables import read_csv
from custodiet.sources.usaspending.recipients import WITHHELD, kind_of
from custodiet.store import memory_register, open_register

HERE = Place("made-up", 1)


def named(*names: str) -> tuple[Published, ...]:
    return tuple(Published(name, Place("made-up", row), 1) for row, name in enumerate(names, start=1))


def under(uei: str, *names: str) -> tuple[Identified, ...]:
    return tuple(Identified("uei", uei, name, HERE) for name in names)


def together(found: Resolution) -> set[frozenset[str]]:
    by_slug: dict[str, set[str]] = {}
    for each in found.names:
        by_slug.setdefault(each.organisation, set()).add(each.name)
    return {frozenset(names) for names in by_slug.values()}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ACME INC", "Acme, Incorporated"),
        ("ACME L.L.C.", "ACME LIMITED LIABILITY COMPANY"),
        ("PHONAK L L C", "PHONAK LLC"),
        ("B.I. INCORPORATED", "BI INC"),
        ("CORPORATE SOURCE, INC THE", "THE CORPORATE SOURCE INC."),
        ("SWORD & SHIELD", "SWORD AND SHIELD"),
        ("LEAR SIEGLER SERVICES INCORPORATED (1024)", "LEAR SIEGLER SERVICES, INC."),
        ("ANRAY INT'L CORPORATION", "ANRAY INTL CORP"),
    ],
)
def test_spellings_of_one_name_are_one(one: str, other: str) -> None:
    assert plain_name(one) == plain_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ACME INC", "ACME LLC"),
        ("PARAGON SYSTEMS INC", "PARAGON SOLUTIONS (US) INC"),
        ("AI SOLUTIONS 87 LLC", "RESPONSE AI SOLUTIONS, LLC"),
        ("AI SOLUTIONS 87 LLC", "AI SOLUTIONS LLC"),
        ("VIGILANT SOLUTIONS LLC", "EVIGILANT.COM, LLC"),
        ("NEC CORPORATION", "AOC CONNECT, LLC"),
        ("L-3 COMMUNICATIONS", "L3 TECHNOLOGIES"),
    ],
)
def test_names_that_are_two(one: str, other: str) -> None:
    assert plain_name(one) != plain_name(other)
    assert len(together(resolve(Evidence(named(one, other))))) == 2


@given(st.text(max_size=60))
def test_folding_a_name_twice_changes_nothing_more(name: str) -> None:
    once = plain_name(name)
    assert plain_name(once.upper()) == plain_name(once)
    assert core_name(name) or not once


def test_one_uei_joins_and_several_join_nothing() -> None:
    names = named("ALPHA INC", "BETA LLC", "COMMON CORP", "GAMMA LLC")
    ids = under("U1", "ALPHA INC", "BETA LLC", "COMMON CORP") + under("U2", "COMMON CORP", "GAMMA LLC")
    found = resolve(Evidence(names, ids))
    assert together(found) == {frozenset({"ALPHA INC", "BETA LLC"}), frozenset({"COMMON CORP"}), frozenset({"GAMMA LLC"})}
    # An identifier is one organisation's: COMMON CORP has none of the two.
    assert {(slug, id_) for slug, _, id_, _ in found.ids} == {("alpha-inc", "U1"), ("gamma-llc", "U2")}
    assert {each.basis for each in found.names if each.name in ("ALPHA INC", "BETA LLC")} == {"identifier"}


def test_spellings_count_together_when_identifiers_are_counted() -> None:
    ids = under("U1", "COMMON CORP", "ALPHA INC") + under("U2", "COMMON CORPORATION", "BETA INC")
    found = resolve(Evidence(named("COMMON CORP", "COMMON CORPORATION", "ALPHA INC", "BETA INC"), ids))
    assert len(together(found)) == 3


def test_a_cage_code_does_not_overrule_ueis() -> None:
    names = named("ALPHA INC", "BETA LLC")
    cage = (Identified("cage", "1ABC2", "ALPHA INC", HERE), Identified("cage", "1ABC2", "BETA LLC", HERE))
    assert len(together(resolve(Evidence(names, cage)))) == 1
    ueis = under("U1", "ALPHA INC") + under("U2", "BETA LLC")
    assert len(together(resolve(Evidence(names, cage + ueis)))) == 2


def test_a_parent_is_a_relation_and_no_merger() -> None:
    ids = under("U1", "ALPHA INC") + under("U2", "HOLDINGS PLC")
    parents = (Parentage("U1", "U2", None, None, HERE), Parentage("U2", "U9", None, None, HERE))
    found = resolve(Evidence(named("ALPHA INC", "HOLDINGS PLC"), ids, parents))
    assert [(r.organisation, r.relation, r.other) for r in found.relations] == [
        ("alpha-inc", "parent", "holdings-plc"),
        ("holdings-plc", "parent", "uei-u9"),
    ]
    assert {o.slug: o.names for o in found.organisations}["uei-u9"] == 0


def test_a_relation_keeps_two_names_apart_whatever_else_joins_them() -> None:
    ids = under("U1", "OLD LLC", "NEW INC")
    related = (Related("OLD LLC", "successor", "NEW INC", None, None, "alias", "read", HERE),)
    found = resolve(Evidence(named("OLD LLC", "NEW INC"), ids, related=related))
    assert [(r.organisation, r.relation, r.other) for r in found.relations] == [("old-llc", "successor", "new-inc")]


def test_names_judged_apart_stay_apart() -> None:
    ids = under("U1", "OLD LLC", "NEW INC", "THIRD CO")
    found = resolve(
        Evidence(named("OLD LLC", "NEW INC", "THIRD CO"), ids, apart=frozenset({frozenset({"OLD LLC", "NEW INC"})}))
    )
    assert not any({"OLD LLC", "NEW INC"} <= names for names in together(found))


def test_a_page_gives_its_slug_and_its_names() -> None:
    page = VendorPage("bi-incorporated", ("B.I. Incorporated", "BI Incorporated"))
    found = resolve(Evidence(named("B.I. INCORPORATED", "BI-LINGUAL LLC"), pages=(page,)))
    assert {n.name: n.organisation for n in found.names}["B.I. INCORPORATED"] == "bi-incorporated"
    assert {o.slug: o.page for o in found.organisations} == {"bi-incorporated": "bi-incorporated", "bi-lingual-llc": None}


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_evidence_changes_nothing(random) -> None:
    names = list(named("ALPHA INC", "ALPHA, INC.", "BETA LLC", "GAMMA LLC", "DELTA CO"))
    ids = list(under("U1", "ALPHA INC", "BETA LLC") + under("U2", "GAMMA LLC"))
    first = resolve(Evidence(tuple(names), tuple(ids), links=(Link("GAMMA LLC", "DELTA CO", "alias", "read"),)))
    random.shuffle(names)
    random.shuffle(ids)
    again = resolve(Evidence(tuple(names), tuple(ids), links=(Link("GAMMA LLC", "DELTA CO", "alias", "read"),)))
    assert first == again


# --- the source, and people


def test_a_person_s_row_loses_its_name_and_its_identifier(mirror: Path) -> None:
    ((spec, folder),) = [pair for pair in read_specs() if pair[0].id == "fpds"]
    release = spec.releases[0]
    release = release.model_copy(update={"assertions": release.assertions.model_copy(update={"rows": 2, "filled": {}})})
    content = b'UEI,vendorName,actions,parent_uei\nPLANTEDUEI01,"PLANTED, JANE",1,PLANTEDUEI01\nU2,ACME INC,3,U3\n'
    read = read_vendor_names(read_csv(content, "utf-8", "f.csv"), release, read_form(folder, "form"), "f.csv")
    assert [(n.name, n.uei, n.kind) for n in read.names] == [
        (WITHHELD, None, "individual"),
        ("ACME INC", "U2", "organisation"),
    ]
    assert "PLANTED" not in str(read.cells)


def test_no_person_and_nobody_undisclosed_has_an_organisation(register: Register) -> None:
    for name in (WITHHELD, "FOREIGN AWARDEES (UNDISCLOSED)"):
        assert not register.rows("select 1 from organisation_names where name = $name", {"name": name})
    with pytest.raises(CustodietError, match="no person"):
        questions.organisation(register, "DOE, JANE")


def test_bulk_files_keep_no_person_s_name_in_any_column(register: Register) -> None:
    for release, recipient in (
        ("usaspending-bulk-awards-2025-03-21", "recipient_name"),
        ("usaspending-bulk-subawards-2025-03-28", "subawardee_name"),
    ):
        columns = [
            name
            for (name,) in register.rows(
                "select name from release_columns where release = $r and not personal", {"r": release}
            )
            if re.search(r"(recipient|awardee)_(\w+_)?name", name) and not re.search("country|state|county|city", name)
        ]
        assert len(columns) >= 4
        for column in columns:
            cells = {cell for (cell,) in register.rows(f'select distinct "{column}" from raw."{release}"') if cell}
            assert [cell for cell in cells if cell != WITHHELD and kind_of(cell) == "individual"] == []
            if not column.startswith("prime_"):
                beside = register.rows(
                    f'select "{column}" from raw."{release}" where "{recipient}" = $w and "{column}" not in (\'\', $w)',
                    {"w": WITHHELD},
                )
                assert beside == [], column


# --- on the real files


def test_every_recipient_that_is_an_organisation_has_exactly_one(register: Register) -> None:
    (counts,) = register.rows(
        """
        select count(*), count(n.organisation), count(distinct t.recipient)
        from (select distinct recipient from transactions where recipient_kind = 'organisation') t
        left join organisation_names n on n.name = t.recipient
        """
    )
    assert counts[0] == counts[1] == counts[2] > 4000
    assert not register.rows("select organisation from organisations group by all having count(*) > 1")
    assert not register.rows("select organisation from organisation_names except select organisation from organisations")
    for column in ("organisation", "other"):
        assert not register.rows(f"select {column} from organisation_relations except select organisation from organisations")


def organisation_of(register: Register, name: str) -> str:
    ((slug,),) = register.rows("select organisation from organisation_names where name = $name", {"name": name})
    return slug


@pytest.mark.parametrize(
    "names",
    [
        ("PARAGON SYSTEMS INC", "PARAGON SOLUTIONS (US) INC"),
        ("AI SOLUTIONS 87 LLC", "RESPONSE AI SOLUTIONS, LLC"),
        ("Vigilant Solutions", "EVIGILANT.COM, LLC"),
        ("NEC", "AOC CONNECT, LLC"),
        ("CLEARVIEW AI, INC.", "1NTEGER LLC"),
        # What the subawards file calls a trade name is the prime's.
        ("STREAMLIGHT INC", "TYR TACTICAL LLC"),
        # Under several UEIs.
        ("COMPUTER SCIENCES CORPORATION", "CSRA LLC"),
    ],
)
def test_traps_of_the_real_files_stay_apart(register: Register, names: tuple[str, str]) -> None:
    one, other = (organisation_of(register, name) for name in names)
    assert one != other


def test_every_award_whose_recipient_changes_its_name_was_decided(register: Register) -> None:
    undecided = register.rows(
        """
        with names as (
          select distinct award_key, organisation from transactions join organisation_names on name = recipient
          where recipient_kind = 'organisation' and award_key is not null
        ), pairs as (
          select distinct a.organisation as one, b.organisation as other from names a
          join names b on a.award_key = b.award_key and a.organisation < b.organisation
        )
        select * from pairs where (one, other) not in (
          select (least(organisation, other), greatest(organisation, other)) from organisation_relations)
        """
    )
    assert undecided == []


def test_successors_and_resellers_cite_the_action_that_shows_them(register: Register) -> None:
    found = questions.organisation(register, "CSRA LLC")
    (successor,) = [r for r in found["relations"] if r["relation"] == "successor"]
    assert successor["name"] == "GENERAL DYNAMICS INFORMATION TECHNOLOGY, INC."
    assert successor["since"] == "2021-07-16"
    place = successor["citation"]
    ((text, recipient),) = register.rows(
        'select description, recipient from transactions where release = $release and "row" = $row', place
    )
    assert (text, recipient) == ("NAME CHANGE AGREEMENT", successor["name"])
    resellers = {r["name"]: r for r in questions.organisation(register, "ShadowDragon")["relations"]}
    assert resellers["PANAMERICA COMPUTERS, INC."]["relation"] == "resold-by"
    for each in resellers.values():
        ((text,),) = register.rows(
            'select description from transactions where release = $release and "row" = $row', each["citation"]
        )
        assert "DRAGON" in text
    (seller,) = questions.organisation(register, "Zignal")["relations"]
    assert seller["name"] == "CARAHSOFT TECHNOLOGY CORP"
    assert seller["citation"]["release"] == "usaspending-transactions-fy2025"


def test_every_sourced_alias_found_its_row_or_its_address(register: Register) -> None:
    aliases = read_aliases()
    assert len(aliases.relations) > 60
    bare = register.rows("select * from organisation_relations where basis = 'alias' and release is null and url is null")
    # Claims whose source is a printed record have neither; they are few, and named by their claim.
    assert len(bare) <= sum(relation.claim is not None for relation in aliases.relations)
    awards = sum(relation.award is not None for relation in aliases.relations)
    ((cited,),) = register.rows("select count(*) from organisation_relations where basis = 'alias' and release is not null")
    assert cited == awards


def test_every_vendor_page_is_an_organisation(register: Register) -> None:
    assert not register.rows("select slug from pages where kind = 'vendor' except select organisation from organisations")
    assert questions.organisation(register, "palantir technologies inc")["page"] == "palantir"
    assert organisation_of(register, "COBWEBS AMERICA INC") != "penlink"


def test_a_name_that_may_mean_several_gives_candidates(register: Register) -> None:
    found = questions.organisation(register, "Paragon")
    assert {"paragon-systems-inc", "paragon-solutions-us-inc"} <= {each["organisation"] for each in found["candidates"]}
    with pytest.raises(CustodietError, match="No organisation"):
        questions.organisation(register, "Nobody Ever Heard Of Ltd")


def test_resolution_takes_less_than_a_second_of_a_build(register_file: Path, tmp_path: Path) -> None:
    with open_register(register_file) as source:
        tables = {
            name: source.rows(f"from {name}") for name in ("transactions", "vendor_names", "award_summaries", "subawards")
        }
        releases = source.rows("select release, published from releases")
    with memory_register() as register:
        for name, rows in tables.items():
            register.load(name, rows)
        register.run("alter table releases alter column source drop not null")
        for column in ("role", "covers", "file", "sha256", "status", "completeness", "completeness_reason"):
            register.run(f"alter table releases alter column {column} drop not null")
        for release, published in releases:
            register.run("insert into releases (release, published) values ($r, $p)", {"r": release, "p": published})
        catalogue, aliases, judgements = read_catalogue(), read_aliases(), read_judgements([])
        started = time.perf_counter()
        load_organisations(register, catalogue, aliases, judgements)
        assert time.perf_counter() - started < 1.0
        again = register.rows("from organisation_names")
    with open_register(register_file) as source:
        assert again == source.rows("from organisation_names")


# --- what an alias or a judgement may not do


def an_alias(**fields: str) -> Aliases:
    return Aliases.model_validate({"relations": [{"organisation": "A", "relation": "parent", "other": "B", **fields}]})


def test_an_alias_must_hold(register_file: Path) -> None:
    with memory_register() as register, pytest.raises(CatalogueError, match="nobody/said"):
        load_organisations(register, read_catalogue(), an_alias(because="x", claim="nobody/said"), read_judgements([]))
    with pytest.raises(ValueError, match="one source"):
        an_alias(because="x")
    with pytest.raises(ValueError, match="one source"):
        an_alias(because="x", claim="a/b", url="https://example.org")
    with memory_register() as register:
        register.load(
            "transactions",
            [(
                "r", 1, "true", "ICE", 2025, "P1", None, "KEY", "0", "2025-01-01", "1.00", "A", "organisation", None, None,
                "X", "false", *(None,) * 11,
            )],
        )  # fmt: skip
        with pytest.raises(InputError, match="no action under 'B'"):
            load_organisations(register, read_catalogue(), an_alias(because="x", award="KEY"), read_judgements([]))


def line(**changes: str) -> str:
    said = {"kind": "same-organisation", "organisation": "PARAGON MICRO INC", "other": "PARAGON SYSTEMS INC",
            "verdict": "accept",
            "by": "a test", "date": "2026-11-22", "reason": "to see"}  # fmt: skip
    return json.dumps(said | changes) + "\n"


def test_judgements_of_both_kinds_share_a_file_and_are_undone_there(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    path.write_text(line() + line(kind="parent"), "utf-8")
    assert len(read_judgements([path]).organisations) == 2
    # The names of one organisation have no order, those of a relation do.
    path.write_text(path.read_text("utf-8") + line(
        verdict="undo", organisation="PARAGON SYSTEMS INC", other="PARAGON MICRO INC"
    ), "utf-8")  # fmt: skip
    left = read_judgements([path]).organisations
    assert [each.kind for each in left.values()] == ["parent"]
    path.write_text(line(kind="enemies"), "utf-8")
    with pytest.raises(InputError, match="line 1"):
        read_judgements([path])


def test_a_judgement_joins_parts_and_relates_and_undo_takes_it_back(mirror: Path, tmp_path: Path) -> None:
    path, own = tmp_path / "register.duckdb", tmp_path / "own.jsonl"
    own.write_text(
        line()
        + line(organisation="CADUCEUS HEALTHCARE INC", other="CADUCEUS INC.", verdict="reject")
        + line(kind="reseller-of", organisation="CARAHSOFT TECHNOLOGY CORP", other="Zignal", verdict="reject")
        + line(kind="parent", organisation="GEO TRANSPORT, INC.", other="THE GEO GROUP, INC.", since="2021-09-22"),
        "utf-8",
    )
    build(path, mirror, judgements=own)
    with open_register(path) as register:
        assert organisation_of(register, "PARAGON MICRO INC") == organisation_of(register, "PARAGON SYSTEMS INC")
        assert organisation_of(register, "CADUCEUS HEALTHCARE INC") != organisation_of(register, "CADUCEUS INC.")
        assert not questions.organisation(register, "Zignal")["relations"]
        (parent,) = questions.organisation(register, "GEO TRANSPORT, INC.")["relations"]
        assert (parent["relation"], parent["organisation"], parent["basis"]) == ("parent", "geo-group", "judgement")
        assert parent["reason"] == "a test: to see"
    own.write_text(own.read_text("utf-8") + line(verdict="undo"), "utf-8")
    build(path, mirror, judgements=own)
    with open_register(path) as register:
        assert organisation_of(register, "PARAGON MICRO INC") != organisation_of(register, "PARAGON SYSTEMS INC")


def test_a_judgement_on_a_name_that_is_not_there_does_nothing() -> None:
    judgement = OrganisationJudgement.model_validate_json(line())
    judgements = read_judgements([])
    judgements.organisations[judgement.pair] = judgement
    with memory_register() as register:
        load_organisations(register, read_catalogue(), Aliases(), judgements)
        assert not register.rows("select 1 from organisation_names where name like 'PARAGON%'")
