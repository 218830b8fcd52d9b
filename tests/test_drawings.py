"""Drawings: well-formed, inert, without style or script, and with nothing over anything else."""

import re
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodiet import Register, questions, site
from custodiet.documents.drawings import signs
from custodiet.documents.drawings.answers import draw_answers
from custodiet.documents.drawings.chain import draw_chain
from custodiet.documents.drawings.letters import fit, width_of, wrap
from custodiet.documents.drawings.matrix import draw_matrix
from custodiet.documents.drawings.money import draw_money
from custodiet.documents.drawings.outcomes import draw_outcomes
from custodiet.documents.drawings.signs import link
from custodiet.documents.drawings.stack import draw_stack
from custodiet.documents.drawings.stack_layout import PAPER, lay_out
from custodiet.model.markup import NEVER_SHOWN, show_signs, tag
from custodiet.questions.matrix import COLUMNS
from custodiet.questions.stack import COVERS, PRACTICES, STEPS
from stacks import PAYLOADS, small_register

SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {"svg", "title", "desc", "defs", "use", "rect", "path", "circle", "text", "g", "a"}
CSS = Path(site.__file__).parent / "static" / "drawings.css"


def address(kind: str, key: str) -> str:
    return f"../{kind}/{key}.html"


def check(drawn: str) -> ET.Element:
    """Hold a drawing to what every drawing must be; return it."""
    root = ET.fromstring(drawn)
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in ALLOWED
        for name, value in element.attrib.items():
            assert name != "style"
            assert not name.lower().startswith("on")
            assert name != "href" or not value.lower().startswith(("javascript", "data")), value
    idents = [element.get("id", "") for element in root.iter() if element.get("id")]
    assert len(idents) == len(set(idents))
    assert {root.get("aria-labelledby", ""), root.get("aria-describedby", "")} <= set(idents)
    assert {element.get("href", "")[1:] for element in root.iter(f"{SVG}use")} <= set(idents)
    # What is in an image can't be reached by keyboard.
    assert root.get("role") == ("group" if root.find(f".//{SVG}a") is not None else "img")
    return root


def texts(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def place_of(element: ET.Element) -> tuple[float, float, float, float]:
    x, y, size = (float(element.get(name, 0)) for name in ("x", "y", "font-size"))
    wide = width_of(element.text or "", size, bold=element.get("font-weight") == "bold")
    left = x - wide * {"middle": 0.5, "end": 1.0}.get(element.get("text-anchor", ""), 0.0)
    return left, y - size * 0.72, left + wide, y + size * 0.2


def check_room(root: ET.Element) -> None:
    """No text leaves the drawing or lies over another."""
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    marks = {id(element) for element in root.iterfind(f".//{SVG}defs//")}
    straight = [element for element in root.iter(f"{SVG}text") if element.get("transform") is None and element.text]
    places = [(element.text, place_of(element)) for element in straight if id(element) not in marks]
    for element in root.iter(f"{SVG}use"):
        x, y = float(element.get("x", 0)), float(element.get("y", 0))
        places.append((element.get("href"), (x - 8, y - 8, x + 8, y + 8)))
    for text, (left, top, right, bottom) in places:
        assert left >= 0, text
        assert top >= 0, text
        assert right <= width, text
        assert bottom <= height, text
    for (one, a), (two, b) in combinations(places, 2):
        across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        assert across <= 1 or down <= 1, (one, two)


@pytest.mark.parametrize("on_paper", [False, True])
@pytest.mark.parametrize("agency", ["ICE", "CBP", "OBIM"])
def test_the_real_stack_has_room_and_every_part(register: Register, agency: str, on_paper: bool) -> None:
    found = questions.stack(register, agency)
    drawn = draw_stack(found, links=address, note="A note.", on_paper=on_paper)
    assert drawn == draw_stack(found, links=address, note="A note.", on_paper=on_paper)
    root = check(drawn)
    check_room(root)
    links = [element.get("href", "") for element in root.iter(f"{SVG}a")]
    for system in found["systems"]:
        assert f"../system/{system['id']}.html" in links
    for feed in found["feeds"]:
        assert f"../feed/{feed['id']}.html" in links
    # Of each flow a line to be seen, and a broader one to point at.
    curves = [path for path in root.iter(f"{SVG}path") if "C" in path.get("d", "")]
    assert len(curves) == 2 * len(found["flows"])
    gaps = sum(
        cell["outcome"] == "gap" for s in found["systems"] for cell in (*s["covers"].values(), *s["practices"].values())
    )
    assert len(root.findall(f".//{SVG}use[@href='#stack-o-gap']")) == gaps + 1  # and one in the legend


def test_boxes_of_the_real_stack_lie_apart(register: Register) -> None:
    for agency in ("ICE", "CBP"):
        at = lay_out(questions.stack(register, agency))
        for boxes in (at.feeds, at.systems):
            ordered = sorted(boxes.values(), key=lambda box: box.y)
            assert all(upper.y + upper.height < lower.y for upper, lower in pairwise(ordered))
        assert max(box.y + box.height for box in (*at.feeds.values(), *at.systems.values())) <= at.bottom


def test_the_other_real_drawings_have_room(register: Register) -> None:
    titles = dict(register.rows("select rule, title from rules"))
    rules = [{"rule": rule, "title": titles[rule], "counts": counts}
             for rule, counts in questions.count_findings(register)["rules"].items()]  # fmt: skip
    for drawn in (
        draw_money(questions.spend(register), "Money"),
        *(draw_matrix(questions.matrix(register, agency=agency), COLUMNS, links=address) for agency in ("ICE", "CBP")),
        *(draw_chain(questions.exposure(register, name)) for name in ("palantir", "lexisnexis", "penlink", "clearview-ai")),
        draw_outcomes(rules, "Outcomes", links=address),
    ):
        check_room(check(drawn))


def stack_of(systems: int, feeds: int, name: str, grade: str = "Disputed") -> dict[str, Any]:
    cell = {"outcome": "gap", "counts": {"gap": 1}, "findings": [name], "reasons": [name], "citations": [], "through": None}
    claims = [
        {"id": "x/y", "about": about, "says": name, "grade": grade, "would_settle": None} for about in ("workflow", "unknown")
    ]
    things = [{"id": f"f{n}", "name": name, "grade": grade, "suppliers": [{"id": "v", "name": name}], "claims": claims}
              for n in range(feeds)]  # fmt: skip
    runs = [
        {"id": f"s{n}", "name": name, "grade": grade, "status": "in-use", "steps": list(STEPS)[n % 7 :], "steps_grade": grade,
         "vendors": [{"id": "v", "name": name}], "entries": [{}] if n % 2 else [], "claims": claims,
         "covers": dict.fromkeys(COVERS, cell), "practices": dict.fromkeys(PRACTICES, cell)}
        for n in range(systems)
    ]  # fmt: skip
    flows = [{"feed": f"f{n % feeds}", "system": f"s{m}", "grade": grade, "names_both": bool(n % 2), "claims": ["x/y"],
              "covers": dict.fromkeys(COVERS, cell)} for m in range(systems) for n in range(m % (feeds + 1))]  # fmt: skip
    return {"agency": "ICE", "steps": STEPS, "covers": COVERS, "practices": PRACTICES, "feeds": things, "systems": runs,
            "flows": flows, "does_not_show": name}  # fmt: skip


@pytest.mark.parametrize(("systems", "feeds"), [(1, 1), (1, 30), (60, 1), (60, 40)])
def test_a_stack_of_any_size_has_room(systems: int, feeds: int) -> None:
    data = stack_of(systems, feeds, "A rather long name of a thing that will never fit into any box at all")
    check_room(check(draw_stack(data)))
    check_room(check(draw_stack(data, on_paper=True)))


def test_a_stack_on_paper_is_legible(register: Register) -> None:
    for agency in ("ICE", "CBP", "OBIM"):
        found = questions.stack(register, agency)
        root = check(draw_stack(found, on_paper=True))
        # Letter paper on its side, less its margins of 28 points, is 736 points wide.
        scale = 736 / float(root.get("width", 0))
        assert min(float(text.get("font-size", 0)) for text in root.iter(f"{SVG}text")) * scale >= 6
        # Every row is called what its table calls it.
        labels = set(lay_out(found, PAPER).label().values())
        assert len(labels) == len(found["feeds"]) + len(found["systems"])
        assert labels <= set(texts(root))


def test_a_system_without_feeds_is_drawn() -> None:
    root = check(draw_stack(questions.stack(small_register(), "ICE")))
    assert "Beta" in texts(root)
    assert "no entry in the inventory" in texts(root)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_published_texts_stay_texts(payload: str) -> None:
    shown = payload.replace("\x00", "�").replace("\x07", "�").replace("\ud800", "�")
    for drawn in (
        draw_stack(stack_of(2, 2, payload), links=address, note=payload, ident="a"),
        draw_outcomes([{"rule": payload, "title": payload, "counts": {"gap": 1}}], payload, links=address),
        draw_matrix([{"kind": "system", "id": payload, "name": payload, "agency": payload,
                      "declared": {"count": None, "citations": [], "why": payload}}], ["declared"], links=address),
        draw_answers([{"question": payload, "cells": [{"year": 2025, "value": payload, "state": "reported"}]}], payload),
        draw_money([{"agency": payload, "year": 2024, "obligations": "-5.00", "complete": False, "until": "x"}], payload),
        draw_chain({"id": payload, "name": payload, "systems": [], "purchases": [
            {"agency": payload, "category": payload, "product": None, "route": "through others", "awards": 1,
             "obligations": "1.00", "first_action": "2020-01-01", "last_action": "2021-01-01",
             "citation": {"release": payload, "row": 1, "column": payload}}]}, links=address),
    ):  # fmt: skip
        root = check(drawn)
        assert any(shown in (element.text or "") for element in root.iter() if element.tag in (f"{SVG}title", f"{SVG}desc"))


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", " javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "vbscript:x"]
)
def test_an_address_that_is_none_leads_nowhere(href: str) -> None:
    assert ET.fromstring(link(href, "x")).get("href") == "#"


@given(st.text(max_size=80), st.floats(20, 400), st.integers(1, 4))
def test_a_fitted_text_is_never_wider_than_its_place(text: str, width: float, lines: int) -> None:
    assert width_of(fit(text, width, 12), 12) <= max(width, width_of("…", 12))
    broken = wrap(text, width, 12, lines)
    assert 1 <= len(broken) <= lines
    assert all(width_of(line, 12) <= width for line in broken)


def test_a_cut_text_says_so() -> None:
    assert fit("Investigative Case Management", 100, 12).endswith("…")
    assert wrap("one two three four five six", 40, 12, 2)[-1].endswith("…")
    assert fit("short", 100, 12) == "short"


def test_every_colour_has_a_dark_one() -> None:
    dark = CSS.read_text("utf-8").partition("prefers-color-scheme: dark")[2].partition("@media print")[0]
    assert {name for name in signs.LOOKS if not re.search(rf"\.{name}[ ,{{]", dark)} == set()
    # What `<use>` draws stands in a tree of its own, so that a selector which names the drawing around it does not reach it.
    assert [line for line in dark.splitlines() if re.match(r"\s*\.[\w-]+ \.", line)] == []


def test_money_that_is_taken_back_hangs_below_the_line() -> None:
    rows = [{"agency": "ICE", "year": year, "obligations": amount, "complete": True, "until": "x"}
            for year, amount in ((2021, "100.00"), (2023, "-50.00"))]  # fmt: skip
    root = check(draw_money(rows, "Money"))
    up, down = root.findall(f".//{SVG}rect[@class='d-bar']")
    assert float(up.get("y", 0)) + float(up.get("height", 0)) == pytest.approx(float(down.get("y", 0)))
    assert float(up.get("height", 0)) == pytest.approx(2 * float(down.get("height", 0)))
    # The year without a row keeps its place.
    assert "FY22" in texts(root)
    check_room(root)


def test_answers_are_compared_only_where_both_years_asked() -> None:
    def cell(year: int, state: str, value: str | None = None) -> dict[str, Any]:
        return {"year": year, "state": state, "value": value}

    rows = [
        {"question": "Same", "cells": [cell(2024, "reported", "yes"), cell(2025, "reported", "yes")]},
        {"question": "Changed", "cells": [cell(2024, "reported", "yes"), cell(2025, "blank")]},
        {"question": "New", "cells": [cell(2024, "not-asked"), cell(2025, "reported", "no")]},
        {"question": "Nobody asked", "cells": [cell(2024, "not-asked"), cell(2025, "not-asked")]},
        {"question": "Withheld", "cells": [cell(2024, "withheld"), cell(2025, "withheld")]},
    ]
    root = check(draw_answers(rows, "Answers"))
    assert texts(root).count("≠") == 1
    assert "Nobody asked" not in texts(root)
    check_room(root)


@given(st.text())
def test_no_sign_turns_a_text_around_or_breaks_what_holds_it(text: str):
    shown = show_signs(text)
    assert not set(shown) & set(NEVER_SHOWN)
    assert show_signs(shown) == shown
    assert ET.fromstring(tag("p", text)).text is not None or not text
    assert shown == text or set(text) & {*NEVER_SHOWN}
