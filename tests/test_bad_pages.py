"""Pages that do not hold together: the right error, in one sentence that names the page."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from custodiet.catalogue.read import read_catalogue
from custodiet.model.errors import CatalogueError, RuleError
from custodiet.rules.page import read_rules
from custodiet.rules.run import run_rules
from custodiet.store import memory_register

OPEN_QUESTION = "{id: open, about: unknown, says: Nobody knows., would_settle: The contract.}"
VENDOR = f"name: Acme\nclaims:\n  - {OPEN_QUESTION}\n"
SYSTEM = f"name: Acme Watch\ncategory: analytics\nstatus: in-use\nclaims:\n  - {OPEN_QUESTION}\n"


def assert_one_sentence(error: Exception, *names: str) -> None:
    text = str(error)
    assert len(text.splitlines()) == 1
    assert text.isprintable()
    for name in names:
        assert name in text


# --- The catalogue


def write_pages(folder: Path, **pages: str | bytes) -> Path:
    """Write pages, named `<kind>_<slug>`."""
    for place, content in pages.items():
        kind, slug = place.split("_", 1)
        path = folder / kind / f"{slug}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def test_small_catalogue_of_good_pages_is_read(tmp_path: Path):
    catalogue = read_catalogue(write_pages(tmp_path, vendors_acme=VENDOR, systems_watch=SYSTEM + "vendors: [acme]\n"))
    assert set(catalogue.entries) == {"acme", "watch"}
    assert catalogue.claims["watch/open"].grade == "Unknown"


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("name: Acme\nclaims: [\n  - a: {b\n", "line "),
        ("name: Acme\n\tclaims: []\n", "line 2"),
        (VENDOR + "colour: blue\n", "colour"),
        (VENDOR.replace("about: unknown", "about: gossip"), "claims.0.about"),
        (VENDOR.replace("{id: open", "{id: open, grade: Known"), "grade"),
        (VENDOR.replace(", would_settle: The contract.", ""), "would_settle"),
        (VENDOR + f"  - {OPEN_QUESTION}\n", "'open' stands twice"),
        (VENDOR + "name: Other\n", "'name' stands twice"),
        ("claims:\n" + VENDOR.split("claims:\n")[1], "name"),
        ("name: Acme\nclaims: []\n", "claims"),
        ("", "the page"),
        ("just words", "the page"),
        (VENDOR + "---\n" + VENDOR, "document"),
        (b"name: Acm\xe9\n", "UTF-8"),
        (b"name: Acme\x00\n", "YAML"),
        (VENDOR + "# " + "x" * 2_000_000, "larger than"),
        (VENDOR.replace("Acme", "!!python/object/apply:os.getcwd []"), "tag"),
        (VENDOR.replace("Acme", "!!int Acme"), ""),
        (VENDOR.replace("Acme", "!!bool Acme"), ""),
        (VENDOR.replace("Acme", "!!timestamp Acme"), ""),
        (VENDOR.replace("Acme", "!!map Acme"), ""),
    ],
)
def test_damaged_catalogue_page_is_refused_by_name(page: str | bytes, says: str, tmp_path: Path):
    with pytest.raises(CatalogueError) as caught:
        read_catalogue(write_pages(tmp_path, vendors_acme=page, systems_watch=SYSTEM))
    assert_one_sentence(caught.value, "vendors/acme.yml", says)


@pytest.mark.parametrize(
    ("field", "kind"),
    [("vendors", "vendors"), ("feeds", "feeds"), ("authorities", "authorities"), ("related", "page")],
)
def test_page_that_names_a_page_that_is_not_there_is_refused(field: str, kind: str, tmp_path: Path):
    with pytest.raises(CatalogueError) as caught:
        read_catalogue(write_pages(tmp_path, systems_watch=SYSTEM + f"{field}: [nowhere]\n"))
    assert_one_sentence(caught.value, "systems/watch.yml", field, "'nowhere'", kind)


def test_reference_to_a_page_of_another_kind_is_refused(tmp_path: Path):
    with pytest.raises(CatalogueError) as caught:
        read_catalogue(write_pages(tmp_path, vendors_acme=VENDOR, systems_watch=SYSTEM + "feeds: [acme]\n"))
    assert_one_sentence(caught.value, "systems/watch.yml", "'acme'")


def test_two_pages_of_one_slug_are_refused_by_both_names(tmp_path: Path):
    with pytest.raises(CatalogueError) as caught:
        read_catalogue(write_pages(tmp_path, vendors_acme=VENDOR, systems_acme=SYSTEM))
    assert_one_sentence(caught.value, "vendors/acme.yml", "systems/acme.yml", "'acme'")


def claim(name: str, *premises: str) -> str:
    return f"  - {{id: {name}, about: role, says: It follows., premises: [{', '.join(premises)}]}}\n"


def test_premise_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(CatalogueError) as caught:
        read_catalogue(write_pages(tmp_path, vendors_acme=VENDOR + claim("a", "acme/nothing")))
    assert_one_sentence(caught.value, "vendors/acme.yml", "acme/a", "'acme/nothing'")


@pytest.mark.parametrize("circle", [["acme/a"], ["acme/b", "acme/a"], ["acme/b", "acme/c", "acme/a"]])
def test_claims_that_follow_from_each_other_in_a_circle_are_refused(circle: list[str], tmp_path: Path):
    page = VENDOR + "".join(
        claim(name, premise) for name, premise in zip("abc", [*circle, "acme/open", "acme/open"], strict=False)
    )
    with pytest.raises(CatalogueError) as caught:
        read_catalogue(write_pages(tmp_path, vendors_acme=page))
    assert_one_sentence(caught.value, "circle", *circle)


@given(st.one_of(st.text(max_size=200), st.binary(max_size=200)))
@example("name: !!set [a]")
@example("? [a]\n: b")
@example("<<: 3")
@example("&a [*a]")
def test_no_page_raises_anything_but_a_catalogue_error(tmp_path_factory, page: str | bytes):
    folder = tmp_path_factory.mktemp("catalogue")
    content = page.encode("utf-8", "surrogatepass") if isinstance(page, str) else page
    with pytest.raises(CatalogueError) as caught:
        read_catalogue(write_pages(folder, vendors_acme=content))
    assert_one_sentence(caught.value, "vendors/acme.yml")


@pytest.mark.parametrize("sign", ["[", "{a: ", "- "])
def test_deeply_nested_page_does_not_crash_the_process(sign: str, tmp_path: Path):
    write_pages(tmp_path, vendors_acme=sign * (900_000 // len(sign)))
    program = (
        "import sys, pathlib\n"
        "from custodiet.catalogue.read import read_catalogue\n"
        "from custodiet.model.errors import CatalogueError\n"
        "try:\n    read_catalogue(pathlib.Path(sys.argv[1]))\n"
        "except CatalogueError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert "vendors/acme.yml" in done.stdout


# --- Rule pages

CITATIONS = "[struct_pack(release := 'r', \"row\" := 1, \"column\" := 'c')]"
SQL = (
    f"select 'A-1' as subject, 'gap' as outcome, 'Blank.' as reason, {CITATIONS} as citations, struct_pack(n := 1) as numbers"
)
RULE = f"""---
id: made-up
title: A rule for these tests
duty: m-25-21
subjects: agencies
needs: [made-up-2025]
grade: Known
---

## What it checks
Something.

## Why it matters
It does.

## Exclusions
None.

## What it cannot show
Much.

## What to ask for
More.

## Method
```sql
{SQL}
```

## Example
`findings` of `made-up`

| subject | outcome |
| ------- | ------- |
| A-1     | gap     |
"""


def check_page(folder: Path, page: str | bytes, use_cases: int = 0) -> list[tuple[str, str]]:
    """Read and run one rule page over a register with as many use cases; return subjects and outcomes."""
    (folder / "disclosure").mkdir(exist_ok=True)
    (folder / "disclosure" / "made-up.md").write_bytes(page if isinstance(page, bytes) else page.encode())
    rules = read_rules(folder)
    with memory_register() as register:
        register.run(
            "insert into releases (release, source, role, covers, file, url, sha256, status, completeness, "
            "completeness_reason) values ('made-up-2025', 'made-up', 'use-cases', 2025, '', '', '', 'read', 'complete', '')"
        )
        for number in range(1, use_cases + 1):
            register.run(
                "insert into use_cases (use_case_id, handle, inventory_year, agency, agency_name, name, "
                "normalised_name, release, \"row\", name_citation) values ($id, $id, 2025, 'A', 'Agency A', 'x', 'x', "
                "'made-up-2025', $row, {release: 'made-up-2025', row: 1, \"column\": 'name'})",
                {"id": f"A-{number}", "row": number},
            )
        run_rules(register, rules)
        return register.rows("select subject, outcome from findings")


def with_sql(sql: str, subjects: str = "agencies") -> str:
    return RULE.replace(SQL, sql).replace("subjects: agencies", f"subjects: {subjects}")


def test_good_rule_page_runs(tmp_path: Path):
    assert check_page(tmp_path, RULE) == [("A-1", "gap")]
    assert check_page(tmp_path, with_sql(SQL, "use_cases"), use_cases=1) == [("A-1", "gap")]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("select nothing from nowhere", "SQL under 'Method' fails"),
        ("selct 1", "SQL under 'Method' fails"),
        ("-- nothing", "SQL under 'Method' fails"),
        (SQL.replace("'Blank.'", "cast('x' as integer)"), "SQL under 'Method' fails"),
        (SQL.replace("'gap'", "'violation'"), "'violation'"),
        (SQL.replace("'gap'", "'Gap'"), "'Gap'"),
        (SQL.replace("'gap'", "null"), "'A-1'"),
        (SQL.replace("'gap'", "true"), "outcome"),
        (SQL.replace("'gap'", "1"), "outcome"),
        (f"{SQL} union all {SQL}", "'A-1' has several rows"),
        (SQL.replace("'A-1'", "null"), "subject"),
        (SQL.replace("'Blank.'", "null"), "no reason"),
        (SQL.replace("'Blank.'", "''"), "no reason"),
        (SQL.replace("'Blank.'", "' '"), "no reason"),
        (SQL.replace("'Blank.'", "1"), "reason"),
        (SQL.replace(f"{CITATIONS} as", "null as"), "no citations"),
        (SQL.replace(f"{CITATIONS} as", "'A-1' as"), ""),
        (SQL.replace(", 'Blank.' as reason", ""), "'reason'"),
        (SQL + ", 1 as surprise", "'surprise'"),
        (SQL + ", 'Certain' as grade", "'Certain'"),
        (SQL + ", 1 as grade", "grade"),
        (SQL + "; delete from releases", ""),
    ],
)
def test_rule_whose_sql_returns_no_findings_is_refused_by_name(sql: str, says: str, tmp_path: Path):
    with pytest.raises(RuleError) as caught:
        check_page(tmp_path, with_sql(sql))
    assert_one_sentence(caught.value, "disclosure/made-up.md", "made-up", says)


def test_rule_that_leaves_a_use_case_out_is_refused(tmp_path: Path):
    with pytest.raises(RuleError) as caught:
        check_page(tmp_path, with_sql(SQL, "use_cases"), use_cases=2)
    assert_one_sentence(caught.value, "disclosure/made-up.md", "'A-2'", "left out")


def test_rule_over_a_use_case_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(RuleError) as caught:
        check_page(tmp_path, with_sql(SQL.replace("A-1", "Z-9"), "use_cases"))
    assert_one_sentence(caught.value, "disclosure/made-up.md")


BLOCK = f"```sql\n{SQL}\n```\n"


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (RULE.replace("## Exclusions\nNone.\n", ""), "headings"),
        (RULE.replace("Exclusions", "Exceptions"), "Exceptions"),
        (RULE.replace("## Exclusions\nNone.\n", "## Exclusions\n"), "'Exclusions'"),
        (RULE.replace("## Exclusions\nNone.\n", "## Exclusions\nNone.\n\n## Exclusions\nSome.\n"), "Exclusions"),
        (RULE.replace(BLOCK, "No SQL.\n"), "0 SQL blocks"),
        (RULE.replace(BLOCK, BLOCK * 2), "2 SQL blocks"),
        (RULE.replace("---\n", "", 1), "front matter"),
        ("", "front matter"),
        (RULE.replace("title: ", "title: [", 1), "line "),
        (RULE.replace("title: A rule for these tests\n", ""), "title"),
        (RULE.replace("grade: Known", "grade: Certain"), "'Certain'"),
        (RULE.replace("grade: Known", "grade: Known\ncolour: blue"), "colour"),
        (RULE.replace("grade: Known", "grade: Known\ngrade: Likely"), "grade"),
        (RULE.replace("grade: Known", "grade: Known\ndue: 2026-02-30"), "due"),
        (RULE.replace("subjects: agencies", "subjects: people"), "'people'"),
        (RULE.replace("[made-up-2025]", "[]"), "needs"),
        (RULE.replace("Much.", "{{ figure }}"), "figure"),
        (RULE.replace("| A-1     | gap     |\n", ""), "example"),
        (RULE.encode() + b"\xff", "UTF-8"),
    ],
)
def test_damaged_rule_page_is_refused_by_name(page: str | bytes, says: str, tmp_path: Path):
    with pytest.raises(RuleError) as caught:
        check_page(tmp_path, page)
    assert_one_sentence(caught.value, "disclosure/made-up.md", says)


def test_two_rules_of_one_id_are_refused_by_both_names(tmp_path: Path):
    check_page(tmp_path, RULE)
    (tmp_path / "disclosure" / "other.md").write_text(RULE, "utf-8")
    with pytest.raises(RuleError) as caught:
        read_rules(tmp_path)
    assert_one_sentence(caught.value, "disclosure/made-up.md", "disclosure/other.md", "'made-up'")
