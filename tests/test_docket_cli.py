"""`custodiet docket` as its users run it: with their own key, a third party with none, and files that somebody changed."""

import json
from pathlib import Path

import pytest

from command import assert_one_sentence, call, run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a made-up docket of twelve papers in the folder `made`."""
    home = tmp_path_factory.mktemp("home")
    done = run("docket", "sample", "made", "--papers", 12, home=home)
    assert done.returncode == 0, done.stderr
    return home


MADE = ("--docket", "made/docket", "--key", "made/docket.key")


def told(*arguments: object, home: Path) -> object:
    done = run("docket", *arguments, "--json", home=home)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.long
def test_a_paper_from_its_receipt_to_its_proof(tmp_path: Path):
    home = tmp_path
    assert run("docket", "sample", "model", home=home).returncode == 0
    added = run("docket", "add", "model/entry.yml", home=home)
    assert added.returncode == 0, added.stderr
    assert "Made a new key" in added.stderr
    assert "Warrant for arrest of an alien" in added.stdout
    key = home / "config" / "custodiet" / "docket.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert told("show", 1, home=home)["classification"]["type"] == "ice_I-200"
    assert told("decide", 1, "object", "--by", "A. One", "--because", "No judge signed it.", home=home)["about"] == 1
    assert told("step", 1, "classify", "--by", "A. One", home=home)["kind"] == "step"
    assert [one["status"] for one in told("list", home=home)] == ["object"]
    assert (
        told("sales", "add", "--buyer", "ICE", "--product", "Feed", "--signed", "2026-02-01", "--by", "A", home=home)["entry"]
        == 4
    )
    assert [one["buyer"] for one in told("sales", "list", home=home)] == ["ICE"]
    assert run("docket", "checkpoint", "--out", "kept", home=home).returncode == 0
    assert told("step", 1, "close", "--by", "A. One", home=home)["entry"] == 5
    assert told("retain", "--before", "2026-03-03", "--by", "A", "--because", "Policy", home=home)["erased"] == [1]
    found = told("verify", "--checkpoint", "kept", home=home)
    assert (found["signed"], found["begins_with"]) == (6, 4)
    # The sale is of another period than the paper.
    counted = told("export", "--from", "2026-03-01", "--to", "2026-03-31", home=home)
    assert (counted["papers"], counted["sales"], counted["by_type"][0]["objected"]) == (1, 0, 1)
    # A third party has two files and no key.
    assert run("docket", "prove", 2, "--out", "proof", home=home).returncode == 0
    assert run("docket", "prove", "--since", "kept", "--out", "growth", home=home).returncode == 0
    third = tmp_path / "third"
    third.mkdir()
    for name in ("proof", "growth"):
        (third / name).write_bytes((home / name).read_bytes())
    (third / "log.vkey").write_bytes((home / "data" / "custodiet" / "docket" / "docket.vkey").read_bytes())
    assert told("check-proof", "proof", "--public-key", "log.vkey", home=third)["number"] == 2
    assert told("check-proof", "growth", "--public-key", (third / "log.vkey").read_text(), home=third)["old_size"] == 4
    (third / "proof").write_text((third / "proof").read_text().replace("index 1", "index 2"))
    assert "does not hold" in assert_one_sentence(
        run("docket", "check-proof", "proof", "--public-key", "log.vkey", home=third)
    )
    assert not (third / "config").exists()


def test_the_made_up_docket_has_each_trap(home: Path):
    papers = told("list", *MADE, home=home)
    assert len(papers) == 12
    assert len({one["type"] for one in papers}) == 10
    summons = next(one["number"] for one in papers if one["type"] == "customs_summons_1509")
    found = told("show", summons, *MADE, home=home)["classification"]
    assert {"predicate-mismatch", "rank"} <= {one["id"] for one in found["defects"]}
    emergency = next(one["number"] for one in papers if one["type"] == "emergency_2702_b8_c4")
    shown = run("docket", "show", emergency, *MADE, home=home).stdout
    assert "Nobody has verified this emergency" in shown
    assert "no legal advice" in shown
    due = told("due", "--as-of", "2026-03-03", *MADE, home=home)
    assert {"return-date", "end-of-silence", "end-of-preservation"} <= {one["what"] for one in due}
    assert [one["day"] for one in due] == sorted(one["day"] for one in due)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "99", *MADE), "99 is the number of no paper"),
        (("list", "--docket", "nowhere"), "no docket is here"),
        (("verify", "--docket", "made/docket"), "the key is not there"),
        (("verify", "--docket", "made/docket", "--key", "wrong.key"), "not signed with the key"),
        (("verify", "--docket", "made/docket", "--public-key", "nonsense"), "no public key of a log"),
        (("verify", "--checkpoint", "made/entry.yml", *MADE), "no signed checkpoint"),
        (("verify", "--checkpoint", "nothing", *MADE), "can't be read"),
        (("verify", "--docket", "tampered", "--key", "made/docket.key"), "entry 3"),
        (("add", "bad.yml", *MADE), "received: Field required"),
        (("add", "nothing.yml", *MADE), "can't be read"),
        (("add", *MADE), "Name an entry"),
        (("due", "--as-of", "soon", *MADE), "'soon' is no day"),
        (("prove", *MADE), "Name an entry's number"),
        (("prove", "2", "--reveal", "nothing", *MADE), "no field 'nothing'"),
        (("check-proof", "made/entry.yml", "--public-key", "made/docket/docket.vkey"), "no proof of a docket"),
        (("approve", "2", "--by", "A", *MADE), "nothing to approve"),
        (("sample", "made", "--papers", "3"), "is there already"),
        (("add", "--issuer", "x", "--docket", "new", "--key", "new/docket.key"), "beside what it protects"),
    ],
)
def test_what_goes_wrong_is_one_sentence(arguments: tuple[str, ...], says: str, home: Path):
    (home / "bad.yml").write_text("issuer: Somebody\n")
    if not (home / "wrong.key").exists():
        (home / "wrong.key").touch(0o600)
        (home / "wrong.key").write_text("ab" * 32)
        (home / "tampered").mkdir()
        for file in (home / "made" / "docket").iterdir():
            (home / "tampered" / file.name).write_bytes(file.read_bytes())
        lines = (home / "tampered" / "log").read_bytes().splitlines(keepends=True)
        lines[2] = lines[2].replace(b'"kind":"request"', b'"kind":"refuse!"')
        (home / "tampered" / "log").write_bytes(b"".join(lines))
    assert says in assert_one_sentence(run("docket", *arguments, home=home))


def test_the_commonest_fields_are_options_of_add(tmp_path):
    made = ("--docket", tmp_path / "d", "--key", tmp_path / "k")
    added = call(
        "docket", "add", "--issuer", "Immigration and Customs Enforcement", "--signed", "no", "--command", "produce",
        "--gag", "request", "--gag-until", "2027-03-01", "--received", "2026-11-02", *made, "--json", home=tmp_path,
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    entry = json.loads(added.stdout)["entry"]
    assert entry["signed"] == "no"
    assert entry["command"] == "produce"
    assert entry["gag"] == {"ground": "request", "expires": "2027-03-01"}
    due = call("docket", "due", "--as-of", "2026-11-22", *made, "--json", home=tmp_path)
    assert [(one["what"], one["day"]) for one in json.loads(due.stdout)] == [("end-of-silence", "2027-03-01")]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--gag-until", "2027-03-01"), "Say the ground of the bar"), (("--gag", "fear"), "gag.ground"),
        (("--signed", "maybe"), "signed"), (("--command", "dance"), "command"),
    ],
)  # fmt: skip
def test_an_option_of_add_that_is_none_is_refused_in_a_sentence(options, says, tmp_path):
    made = ("--docket", tmp_path / "d", "--key", tmp_path / "k")
    assert says in assert_one_sentence(call("docket", "add", "--issuer", "A court", *options, *made, home=tmp_path))
    assert not (tmp_path / "d").exists()
