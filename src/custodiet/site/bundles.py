"""Which newsroom bundles a site has, ready to be taken along."""

from custodiet.questions.matrix import OFFICES
from custodiet.site.links import slug
from custodiet.site.site import Site
from custodiet.site.tables import build_rules

# The department of the bureaus whose contracts are at hand.
DEPARTMENT = "DHS"


def list_bundles(site: Site) -> dict[str, tuple[str, str]]:
    """Return the path of every bundle of a site with its kind (agency, rule or system) and key.

    A bundle takes a second or more, so a published site has those of the bureaus whose contracts are at hand and of their
    department; a server makes that of any agency or rule with a gap, and of any system.
    """
    rows = site.register.rows("select distinct agency, rule, bureau from findings where outcome = 'gap'")
    agencies = {agency for agency, _, _ in rows if agency in site.agencies}
    if DEPARTMENT in agencies:
        agencies |= {bureau for agency, _, bureau in rows if agency == DEPARTMENT and bureau in OFFICES}
    if not site.options.is_served:
        agencies &= {*OFFICES, DEPARTMENT}
    found = {f"bundles/agencies/{slug(agency)}.zip": ("agency", agency) for agency in sorted(agencies)}
    if site.options.is_served:
        found |= {
            f"bundles/rules/{rule}.zip": ("rule", rule) for rule in build_rules(site) if rule in {r for _, r, _ in rows}
        }
        found |= {f"bundles/systems/{key}.zip": ("system", key) for key in site.contents.get("system", {})}
    return found
