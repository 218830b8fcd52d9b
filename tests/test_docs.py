"""The documents say what the program does: generated pages are fresh, examples run, and nothing is undocumented."""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def generator() -> object:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["rules.md", "sources.md", "commands.md", "register.md"])
def test_generated_pages_are_fresh(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == generator().PAGES[name](), "run `make docs`"


def test_every_setting_is_documented() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    text = "".join(path.read_text("utf-8") for path in [ROOT / "README.md", *DOCS.glob("*.md")])
    for variable in set(re.findall(r"CUSTODIET_[A-Z]+", code)):
        assert variable in text


def test_every_question_is_shown_in_the_python_guide() -> None:
    from custodiet import questions

    text = (DOCS / "python.md").read_text("utf-8")
    for name in questions.__all__:
        assert f"questions.{name}(" in text, name


def test_links_between_documents_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text("utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name} -> {target}"


def test_the_examples_of_the_python_guide_run(mirror: Path, tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / "python.md").read_text("utf-8"), re.DOTALL)
    assert len(blocks) > 4
    (tmp_path / "mirror").symlink_to(mirror)
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(blocks)], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_the_commands_of_the_readme_run(register_file: Path) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    commands = list(re.findall(r"^\.venv/bin/(custodiet .+)$", text, re.MULTILINE))
    assert len(commands) >= 3
    for command in commands:
        program, *arguments = shlex.split(command)
        done = subprocess.run(
            [Path(sys.executable).parent / program, *arguments],
            capture_output=True, text=True, check=False, env={**os.environ, "CUSTODIET_REGISTER": str(register_file)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        if "cite" in arguments:
            shown = re.search(r"```text\n(.*?)\n", text).group(1)
            assert done.stdout.startswith(shown)


def test_the_table_of_commands_in_the_readme_is_whole() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    for name in re.findall(r"^## (custodiet \w+)$", (DOCS / "commands.md").read_text("utf-8"), re.MULTILINE):
        assert f"`{name}" in text, name


def test_modules_fit_on_a_few_screens() -> None:
    for path in (ROOT / "src").rglob("*.py"):
        assert len(path.read_text("utf-8").splitlines()) <= 400, path.name


def test_no_pin_names_an_index() -> None:
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.!+-]+", line), line
