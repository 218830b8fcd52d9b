"""Packs of duties: what a law, memo or standard asks, as files with a version, a hash, a date, a source and a grade."""

from custodiet.governance.packs.grade import is_flat, is_stale, mark
from custodiet.governance.packs.read import Crosswalk, Pack, choose_pack, load_packs
from custodiet.governance.packs.schema import Duty, Graded, Statement

__all__ = ["Crosswalk", "Duty", "Graded", "Pack", "Statement", "choose_pack", "is_flat", "is_stale", "load_packs", "mark"]
