"""Read YAML as its writers mean it: every scalar is text, no key stands twice, nothing is nested absurdly deep."""

from typing import Any

import yaml
from pydantic import ValidationError

# Our deepest page is nested five deep. libyaml's composer recurses, and a page of brackets would end the process.
DEPTH_LIMIT = 40


class YamlError(Exception):
    """What is wrong, and in which line and column (from 1), where that is known."""

    def __init__(self, problem: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.column = column

    @property
    def place(self) -> str:
        """The place as it goes into a sentence: ", line 3, column 5", or nothing."""
        return f", line {self.line}, column {self.column}" if self.line is not None else ""


def first_fault(error: ValidationError, whole: str = "") -> tuple[str, str]:
    """Return where a page first breaks its form, as `claims.3.grade`, and what is wrong; `whole` names the page itself."""
    first = error.errors()[0]
    return ".".join(str(part) for part in first["loc"]) or whole, first["msg"]


class _Loader(yaml.CSafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen: set[object] = set()
        for key, _ in node.value:
            if key.value in seen and isinstance(key.value, str):
                raise yaml.constructor.ConstructorError(None, None, f"the key {key.value!r} stands twice", key.start_mark)
            if isinstance(key.value, str):
                seen.add(key.value)
        return dict(super().construct_mapping(node, deep=deep))


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in ("null", "merge")]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def load_yaml(text: str) -> Any:
    """Return what a YAML text says; every scalar but null is a string.

    Raises:
        YamlError: it is not YAML, has a key twice, a tag of its own, or is nested too deep.

    """
    try:
        _check(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(error.problem or "not YAML", *_place(mark)) from None
    except (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise YamlError(str(error).splitlines()[0] if str(error) else "not YAML") from None


def _place(mark: Any) -> tuple[int, int] | tuple[()]:
    return (mark.line + 1, mark.column + 1) if mark else ()


def _check(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if tag := getattr(event, "tag", None):
            raise YamlError(f"the tag {tag!r} has no place here", *_place(event.start_mark))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_LIMIT:
                raise YamlError("nested too deep", *_place(event.start_mark))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
