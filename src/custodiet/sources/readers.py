"""One reader for each role that a release plays, pinned or a user's own."""

from custodiet.sources.fpds.read import read_vendor_names
from custodiet.sources.inventories.read import read_inventory
from custodiet.sources.notices.read import read_notices
from custodiet.sources.reading import Reading
from custodiet.sources.solicitations.read import read_solicitations
from custodiet.sources.spec import Form, Release
from custodiet.sources.tables import Table
from custodiet.sources.usaspending.bulk import read_bulk
from custodiet.sources.usaspending.read import read_transactions


def read_release(table: Table, release: Release, form: Form, shown: str) -> Reading:
    """Return what a release's cells say.

    Raises:
        InputError: they are not what the release's source says.

    """
    if release.role == "notices":
        return read_notices(table, release, form, shown)
    if release.role == "vendor-names":
        return read_vendor_names(table, release, form, shown)
    if release.role == "solicitations":
        return read_solicitations(table, release, form, shown)
    if release.role in ("award-summaries", "subawards"):
        return read_bulk(table, release, form, shown)
    if release.role in ("transactions", "transaction-history"):
        return read_transactions(table, release, form, shown)
    return read_inventory(table, release, form, shown)
