"""Read packs of duties from their folders, and refuse one that does not hold together."""

import contextlib
import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from custodiet.governance.packs.check import check_crosswalk, check_evidence, check_pack
from custodiet.governance.packs.schema import CrosswalkPage, Duty, Graded, PackPage, Strict
from custodiet.model.errors import PackError, QuestionError
from custodiet.model.plain_yaml import first_fault
from custodiet.model.text import echo
from custodiet.sources.forms import read_form

HERE = Path(__file__).parent
PAGE, DUTIES, CROSSWALKS = "pack.yml", "duties.yml", "crosswalks"
# A pack is some tens of kilobytes; anything far beyond is none.
FILE_LIMIT = 2_000_000
DUTY_LIST = TypeAdapter(tuple[Duty, ...])
Page = TypeVar("Page", bound=Strict)


@dataclass(frozen=True)
class Crosswalk:
    """A crosswalk whose every row leads somewhere: `rows` is entry -> entries of the pack `page.to`."""

    page: CrosswalkPage
    rows: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Pack:
    """A pack: its page, its entries in the order of the file, its crosswalks, and the hash of its files (SHA-256)."""

    page: PackPage
    duties: tuple[Duty, ...]
    crosswalks: tuple[Crosswalk, ...]
    sha256: str
    folder: Path

    @property
    def id(self) -> str:
        """The pack's id, which is its folder's name."""
        return self.page.id

    def at(self, level: str) -> tuple[Duty, ...]:
        """Return the entries of a level, such as `practice`."""
        return tuple(duty for duty in self.duties if duty.level == level)

    def find(self, duty: str) -> Duty:
        """Return an entry by its id.

        Raises:
            QuestionError: the pack has none of that id.

        """
        for each in self.duties:
            if each.id.casefold() == duty.strip().casefold():
                return each
        raise QuestionError(f"The pack {self.id} has no entry {echo(duty)}; `custodiet packs {self.id}` lists them.")


def load_packs(folder: Path | None = None) -> dict[str, Pack]:
    """Return the shipped packs, and those of a folder of your own, by id.

    `folder` holds a folder a pack, or is one pack itself.

    Raises:
        PackError: a pack can't be read, breaks its form, lacks an entry, or refers to one that isn't there.

    """
    found: dict[str, Pack] = {}
    own = _folders(folder) if folder else []
    for place in [*_folders(HERE), *own]:
        pack = _read_pack(place) if place in own else _read_shipped(place)
        if place in own:
            check_evidence(pack.page, pack.duties)
        if pack.id in found:
            raise PackError(f"{place}: the id {pack.id!r} is taken by {found[pack.id].folder}; rename the folder and its id.")
        found[pack.id] = pack
    if folder and not own:
        raise PackError(f"{folder}: holds no pack; a pack is a folder with a file {PAGE} (docs/governance.md).")
    for pack in found.values():
        for crosswalk in pack.crosswalks:
            target = found.get(crosswalk.page.to)
            if target is None:
                raise PackError(
                    f"{pack.id}/{CROSSWALKS}: leads to the pack {crosswalk.page.to!r}, and there is none of that id."
                )
            check_crosswalk(pack.id, pack.duties, target.duties, crosswalk.page, crosswalk.rows)
    return dict(sorted(found.items()))


def choose_pack(packs: Mapping[str, Pack], name: str) -> Pack:
    """Return the pack of an id.

    Raises:
        QuestionError: there is none.

    """
    wanted = name.strip().casefold()
    if wanted not in packs:
        raise QuestionError(f"{echo(name)} is no pack; the packs are {', '.join(packs)}.")
    return packs[wanted]


def _folders(folder: Path) -> list[Path]:
    if (folder / PAGE).is_file():
        return [folder]
    return sorted(path.parent for path in folder.glob(f"*/{PAGE}"))


@functools.cache
def _read_shipped(folder: Path) -> Pack:
    """Return a pack that came with the package: nobody changes it while we run, and most documents read it."""
    return _read_pack(folder)


def _read_pack(folder: Path) -> Pack:
    page = _read_page(folder / PAGE, PackPage)
    if page.id != folder.resolve().name:
        raise PackError(f"{folder.name}/{PAGE}: the id is {page.id!r}; a pack's id is its folder's name.")
    duties: tuple[Duty, ...] = ()
    if (folder / DUTIES).is_file():
        content = _load(folder / DUTIES)
        try:
            duties = DUTY_LIST.validate_python(content)
        except ValidationError as error:
            raise _broken(folder / DUTIES, error, content) from None
    page = page.model_copy(
        update={
            "dates": _inherit(page.dates, page),
            "says": _inherit(page.says, page),
            "jurisdictions": tuple(
                each.model_copy(update={"says": _inherit(_inherit(each.says, each), page)})
                for each in _inherit(page.jurisdictions, page)
            ),
        }
    )
    duties = tuple(
        each.model_copy(update={"says": _inherit(_inherit(each.says, each), page)}) for each in _inherit(duties, page)
    )
    check_pack(page, duties)
    crosswalks = tuple(_read_crosswalk(path) for path in sorted((folder / CROSSWALKS).glob("*.yml")))
    return Pack(page, duties, crosswalks, hash_folder(folder), folder)


def _read_crosswalk(path: Path) -> Crosswalk:
    page = _read_page(path, CrosswalkPage)
    page = page.model_copy(update={"rows": _inherit(page.rows, page)})
    rows = {row.entry: tuple(_renumber(cited, page.renumbered) for cited in row.cites) for row in page.rows}
    return Crosswalk(page, rows)


def _renumber(cited: str, renumbered: Mapping[str, str]) -> str:
    for begins, means in renumbered.items():
        if cited.startswith(begins):
            return means + cited.removeprefix(begins)
    return cited


Entry = TypeVar("Entry", bound=Graded)


def _inherit(entries: tuple[Entry, ...], whole: Graded) -> tuple[Entry, ...]:
    """Return entries with the whole's address (if verified) or advice (if not) where they have none of their own."""
    return tuple(
        each.model_copy(update={"seen": each.seen or whole.seen})
        if each.grade == "V"
        else each.model_copy(update={"verify": each.verify or whole.verify})
        for each in entries
    )


def hash_folder(folder: Path) -> str:
    """Return the SHA-256 over every YAML file of a pack: its path, its length, its bytes, in the order of the paths."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*.yml"), key=lambda each: each.relative_to(folder).as_posix()):
        content = path.read_bytes()
        whole.update(f"{path.relative_to(folder).as_posix()}\n{len(content)}\n".encode() + content)
    return whole.hexdigest()


def _read_page(path: Path, form: type[Page]) -> Page:
    content = _load(path)
    try:
        return form.model_validate(content)
    except ValidationError as error:
        raise _broken(path, error, content) from None


def _load(path: Path) -> object:
    shown = f"{path.parent.name}/{path.name}"
    with contextlib.suppress(OSError):
        if path.stat().st_size > FILE_LIMIT:
            raise PackError(f"{shown}: larger than {FILE_LIMIT:,} bytes; that is no file of a pack.")
    return read_form(path, "file", "what a pack holds (docs/governance.md has it)", shown=shown, error=PackError)


def _broken(path: Path, error: ValidationError, content: object) -> PackError:
    where, says = first_fault(error, "the file")
    number = where.split(".")[0]
    if number.isdigit() and isinstance(content, list) and isinstance(content[int(number)], dict):
        where = f"{content[int(number)].get('id', f'entry {number}')}{where.removeprefix(number)}"
    return PackError(f"{path.parent.name}/{path.name}: {where}: {says.removeprefix('Value error, ')}.")
