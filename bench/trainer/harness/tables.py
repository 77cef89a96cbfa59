# SPDX-License-Identifier: Apache-2.0
"""What is measured: tables, the problems posed on each, and how many rounds."""

import csv
import dataclasses
import hashlib
import pathlib
import struct
import subprocess

MAGIC = 0x31656C6261747269  # drivers/table_file.h


@dataclasses.dataclass(frozen=True)
class Problem:
    loss: str = "squared_hinge"
    penalty: str = "l2"
    cost: float = 1.0
    rounds: int = 99  # at most

    @property
    def name(self):
        kind = "l1" if self.penalty == "l1" else self.loss.replace("_", "-")
        return f"{kind}, C={self.cost:g}"

    @property
    def arguments(self):
        return [f"loss={self.loss}", f"penalty={self.penalty}", f"cost={self.cost!r}"]


SQUARED, HINGE, L1 = Problem(), Problem(loss="hinge"), Problem(penalty="l1")


@dataclasses.dataclass(frozen=True)
class Table:
    name: str
    title: str
    kind: str  # make_table's, or iris
    samples: int
    columns: int
    problems: tuple
    rounds: int = 5
    repeat: int = 1  # fits in one process, of which the median counts
    timeout: int = 300  # seconds for one process
    quick: tuple = ()  # the problems of a --quick run

    @property
    def sparse(self):
        return self.kind == "text"


TABLES = (
    Table("iris", "Iris, 150 × 4, three classes one-vs-rest", "iris", 150, 4, (SQUARED, HINGE, L1), repeat=500,
          quick=(SQUARED,)),
    Table("dense-10k", "dense, noisy and overlapping, 10,000 × 10", "dense", 10_000, 10, (SQUARED, HINGE, L1),
          repeat=20, quick=(SQUARED,)),
    Table("dense-100k", "dense, noisy and overlapping, 100,000 × 50", "dense", 100_000, 50,
          (SQUARED, Problem(cost=0.01), Problem(cost=100.0), HINGE, L1), quick=(SQUARED,)),
    Table("scaled", "features from 1e-6 to 1e6, 100,000 × 20", "scaled", 100_000, 20, (SQUARED,), quick=(SQUARED,)),
    Table("text", "sparse as text, 100,000 × 50,000, 0.1 % stored", "text", 100_000, 50_000,
          (SQUARED, Problem(loss="hinge", rounds=3), Problem(penalty="l1", rounds=3)), quick=(SQUARED,)),
    Table("dense-1m", "dense, noisy and overlapping, 1,000,000 × 50", "dense", 1_000_000, 50,
          (SQUARED, HINGE, L1), rounds=3, timeout=400),
)


@dataclasses.dataclass(frozen=True)
class Text:
    """A text file that readers read."""
    name: str
    title: str
    form: str  # csv or libsvm
    arguments: tuple
    quick_arguments: tuple
    rounds: int = 5
    timeout: int = 120


TEXTS = (
    Text("csv-17", "CSV, every digit (17), 50 columns and a label", "csv",
         ("kind=dense", "samples=200000", "columns=50", "digits=17"),
         ("kind=dense", "samples=20000", "columns=50", "digits=17")),
    Text("csv-6", "CSV, six digits, 50 columns and a label", "csv",
         ("kind=dense", "samples=430000", "columns=50", "digits=6"),
         ("kind=dense", "samples=43000", "columns=50", "digits=6")),
    Text("libsvm", "LIBSVM text of the sparse table, six digits", "libsvm",
         ("kind=text", "samples=200000", "columns=50000"), ("kind=text", "samples=20000", "columns=50000")),
)


def _write_iris(source, path):
    """Fisher's table in the drivers' form."""
    with open(source, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row]
    rows = rows[1:]
    classes = list(dict.fromkeys(row[-1] for row in rows))
    labels = [classes.index(row[-1]) for row in rows]
    columns = len(rows[0]) - 1
    out = struct.pack("=7Q", MAGIC, 0, len(rows), columns, len(rows) * columns, len(classes), 0)
    out += struct.pack(f"={len(labels)}i", *labels)
    out += bytes(-len(out) % 8)
    out += b"".join(struct.pack(f"={columns}d", *map(float, row[:-1])) for row in rows)
    path.write_bytes(out)


def make(table, programs, folder):
    """The file of `table`, made unless it is there. The generator's age decides: other code, other table."""
    path = folder / f"{table.name}.table"
    maker = programs.path("make_table")
    if path.exists() and path.stat().st_mtime > maker.stat().st_mtime:
        return path
    fresh = path.with_suffix(".new")
    if table.kind == "iris":
        _write_iris(programs.source / "assets/iris.csv", fresh)
    else:
        subprocess.run([maker, f"kind={table.kind}", f"samples={table.samples}", f"columns={table.columns}", "seed=1",
                        f"table={fresh}"], check=True, timeout=600)
    fresh.rename(path)
    return path


def make_text(text, quick, programs, folder):
    path = folder / f"{text.name}{'-quick' if quick else ''}.{text.form}"
    maker = programs.path("make_table")
    if path.exists() and path.stat().st_mtime > maker.stat().st_mtime:
        return path
    fresh = path.with_suffix(".new")
    arguments = text.quick_arguments if quick else text.arguments
    subprocess.run([maker, *arguments, "seed=2", f"{text.form}={fresh}"], check=True, timeout=600)
    fresh.rename(path)
    return path


def fingerprint(path: pathlib.Path):
    """The first 16 digits of a file's SHA-256: two machines that print the same measured the same."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()[:16]
