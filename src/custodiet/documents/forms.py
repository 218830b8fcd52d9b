"""The forms that a report takes: HTML that stands alone, and PDF. Both are templates over one base (templates/base.*)."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent / "templates"


def render_html(template: str, view: Mapping[str, Any]) -> str:
    """Return a page that loads nothing from elsewhere. Every text is escaped; charts are SVG that we draw."""
    import jinja2  # noqa: PLC0415

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(view)


def render_pdf(template: str, view: Mapping[str, Any]) -> bytes:
    """Return a PDF. Text goes to the typesetter as data, so none of it is read as markup."""
    import typst  # noqa: PLC0415

    content = typst.compile(
        str(TEMPLATES / template),
        format="pdf",
        root=str(TEMPLATES),
        sys_inputs={"view": json.dumps(view)},
        timestamp=0,
        ignore_system_fonts=True,
    )
    assert isinstance(content, bytes)
    return content
