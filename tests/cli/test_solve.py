"""`eventreg solve`: the files of other programs in, results as promised out, one clear line for whatever is wrong with a file."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eventreg.cli import main

DATA = Path(__file__).parents[1] / "data"
HEAD = "reviewer,proposal,score\n"


def solve(*arguments: str | Path) -> int:
    return main.run(["solve", *map(str, arguments)])


def written(folder: Path, name: str, words: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(words if isinstance(words, bytes) else words.encode())
    return path


@pytest.fixture
def scores(tmp_path: Path) -> Path:
    lines = (DATA / "calibration" / "penicillin.csv").read_text().splitlines()
    assert lines[0] == "diameter,plate,sample"
    return written(tmp_path, "scores.csv", "\n".join(["score,reviewer,proposal", *lines[1:]]))


def test_calibration_tells_everything_that_was_promised(scores: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert solve("calibration", scores, "-o", out) == 0
    told = json.loads(out.read_text())

    assert {"reml_deviance", "sd", "mu", "adjusted", "severity", "interval", "connected", "raw"} <= set(told)
    assert told["reml_deviance"] == pytest.approx(330.8606, abs=1e-3) and told["connected"] is True
    assert set(told["sd"]) == {"reviewer", "proposal", "residual"}
    assert set(told["adjusted"]) == set("ABCDEF") == set(told["raw"]) and len(told["severity"]) == 24
    assert told["interval"]["A"][0] < told["adjusted"]["A"] < told["interval"]["A"][1]


def test_the_tables_that_spreadsheets_write_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [("reviewer", "proposal", "score"), ("a", "x", "1"), ("b", "x", "2"), ("a", "y", "4"), ("b", "y", "NA"), ("c", "y", "3"),
            ("c", "x", ""), ("a", "z", "2"), ("b", "z", "2.5"), ("c", "z", "4")]  # fmt: skip
    found = []
    kinds = ((",", "\n", ""), (";", "\r\n", "\ufeff"), ("\t", "\n", ""), (";", "\n", "sep=;\n"))
    for number, (delimiter, end, mark) in enumerate(kinds):
        table = mark + end.join(delimiter.join(row) for row in rows) + end
        assert solve("calibration", written(tmp_path, f"{number}.csv", table)) == 0
        found.append(json.loads(capsys.readouterr().out))

    assert found[0] == found[1] == found[2] == found[3] and found[0]["raw"] == pytest.approx({"x": 1.5, "y": 3.5, "z": 8.5 / 3})


def test_letters_of_other_encodings_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = "reviewer,proposal,score\nسارة,ميزانية,1\nمحمد,ميزانية,2\nسارة,شفافية,4\nمحمد,شفافية,3\n"
    for encoding in ("utf-8", "windows-1256", "utf-16"):
        assert solve("calibration", written(tmp_path, f"{encoding}.csv", table.encode(encoding))) == 0
        assert list(json.loads(capsys.readouterr().out)["severity"]) == ["سارة", "محمد"]


def test_what_the_scores_do_not_tell_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    apart = HEAD + "a,x,1\nb,x,2\na,y,4\nb,y,3\nc,z,1\nd,z,2\nc,w,3\nd,w,1\n"
    assert solve("calibration", written(tmp_path, "apart.csv", apart)) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["connected"] is False and told.err.startswith("2 groups of proposals")
    again = HEAD + "a,x,1\nb,x,2\na,y,4\nb,y,3\na,x,2\nb,y,1\n"
    assert solve("calibration", written(tmp_path, "again.csv", again)) == 1
    assert capsys.readouterr().err == "line 6 and 1 more: a reviewer's further score of a proposal; each counts\n"


def test_it_begins_at_once_as_it_needs_no_pages_and_no_tables(scores: Path) -> None:
    program = (
        "import sys; from eventreg.cli import main; status = main.run(sys.argv[1:]);"
        "print(status, sorted({'flask', 'sqlalchemy', 'openpyxl'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "solve", "calibration", str(scores)], capture_output=True, text=True, check=True
    )

    assert done.stderr == "0 []\n" and json.loads(done.stdout)["connected"] is True


def test_scores_that_do_not_suffice_are_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = written(tmp_path, "one.csv", "reviewer,proposal,score\na,x,3\n")
    assert solve("calibration", one) == 1
    told = capsys.readouterr()

    found = json.loads(told.out)
    assert found["adjusted"] == found["raw"] == {"x": 3} and found["interval"] == {"x": None} and found["reml_deviance"] is None
    assert "not enough overlap" in told.err


def test_agreement_gives_all_four(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert solve("agreement", DATA / "alpha" / "4x12.csv") == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["nominal", "ordinal", "interval", "ratio"] and found["nominal"] == pytest.approx(0.743421, abs=1e-6)
    assert solve("agreement", written(tmp_path, "apart.csv", "1,*\n,2\n")) == 1
    told = capsys.readouterr()

    assert set(json.loads(told.out).values()) == {None} and "not defined" in told.err


def test_an_assignment_from_numbers_and_from_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(1)
    similarity, mask = rng.integers(0, 5, (5, 6)) / 4, rng.random((5, 6)) < 0.1
    np.savez(tmp_path / "scores.npz", similarity_matrix=similarity, mask_matrix=mask.astype(int))
    out = tmp_path / "out.csv"
    assert solve("assignment", tmp_path / "scores.npz", "--per-proposal", "2", "--max-load", "3", "-o", out) == 0
    told = capsys.readouterr().err
    pairs = [(int(row["reviewer"]), int(row["paper"])) for row in csv.DictReader(out.open())]
    assert len(pairs) == 12 and not any(mask[pair] for pair in pairs) and "total" in told and "worst proposal" in told
    table = [f"R{r},P{p},{similarity[r, p]},{int(mask[r, p])}" for r in range(5) for p in range(6)]
    named = written(tmp_path, "named.csv", "\n".join(["reviewer,proposal,score,conflict", *reversed(table)]))
    assert solve("assignment", named, "--per-proposal", "2", "--max-load", "3") == 0
    told_too = capsys.readouterr()

    assert told_too.out.splitlines()[0] == "reviewer,paper" and len(told_too.out.splitlines()) == 13
    assert told.partition(",")[0] == told_too.err.partition(",")[0]


def test_what_is_not_possible_says_which_limit_to_relax(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = written(tmp_path, "t.csv", "reviewer,proposal,score\n" + "\n".join(f"r{r},p{p},1" for r in range(3) for p in range(4)))
    assert solve("assignment", table, "--per-proposal", "2", "--max-load", "2") == 2
    assert "--max-load 3 would do" in capsys.readouterr().err
    assert solve("assignment", table, "--per-proposal", "4", "--max-load", "9") == 2
    assert "--per-proposal 3 would do" in capsys.readouterr().err
    assert solve("assignment", table, "--per-proposal", "1", "--max-load", "2", "--conflict-below", "2") == 2
    assert "without a conflict" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "words", "says"),
    [
        ("calibration", "", "header"), ("calibration", "a,b\n1,2\n", "header"), ("calibration", HEAD, "no score"),
        ("calibration", HEAD + "a,x,high\n", "line 2"), ("calibration", HEAD + "a,x,inf\n", "finite"),
        ("calibration", HEAD + "a,x\n", "line 2"), ("calibration", HEAD + ",x,1\n", "line 2"),
        ("calibration", HEAD + "a,x,1_0\n", "line 2"), ("calibration", HEAD + "a,x,3,5\n", "line 2"),
        ("calibration", b"\xff\xfe\x00r", "header"), ("calibration", b"reviewer\0", "no text"),
        ("calibration", bytes(range(256)), "no text"),
        ("calibration", HEAD.encode() + b"Ga\x89l,x,1\n", "UTF-8"), ("calibration", HEAD + "a,x,NaN\n", "finite"),
        ("calibration", HEAD + "a,x,null\n", "line 2"), ("calibration", HEAD + "a,x,*\n", "line 2"),
        ("calibration", HEAD.replace(",", ";") + "a;x;3,5\n", "write 3.5"), ("calibration", HEAD + "a,x,1e308\n", "larger"),
        ("calibration", "reviewer,proposal,score,score\na,x,1,2\n", "twice"), ("calibration", HEAD + '"a,x,1\n', "line"),
        ("agreement", "", "no score"), ("agreement", "1,2\n3\n", "line 2"), ("agreement", "1,x\n", "no number"),
        ("agreement", "1,nan\n", "finite"), ("agreement", "3,5;4;2\n3;4;2\n", "write 3.5"),
        ("assignment", HEAD + "a,x,1\na,x,2\n", "twice"), ("assignment", HEAD, "no pair"),
        ("assignment", "reviewer,proposal,score,conflict\na,x,1,maybe\n", "0 or 1"),
    ],
)  # fmt: skip
def test_a_bad_table_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, words: str | bytes, says: str
) -> None:
    more = ["--per-proposal", "1", "--max-load", "1"] if kind == "assignment" else []
    assert solve(kind, written(tmp_path, "bad.csv", words), *more) == 2
    told = capsys.readouterr()

    assert told.out == "" and says in told.err and len(told.err.strip().splitlines()) == 1


def test_a_bad_npz_is_one_clear_line_and_never_runs_anything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(tmp_path / "other.npz", something=np.ones(3))
    np.savez(tmp_path / "shape.npz", similarity_matrix=np.ones(3))
    np.savez(tmp_path / "nan.npz", similarity_matrix=np.full((2, 2), np.nan))
    np.savez(tmp_path / "pickle.npz", similarity_matrix=np.array([[print]], dtype=object))
    written(tmp_path, "text.npz", "not a zip")
    written(tmp_path, "cut.npz", (tmp_path / "nan.npz").read_bytes()[:90])
    (tmp_path / "folder.npz").mkdir()
    for name in ("other", "shape", "nan", "pickle", "text", "cut", "folder", "absent"):
        assert solve("assignment", tmp_path / f"{name}.npz", "--per-proposal", "1", "--max-load", "1") == 2, name
        told = capsys.readouterr()
        assert told.out == "" and len(told.err.strip().splitlines()) == 1, (name, told.err)
