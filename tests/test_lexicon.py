"""The lexicon: each page's examples, the words that look like a category and are none, and patterns that are none."""

from pathlib import Path

import pytest

from custodiet import Register
from custodiet.catalogue.lexicon import Category, read_lexicon
from custodiet.model.errors import CatalogueError
from custodiet.register.categories import load_categories
from custodiet.store import memory_register

LEXICON = read_lexicon()


def found(rows: list[tuple[str, str]]) -> dict[int, set[str]]:
    """Return the categories of made-up awards, each a vendor and a description, by their number."""
    with memory_register() as register:
        register.load(
            "release_columns",
            [
                ("r", number, "A", field, field, field, None, None, None, "false")
                for number, field in enumerate(("description", "recipient", "product_service", "industry"))
            ],
        )
        register.load(
            "transactions",
            [
                ("r", number, "true", "ICE", 2025, str(number), None, str(number), "0", "2025-01-01", "1.00", vendor,
                 "organisation", None, None, words, "false", *(None,) * 11)
                for number, (vendor, words) in enumerate(rows)
            ],
        )  # fmt: skip
        load_categories(register, LEXICON)
        got: dict[int, set[str]] = {number: set() for number in range(len(rows))}
        for award, category in register.rows("select award, category from award_categories"):
            got[int(award)].add(category)
    return got


@pytest.mark.parametrize("page", LEXICON, ids=lambda page: page.slug)
def test_examples_of_a_page(page: Category):
    positive, negative = page.examples.positive, page.examples.negative
    got = found([(sample.vendor, sample.description) for sample in (*positive, *negative)])
    for number, sample in enumerate(positive):
        assert page.slug in got[number], sample
    for number, sample in enumerate(negative, start=len(positive)):
        assert page.slug not in got[number], sample


@pytest.mark.parametrize(
    ("vendor", "words"),
    [
        ("PARAGON SYSTEMS, INC.", "PROTECTIVE SECURITY OFFICER SERVICES"),
        ("PARAGON PROFESSIONAL SERVICES LLC", "DETENTION SERVICES"),
        ("PAT V MACK INC", "FALCON HELMETS"),
        ("COMMANDTEC, LLC", "JANITORIAL SERVICES FOR FALCON HEIGHTS, TX."),
        ("EVIGILANT.COM, LLC", "SECURITY SYSTEM UPGRADE"),
        ("AQUA CLEAR ENGINEERING, INC", "COOLING TOWER WATER TREATMENT"),
        ("UNICOR", "CLEAR TRASH BAGS"),
        ("HURRICANE CREEK K9 LLC", "5 DETECTOR CANINES"),
        ("DEPLOYED RESOURCES LLC", "HURRICANE IDA PURCHASE: GENERATORS"),
        ("RESPONSE AI SOLUTIONS, LLC", "EMERGENCY FENCING AND LIGHTING"),
        ("CONNECTICUT CO", "NEC TELEPHONE HANDSETS"),
        ("1NTEGER LLC", "ANNUAL SUBSCRIPTION TO KHARON CLEARVIEW."),
    ],
)
def test_a_trap_is_no_category(vendor: str, words: str):
    assert found([(vendor, words)]) == {0: set()}


def test_a_product_is_found_behind_its_reseller():
    got = found([
        ("PANAMERICA COMPUTERS, INC.", "SHADOWDRAGON SOCIALNET SOFTWARE"),
        ("CARAHSOFT TECHNOLOGY CORP", "THIS AWARD PROCURES ZIGNAL LICENSES"),
        ("CARAHSOFT TECHNOLOGY CORP", "ADOBE LICENSES"),
    ])  # fmt: skip
    assert got == {0: {"social-media-monitoring"}, 1: {"social-media-monitoring"}, 2: set()}


def test_skip_tracing_by_an_ai_named_vendor_is_skip_tracing(register: Register):
    rows = register.rows(
        "select category, basis, product from award_categories where award like 'CONT_AWD_70CDCR26FR0000015_%' order by all"
    )
    assert {category for category, _, _ in rows} == {"data-brokers"}


def test_every_hit_is_shown_by_its_cell(register: Register):
    # A second way: each hit's words stand in the raw cell that it cites, folded.
    rows = register.rows("select basis, shown_by, citation from award_categories order by award, category limit 400")
    rows += register.rows(
        "select basis, shown_by, citation from award_categories where basis in ('product', 'maker') limit 400"
    )
    for basis, shown, cell in rows:
        ((text,),) = register.rows(f'select "{cell["column"]}" from raw."{cell["release"]}" where _row = {cell["row"]}')
        folded = " ".join("".join(c if c.isascii() and c.isalnum() else " " for c in text.lower()).split())
        assert shown.lower() in (folded, text.lower()) or shown in folded, (basis, shown, cell)


@pytest.mark.parametrize("pattern", ["Capital", "(?=x)y", "(unclosed"])
def test_a_pattern_that_is_none_is_refused(pattern: str, tmp_path: Path):
    sample = '[{vendor: "a", description: "b"}]'
    (tmp_path / "made-up.yml").write_text(
        f"name: n\nabout: a\nwords: ['{pattern}']\nexamples: {{positive: {sample}, negative: {sample}}}\n", "utf-8"
    )
    with pytest.raises(CatalogueError, match=r"lexicon/made-up\.yml"):
        read_lexicon(tmp_path)


def test_systems_and_vendors_of_the_lexicon_are_pages(register: Register):
    pages = {slug for (slug,) in register.rows("select slug from pages")}
    for page in LEXICON:
        assert set(page.systems) <= pages, page.slug
        for product in page.products:
            assert {product.vendor, product.system} - {None} <= pages, product.name
