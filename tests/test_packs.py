"""Packs of duties: whole, graded, hashed, resolved; and anything that does not hold together is refused with one sentence."""

import datetime as dt
import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from command import assert_one_sentence, run
from custodiet.access_log.measures import read_definitions
from custodiet.catalogue.schema import About
from custodiet.governance import packs as packs_module
from custodiet.governance.packs import choose_pack, is_flat, is_stale, load_packs, mark
from custodiet.governance.packs.describe import describe_pack
from custodiet.governance.packs.texts import read_texts
from custodiet.governance.records_laws import load_laws
from custodiet.model.errors import InputError, PackError, QuestionError
from custodiet.rules.page import read_rules

SHIPPED = Path(packs_module.__file__).parent
PACKS = load_packs()

# Subcategories of each category, as tables 1 to 4 of NIST AI 100-1 have them.
NIST = {"GOVERN": (7, 3, 2, 3, 2, 2), "MAP": (6, 3, 5, 2, 2), "MEASURE": (3, 13, 3, 3), "MANAGE": (4, 4, 2, 3)}
# Controls of each group of Annex A.
ISO = {"A.2": 3, "A.3": 2, "A.4": 5, "A.5": 4, "A.6": 9, "A.7": 5, "A.8": 4, "A.9": 3, "A.10": 3}


def test_nist_has_every_id_once_and_in_its_place() -> None:
    pack = PACKS["nist-ai-rmf-1.0"]
    expected = [
        f"{function} {category}.{number}"
        for function, sizes in NIST.items()
        for category, size in enumerate(sizes, start=1)
        for number in range(1, size + 1)
    ]
    assert [duty.id for duty in pack.at("subcategory")] == expected
    assert len(expected) == 72
    assert [duty.id for duty in pack.at("category")] == [
        f"{f} {n}" for f, sizes in NIST.items() for n in range(1, len(sizes) + 1)
    ]
    assert [duty.id for duty in pack.at("function")] == list(NIST)
    for duty in pack.at("subcategory"):
        assert duty.parent == duty.id.split(".")[0]


def test_iso_has_38_controls_and_no_objective_among_them() -> None:
    controls = [duty.id for duty in PACKS["iso-42001"].at("control")]
    assert Counter(".".join(name.split(".")[:2]) for name in controls) == ISO
    assert not [name for name in controls if re.fullmatch(r"A\.\d+\.1|A\.6\.[12]\.1", name)]
    assert all(not duty.says for duty in PACKS["iso-42001"].duties), "ISO's text is not ours to print"


def test_the_memos_have_their_entries_and_days() -> None:
    memo = PACKS["omb-m-25-21"]
    assert [duty.id for duty in memo.at("practice")] == [f"4(b)({n})" for n in ("i", "ii", "iii", "iv", "v", "vi", "vii")]
    assert [duty.id for duty in memo.at("category")] == [f"6({letter})" for letter in "abcdefghijklmno"]
    assert {duty.id for duty in memo.at("practice") if duty.may_not_apply} == {"4(b)(v)", "4(b)(vi)"}
    # 365 days after 3 April 2025, reckoned here by the calendar: no leap day lies between.
    assert {duty.due for duty in memo.at("practice")} == {dt.date(2026, 4, 3)}
    assert len(PACKS["omb-m-25-22"].at("term")) == 12
    assert len(PACKS["ccops"].at("report-field")) == 15
    assert [duty.id for duty in PACKS["eu-fria"].duties] == [f"27(1)({letter})" for letter in "abcdef"]
    assert {place.id: len(place.requires) for place in PACKS["ccops"].page.jurisdictions if place.requires} == {
        "oakland": 9, "san-francisco": 10, "palo-alto": 7, "ecode360-50076734": 9, "cambridge": 8, "somerville": 9,
    }  # fmt: skip


def test_the_crosswalk_leads_somewhere_and_says_what_was_cut_off() -> None:
    (crosswalk,) = PACKS["nist-ai-rmf-1.0"].crosswalks
    assert len(crosswalk.rows) == 8
    assert {row.entry for row in crosswalk.page.rows if row.is_truncated} == {"GOVERN 1.2", "GOVERN 2.2"}
    assert crosswalk.rows["MAP 2.1"] == ("A.6.2.3", "A.4.2", "A.4.3", "A.4.4", "A.4.5", "A.4.6")
    assert crosswalk.rows["MAP 1.5"] == ("6.1.1",)
    reached = {duty.id for duty in PACKS["iso-42001"].duties}
    assert {target for row in crosswalk.rows.values() for target in row} <= reached


def every_graded() -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for pack in PACKS.values():
        found += [(pack.id, each) for each in (*pack.duties, *pack.page.dates, *pack.page.says, *pack.page.jurisdictions)]
        found += [(pack.id, said) for duty in pack.duties for said in duty.says]
        found += [(pack.id, said) for place in pack.page.jurisdictions for said in place.says]
        found += [(pack.id, row) for crosswalk in pack.crosswalks for row in crosswalk.page.rows]
    return found


def test_nothing_unverified_may_stand_without_its_mark() -> None:
    graded = every_graded()
    assert len(graded) > 300
    for pack, entry in graded:
        if is_flat(entry):
            assert mark(entry) == ""
            assert entry.seen, (pack, entry)
        else:
            assert mark(entry).startswith("unverified"), (pack, entry)
            assert entry.verify, (pack, entry)
            assert not getattr(entry, "quoted", False)


def test_what_evidence_names_is_there() -> None:
    rules = {rule.id for rule in read_rules()}
    measures = {*read_definitions(), "rules"}
    specs = [(duty.id, spec) for pack in PACKS.values() for duty in pack.duties for spec in duty.evidence]
    assert len(specs) > 60
    for name, spec in specs:
        assert spec.finding is None or spec.finding in rules, name
        assert set(spec.audit) <= measures, name
        assert set(spec.claims) <= set(get_args(About)), name


def test_the_hash_is_over_every_file_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "eu-fria"
    shutil.copytree(SHIPPED / "eu-fria", folder)
    whole = hashlib.sha256()
    for name in ("duties.yml", "pack.yml"):
        content = (folder / name).read_bytes()
        whole.update(f"{name}\n{len(content)}\n".encode() + content)
    assert PACKS["eu-fria"].sha256 == whole.hexdigest()
    (folder / "notes.txt").write_text("not part of the pack")
    copied = packs_module.read.hash_folder(folder)
    assert copied == whole.hexdigest()
    (folder / "duties.yml").write_text((folder / "duties.yml").read_text("utf-8").replace("Human", "human"), "utf-8")
    assert packs_module.read.hash_folder(folder) != copied


def test_a_pack_is_stale_after_its_day_and_not_on_it() -> None:
    page = PACKS["data-broker"].page
    assert not is_stale(page, page.verify_by)
    assert is_stale(page, page.verify_by + dt.timedelta(days=1))


OWN_PACK = """
id: town-policy
title: A town's own policy on plate readers
version: "1"
date: 2026-01-01
source: {title: Resolution 12, publisher: Town, retrieved: 2026-02-01}
grade: V
seen: https://example.gov/resolution-12
about: What our town asks of its police.
verify_by: 2030-01-01
force: binding
applies_to: the town's police
counts: {duty: 2}
assessed: [duty]
dates: [{date: 2026-01-31, days: 30, what: in force, grade: V}]
"""
OWN_DUTIES = """
- {id: log, level: duty, title: Log every search, grade: V, evidence: [{audit: [searches]}]}
- {id: no-sharing, level: duty, title: Share with nobody, grade: R, verify: section 4, may_not_apply: false}
"""


def own_pack(folder: Path, page: str = OWN_PACK, duties: str = OWN_DUTIES, crosswalk: str | None = None) -> Path:
    pack = folder / "packs" / "town-policy"
    (pack / "crosswalks").mkdir(parents=True)
    (pack / "pack.yml").write_text(page, "utf-8")
    (pack / "duties.yml").write_text(duties, "utf-8")
    if crosswalk:
        (pack / "crosswalks" / "nist.yml").write_text(crosswalk, "utf-8")
    return folder / "packs"


def test_anybody_adds_a_pack_as_files(tmp_path: Path) -> None:
    folder = own_pack(tmp_path)
    for place in (folder, folder / "town-policy"):
        found = load_packs(place)
        assert [duty.id for duty in choose_pack(found, "town-policy").duties] == ["log", "no-sharing"]
    done = run("packs", "--packs", folder, "--json", home=tmp_path)
    assert "town-policy" in {each["pack"] for each in json.loads(done.stdout)}
    shown = run("packs", "town-policy", home=tmp_path, CUSTODIET_PACKS=str(folder))
    assert "Share with nobody" in shown.stdout


CROSSWALK = """
title: Ours to NIST's
to: nist-ai-rmf-1.0
source: {title: A table, publisher: Town, retrieved: 2026-02-01}
grade: S
verify: the table
about: A row.
rows: [{entry: log, cites: [MEASURE 2.4], grade: S}]
"""
Break = Callable[[str, str, str], tuple[str, str, str]]
BROKEN: dict[str, tuple[Break, str]] = {
    "an entry is missing": (lambda p, d, c: (p, d.splitlines()[1], c), "counts"),
    "an entry stands twice": (lambda p, d, c: (p, d.replace("no-sharing", "log"), c), "twice"),
    "a parent is missing": (lambda p, d, c: (p, d.replace("grade: R", "grade: R, parent: nowhere"), c), "nowhere"),
    "V without an address": (lambda p, d, c: (p.replace("seen: https://example.gov/resolution-12\n", ""), d, c), "seen"),
    "R without advice": (lambda p, d, c: (p, d.replace(", verify: section 4", ""), c), "verify"),
    "an unknown field": (lambda p, d, c: (p + "colour: red\n", d, c), "colour"),
    "another grade": (lambda p, d, c: (p, d.replace("grade: R", "grade: A"), c), "grade"),
    "a key twice": (lambda p, d, c: (p + "force: voluntary\n", d, c), "twice"),
    "no question of an inventory": (lambda p, d, c: (p, d.replace("{audit: [searches]}", "{cell: colour}"), c), "colour"),
    "no rule": (lambda p, d, c: (p, d.replace("{audit: [searches]}", "{finding: m-25-21-tasting}"), c), "m-25-21-tasting"),
    "no measure": (lambda p, d, c: (p, d.replace("[searches]", "[serches]"), c), "serches"),
    "no claims": (lambda p, d, c: (p, d.replace("{audit: [searches]}", "{claims: [colour]}"), c), "colour"),
    "two kinds of evidence at once": (
        lambda p, d, c: (p, d.replace("{audit:", "{cell: stage, audit:"), c), "one of",
    ),
    "the folder has another name": (lambda p, d, c: (p.replace("id: town-policy", "id: city-policy"), d, c), "folder"),
    "a day that is not reckoned": (lambda p, d, c: (p.replace("days: 30", "days: 31"), d, c), "31 days"),
    "a level of nothing is assessed": (lambda p, d, c: (p.replace("assessed: [duty]", "assessed: [term]"), d, c), "assessed"),
    "a crosswalk from nothing": (lambda p, d, c: (p, d, c.replace("entry: log", "entry: lag")), "lag"),
    "a crosswalk to nothing": (lambda p, d, c: (p, d, c.replace("2.4", "2.14")), "MEASURE 2.14"),
    "a crosswalk to no pack": (lambda p, d, c: (p, d, c.replace("nist-ai-rmf-1.0", "nist-ai-rmf-9")), "nist-ai-rmf-9"),
    "a quote that nobody held against the text": (
        lambda p, d, c: (p, d.replace("may_not_apply: false", "says: [{says: x, quoted: true, grade: S}]"), c), "quoted",
    ),
    "not YAML": (lambda p, d, c: (p, "- {id: [", c), "YAML"),
    "a list instead of a page": (lambda p, d, c: ("- a\n", d, c), "pack.yml"),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_pack_gets_one_sentence(fault: str, tmp_path: Path) -> None:
    spoil, names = BROKEN[fault]
    load_packs(own_pack(tmp_path / "sound", OWN_PACK, OWN_DUTIES, CROSSWALK))
    folder = own_pack(tmp_path / "broken", *spoil(OWN_PACK, OWN_DUTIES, CROSSWALK))
    with pytest.raises(PackError) as caught:
        load_packs(folder)
    assert names in str(caught.value)
    assert str(caught.value).endswith(".")


def test_faults_reach_the_command_line_as_one_sentence(tmp_path: Path) -> None:
    folder = own_pack(tmp_path, duties=OWN_DUTIES.replace("no-sharing", "log"))
    assert "twice" in assert_one_sentence(run("packs", "--packs", folder, home=tmp_path))
    (tmp_path / "empty").mkdir()
    assert "holds no pack" in assert_one_sentence(run("packs", "--packs", tmp_path / "empty", home=tmp_path))
    assert "no such folder of packs" in assert_one_sentence(run("packs", "--packs", tmp_path / "none", home=tmp_path))
    assert "is no pack" in assert_one_sentence(run("packs", "nist", home=tmp_path))
    twin = tmp_path / "twin" / "eu-fria"
    shutil.copytree(SHIPPED / "eu-fria", twin)
    assert "is taken" in assert_one_sentence(run("packs", "--packs", twin.parent, home=tmp_path))


def test_official_texts_are_whole_or_refused(tmp_path: Path) -> None:
    pack = PACKS["nist-ai-rmf-1.0"]
    rows = [{"type": "Govern", "title": duty.id, "description": f"Text of {duty.id}."} for duty in pack.at("subcategory")]
    file = tmp_path / "nist.json"
    file.write_text(json.dumps(rows))
    texts = read_texts(file, pack)
    assert texts.by_entry["MAP 3.5"] == "Text of MAP 3.5."
    assert texts.note is None
    file.write_text(json.dumps([{**row, "section_actions": "Do."} for row in rows]))
    assert "Playbook" in str(read_texts(file, pack).note)
    file.write_text(json.dumps({"items": [{"id": row["title"], "text": "x", "level": "subcategory"} for row in rows]}))
    assert len(read_texts(file, pack).by_entry) == 72
    for spoiled in (rows[1:], [*rows, {"title": "MAP 9.9", "description": "x"}], {"a": 1}, [1], "text"):
        file.write_text(json.dumps(spoiled))
        with pytest.raises(InputError):
            read_texts(file, pack)


def test_an_entry_is_found_by_its_id() -> None:
    assert PACKS["omb-m-25-21"].find(" 4(B)(i) ").title == "Conduct Pre-Deployment Testing"
    with pytest.raises(QuestionError):
        PACKS["omb-m-25-21"].find("4(b)(viii)")


def test_the_laws_of_a_pack_are_its_entries() -> None:
    found = describe_pack(PACKS["records-laws"], dt.date(2026, 11, 22))
    # The federal Act, the department's own rules under it, fifty states and the District.
    assert found["entries"] == len(found["laws"]) == 53
    assert found["verified"] == sum(law.grade == "V" for law in load_laws().values()) > 0
    assert describe_pack(PACKS["eu-fria"], dt.date(2026, 11, 22))["laws"] == []
