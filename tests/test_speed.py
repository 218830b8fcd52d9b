"""What makes pages fast must not change what they say: indexes, what is kept, and the register of many times the records."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import custodiet
from custodiet import questions
from custodiet.questions.awards import award
from custodiet.questions.findings import count_findings, findings_of_page
from custodiet.site.pages import KINDS
from custodiet.site.pages.findings import count_by
from custodiet.site.render import Renderer
from custodiet.site.site import Options, Site
from custodiet.store import Register, memory_register
from custodiet.store.schema import INDEXES

sys.path.insert(0, str(Path(__file__).parent.parent / "bench"))


@pytest.mark.parametrize(("table", "column"), INDEXES)
def test_a_record_is_looked_up_by_an_index(register: Register, table: str, column: str) -> None:
    """A condition that an index answers reads no row group; DuckDB would read the table whole without a word."""
    ((value,),) = register.rows(f"select any_value({column}) from {table}")
    ((_, plan),) = register.rows(
        f"explain analyze select * from {table} where {column} in $values", {"values": [value, value]}
    )
    assert "Index Scan" in plan


def test_what_is_kept_is_kept_only_where_nobody_writes(register: Register) -> None:
    """A register that is being filled answers with what it holds now."""
    writing = memory_register()
    writing.run("insert into meta values ('a', '1')")

    def count() -> int:
        return int(writing.rows("select count(*) from meta")[0][0])

    before = writing.keep("meta", count)
    writing.run("insert into meta values ('b', '2')")
    assert writing.keep("meta", count) == before + 1
    assert register.keep("a test's own", lambda: [1]) is register.keep("a test's own", lambda: [2])


def test_counts_that_are_kept_are_those_of_the_rows(register: Register) -> None:
    """Counts by rule, agency and bureau are added up from one table; the register counts again."""
    site = Site(register, KINDS)
    for rule, agency, number in register.rows(
        "select rule, agency, count(*) from findings where outcome = 'gap' and agency is not null group by all"
    ):
        assert count_by(site, "agency", rule=rule)[agency]["gap"] == number
    whole = count_findings(register)["rules"]
    for rule, outcome, number in register.rows("select rule, outcome, count(*) from findings group by all"):
        assert whole[rule][outcome] == number == count_findings(register, rule=rule)["rules"][rule][outcome]


def test_findings_of_a_page_are_those_that_name_it(register: Register) -> None:
    """The few findings about no record are looked through in memory; the register's own words find the same."""
    for (slug,) in register.rows("select slug from pages"):
        rows = register.rows(
            "select finding from findings where subject_id = $slug or starts_with(subject, $slug || '/') order by 1",
            {"slug": slug},
        )
        assert findings_of_page(register, slug) == [finding for (finding,) in rows]


def test_an_award_is_found_however_its_number_is_written(register: Register) -> None:
    """Case is no part of an award's number, nor of its key."""
    ((key, piid),) = register.rows("select award, piid from awards order by award limit 1")
    for written in (key, key.lower(), piid, piid.lower()):
        assert key in [found["id"] for found in award(register, written)]


@pytest.fixture(scope="module")
def threefold(register_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Register]:
    """The register of the mirror with three times its records."""
    from tenfold import multiply

    path = tmp_path_factory.mktemp("many") / "register.duckdb"
    multiply(register_file, path, 3)
    with custodiet.open_register(path) as opened:
        yield opened


@pytest.mark.long
def test_a_register_of_many_times_the_records_is_whole(register: Register, threefold: Register) -> None:
    """Each copy has an id of its own, cells that resolve to the same text, a page, and a hit in a search."""
    for table, key in (("use_cases", "use_case_id"), ("awards", "award"), ("notices", '(release, "row")')):
        ((once,),) = register.rows(f"select count(*) from {table}")
        assert threefold.rows(f"select count(*), count(distinct {key}) from {table}") == [(3 * once, 3 * once)]
    site = Site(threefold, KINDS, Options(is_served=True))
    renderer = Renderer(site)
    for kind, table, key in (("use-case", "use_cases", "use_case_id"), ("award", "awards", "award")):
        ((copy,),) = threefold.rows(f"select max({key}) from {table} where ends_with({key}, '-X2')")
        html = renderer.render(site.page(kind, copy))
        alike = renderer.render(site.page(kind, copy.removesuffix("-X2")))
        # The same published words; only ids, rows and addresses differ.
        assert html.count("<blockquote>") == alike.count("<blockquote>") > 0
    ((piid,),) = register.rows(
        "select min(piid) from awards where piid not in (select piid from awards group by 1 having count(*) > 1)"
    )
    found = [hit["id"] for hit in questions.search(threefold, piid) if hit["kind"] == "award"]
    assert len(found) == 3 * len([hit for hit in questions.search(register, piid) if hit["kind"] == "award"])
