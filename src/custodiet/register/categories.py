"""Find what awards buy: categories, products, makers and systems, each with the cell that shows it.

What the lexicon says is said of texts as published, folded; a hit is an inference from words, and is graded as one.
"""

from collections.abc import Iterator

from custodiet.catalogue.lexicon import Category, Product, whole_name, whole_words
from custodiet.store import Register
from custodiet.store.database import literal


def load_categories(register: Register, lexicon: list[Category]) -> None:
    """Fill the tables of categories, products, and of what awards show of them."""
    register.load("categories", [(page.slug, page.name, " ".join(page.about.split())) for page in lexicon])
    register.load(
        "products",
        [(product.name, page.slug, product.vendor, product.system) for page in lexicon for product in page.products],
    )
    _find_makers(register, lexicon)
    _stage_texts(register)
    for page in lexicon:
        _find_category(register, page)
    for table in ("award_texts", "sellers", "likely_texts", "taken_back"):
        register.run(f"drop table {table}")


def _find_makers(register: Register, lexicon: list[Category]) -> None:
    """Find the organisations that make a product: by the lexicon's patterns of their names, and by the vendor's page."""
    register.run("create temp table spoken as select distinct organisation, fold_text(name) as words from organisation_names")
    found = []
    for product in (product for page in lexicon for product in page.products):
        name = literal(product.name)
        if product.makers:
            pattern = literal(whole_name(product.makers))
            found.append(f"select {name}, organisation from spoken where regexp_matches(words, {pattern})")
        if product.vendor:
            found.append(f"select {name}, organisation from organisations where page = {literal(product.vendor)}")
    if found:
        register.run(f"insert into product_makers select distinct * from ({' union all '.join(found)}) order by all")
    register.run("drop table spoken")


def _stage_texts(register: Register) -> None:
    """Lay each distinct description of an award beside its recipient, all folded, with the first action that has both."""
    register.run(
        """
        create temp table award_texts as
        select award_id(award_key, agency, piid) as award, fold_text(description) as words,
          fold_text(recipient) as seller, product_service, industry,
          min_by(struct_pack(release := release, "row" := "row"), (action_date, release, "row")) as place
        from transactions
        where is_current and not repeats and recipient_kind = 'organisation'
        group by all
        """
    )
    register.run("create temp table sellers as select distinct seller from award_texts")


def _find_category(register: Register, page: Category) -> None:
    """Keep one row for each award, basis and product of a category: the first action that shows it."""
    _stage_likely(register, page)
    hits = " union all ".join([*_words_of(page), *_products_of(page)])
    register.run(
        f"""
        insert into award_categories
        select award, {literal(page.slug)}, basis, product, system, min_by(shown_by, place),
          struct_pack(release := min(place).release, "row" := min(place)."row", "column" := min_by(c.name, place))
        from ({hits}) t
        join release_columns c on c.release = t.place.release and c.field = t.field
        group by award, basis, product, system, t.field order by award, basis, product
        """
    )


def _stage_likely(register: Register, page: Category) -> None:
    """Stage the texts that take a hit back, and the few that name any product: a product's own pattern is asked of those."""
    taken_back = literal(whole_words(page.unless))
    register.run(
        f"""
        create or replace temp table taken_back as select distinct award, words from award_texts
        where regexp_matches(words, {taken_back})
          or seller in (select seller from sellers where regexp_matches(seller, {taken_back}))
        """
    )
    words = tuple(word for product in page.products for word in product.words)
    makers = tuple(maker for product in page.products for maker in product.makers)
    register.run(
        f"""
        create or replace temp table likely_texts as select * from award_texts
        where regexp_matches(words, {literal(whole_words(words))})
          or seller in (select seller from sellers where regexp_matches(seller, {literal(whole_name(makers))}))
        """
    )


# What a seller or a class says is said of the whole award, and any of its descriptions takes it back.
OF_AWARD = "award not in (select award from taken_back)"
OF_WORDS = "(award, words) not in (select (award, words) from taken_back)"


def _hit(basis: str, field: str, shown: str, product: Product | None, source: str) -> str:
    named = "null::varchar" if product is None else literal(product.name)
    system = "null::varchar" if product is None or product.system is None else literal(product.system)
    return (
        f"select award, place, {literal(basis)} as basis, {literal(field)} as field, {shown} as shown_by, "
        f"{named} as product, {system} as system from {source}"
    )


def _products_of(page: Category) -> Iterator[str]:
    """Give SQL for the awards whose words name a product, and for all awards of its maker."""
    for product in page.products:
        if product.words:
            words = literal(whole_words(product.words))
            source = f"likely_texts where regexp_matches(words, {words})"
            yield _hit("product", "description", f"regexp_extract(words, {words})", product, source)
        if product.makers:
            makers = literal(whole_name(product.makers))
            source = f"likely_texts where regexp_matches(seller, {makers}) and {OF_AWARD}"
            yield _hit("maker", "recipient", f"regexp_extract(seller, {makers})", product, source)


def _words_of(page: Category) -> Iterator[str]:
    """Give SQL for the awards that words, a seller or a class puts into the category."""
    words = literal(whole_words(page.words))
    source = f"award_texts where regexp_matches(words, {words}) and {OF_WORDS}"
    yield _hit("words", "description", f"regexp_extract(words, {words})", None, source)
    sellers = f"select seller from sellers where regexp_matches(seller, {literal(whole_name(page.vendors))})"
    yield _hit("vendor", "recipient", "seller", None, f"award_texts where seller in ({sellers}) and {OF_AWARD}")
    classes = ", ".join(literal(name) for name in page.classes)
    for field in ("product_service", "industry") if classes else ():
        yield _hit("class", field, field, None, f"award_texts where {field} in ({classes}) and {OF_AWARD}")
