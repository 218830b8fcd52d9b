"""Find what awards buy: categories, products, makers and systems, each with the cell that shows it.

What the lexicon says is said of texts as published, folded; a hit is an inference from words, and is graded as one.
"""

from custodiet.catalogue.lexicon import Category, whole_name, whole_words
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
        _find_products(register, page)
        _find_words(register, page)
    for table in ("award_texts", "sellers", "likely_texts"):
        register.run(f"drop table {table}")


def _find_makers(register: Register, lexicon: list[Category]) -> None:
    """Find the organisations that make a product: by the lexicon's patterns of their names, and by the vendor's page."""
    register.run("create temp table spoken as select distinct organisation, fold_text(name) as words from organisation_names")
    for page in lexicon:
        for product in page.products:
            named = f"select organisation from spoken where regexp_matches(words, {literal(whole_name(product.makers))})"
            if product.vendor:
                named += f" union select organisation from organisations where page = {literal(product.vendor)}"
            register.run(
                f"insert into product_makers select distinct {literal(product.name)}, organisation from ({named}) order by 2"
            )
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


def _insert(category: str, basis: str, field: str, chosen: str) -> str:
    """Return SQL that keeps one row for each award, basis and product: the first action that shows it."""
    return f"""
        insert into award_categories
        select award, {literal(category)}, {literal(basis)}, product, system, min_by(shown_by, place),
          struct_pack(release := min(place).release, "row" := min(place)."row", "column" := min_by(c.name, place))
        from (select award, place, {chosen}) t
        join release_columns c on c.release = t.place.release and c.field = {literal(field)}
        group by award, product, system order by award, product
    """


def _unless(page: Category) -> str:
    """Return SQL that is true where nothing, in the words or in the seller's name, takes a hit back."""
    taken_back = literal(whole_words(page.unless))
    return f"not regexp_matches(words, {taken_back}) and not regexp_matches(seller, {taken_back})"


def _find_products(register: Register, page: Category) -> None:
    # Few texts name any product of a category; each product's own pattern is asked of those alone.
    words = tuple(word for product in page.products for word in product.words)
    makers = tuple(maker for product in page.products for maker in product.makers)
    register.run(
        f"""
        create or replace temp table likely_texts as select * from award_texts
        where regexp_matches(words, {literal(whole_words(words))})
          or seller in (select seller from sellers where regexp_matches(seller, {literal(whole_name(makers))}))
        """
    )
    for product in page.products:
        about = ", ".join(
            f"{'null' if value is None else literal(value)} as {name}"
            for name, value in (("product", product.name), ("system", product.system))
        )
        for basis, field, shown, pattern, further in (
            ("product", "description", "words", whole_words(product.words), ""),
            ("maker", "recipient", "seller", whole_name(product.makers), f"and {_unless(page)}"),
        ):
            hit = literal(pattern)
            register.run(
                _insert(
                    page.slug, basis, field,
                    f"regexp_extract({shown}, {hit}) as shown_by, {about} from likely_texts "
                    f"where regexp_matches({shown}, {hit}) {further}",
                )
            )  # fmt: skip


def _find_words(register: Register, page: Category) -> None:
    none = "null::varchar as product, null::varchar as system"
    words = literal(whole_words(page.words))
    sellers = literal(whole_name(page.vendors))
    classes = ", ".join(literal(name) for name in page.classes) or "null"
    for basis, field, shown, condition in (
        ("words", "description", f"regexp_extract(words, {words})", f"regexp_matches(words, {words})"),
        ("vendor", "recipient", "seller", f"seller in (select seller from sellers where regexp_matches(seller, {sellers}))"),
        ("class", "product_service", "product_service", f"product_service in ({classes})"),
        ("class", "industry", "industry", f"industry in ({classes})"),
    ):
        register.run(
            _insert(
                page.slug, basis, field, f"{shown} as shown_by, {none} from award_texts where {condition} and {_unless(page)}"
            )
        )
