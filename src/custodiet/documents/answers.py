"""What a person fills into a document: a file of answers by name, and more of them on the command line."""

import difflib
import hashlib
from collections.abc import Sequence
from pathlib import Path

from custodiet.documents.facts import Measured
from custodiet.documents.kind import Kind
from custodiet.documents.words import WORDS
from custodiet.model.errors import DocumentError
from custodiet.model.plain_yaml import YamlError, load_yaml
from custodiet.model.text import echo

COMMAND_LINE = "the command line"


def read_answers(kind: Kind, path: Path | None, more: Sequence[str] = ()) -> tuple[dict[str, str], Measured | None]:
    """Return a person's answers by name, and as what they rest on: the file, with its hash, or the command line.

    `more` are answers as `name=answer`; they take the place of the file's.

    Raises:
        DocumentError: the file can't be read, or something in it or in `more` is no answer that this kind asks for.

    """
    given, source = _read_file(kind, path) if path is not None else ({}, None)
    said = {}
    for each in more:
        name, equals, answer = each.partition("=")
        if not equals:
            raise DocumentError(f"{echo(each)} is no answer; give it as `--set NAME=ANSWER`.")
        _check_asked(kind, name.strip(), "--set")
        said[name.strip()] = answer
    if said:
        lines = "".join(f"{name}: {answer}\n" for name, answer in sorted(said.items()))
        digest = source.sha256 if source else ""
        file = f"{source.file} and {COMMAND_LINE}" if source else COMMAND_LINE
        whole = hashlib.sha256((digest + lines).encode()).hexdigest()
        source = Measured(file, whole, WORDS[kind.language]["unchecked"])
    return given | said, source


def _read_file(kind: Kind, path: Path) -> tuple[dict[str, str], Measured]:
    try:
        content = path.read_bytes()
        read = load_yaml(content.decode("utf-8"))
    except OSError as error:
        raise DocumentError(f"{path}: can't be read ({error.strerror or error}); name a file of answers.") from None
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path}: is not UTF-8 at byte {error.start}; save it as UTF-8.") from None
    except YamlError as error:
        raise DocumentError(f"{path}{error.place}: {error.problem}; mend the YAML.") from None
    if not isinstance(read, dict) or not all(isinstance(value, str) or value is None for value in read.values()):
        raise DocumentError(f"{path}: is no list of `name: answer`; {kind.kind} asks for {_asked(kind)}.")
    for name in read:
        _check_asked(kind, str(name), str(path))
    source = Measured(path.name, hashlib.sha256(content).hexdigest(), WORDS[kind.language]["unchecked"])
    return {str(name): value for name, value in read.items() if value is not None}, source


def _check_asked(kind: Kind, name: str, where: str) -> None:
    if name not in kind.answers:
        close = difflib.get_close_matches(name, list(kind.answers), n=2)
        hint = f"did you mean {' or '.join(close)}?" if close else f"it asks for {_asked(kind)}."
        raise DocumentError(f"{where}: {kind.kind} does not ask for {echo(name)}; {hint}")


def _asked(kind: Kind) -> str:
    return ", ".join(kind.answers) or "nothing"
