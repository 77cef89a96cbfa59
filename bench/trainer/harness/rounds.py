# SPDX-License-Identifier: Apache-2.0
"""Runs contenders in interleaved rounds, each fit in a process of its own, and has every result scored."""

import json
import statistics
import subprocess
import time

from . import contenders as field


def _run(command, timeout):
    """What the process printed as JSON, or {"failed": why}."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout)
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {timeout} s"}
    if done.returncode != 0:
        return {"failed": (done.stderr.strip() or f"exit code {done.returncode}")[-300:]}
    return json.loads(done.stdout)


def _score(programs, path, weights, problem):
    rows = _run(programs.command("score") + [f"table={path}", f"weights={weights}", *problem.arguments], 300)
    if isinstance(rows, dict):
        return rows
    given = rows[0]["violation"] >= 0
    return {"objective": sum(row["objective"] for row in rows),
            "violation": max(row["violation"] for row in rows) if given else None,
            "bound": sum(row["bound"] for row in rows) if given else None}


def data_bytes(table, path):
    """Of the data as it must be in memory: doubles; sparse: 12 bytes a value and 8 a row, as in the file."""
    return path.stat().st_size - 56 - 4 * table.samples if table.sparse else 8 * table.samples * table.columns


def _first(measured, excess):
    """Seconds until the trainer told that no more than `excess` of the objective was left to gain, and no more ever
    after: it begins with a part of the table, and what it tells first may be of that."""
    since = measured["seconds"][0]
    for when, left in zip(reversed(measured["progress_seconds"]), reversed(measured["progress_left"])):
        if left > excess:
            break
        since = when
    return since


def measure_problem(table, problem, path, programs, rounds, quick, say):
    """Returns {contender name: results}; times are one a round."""
    weights = programs.folder / "weights"
    results = {}
    traces = []
    taking_part = [each for each in field.contenders(table, problem) if each.quick or not quick]
    for index in range(rounds):
        # Another one begins each time, so that none always runs after the same one.
        for each in taking_part[index % len(taking_part):] + taking_part[:index % len(taking_part)]:
            mine = results.setdefault(each.name, {"seconds": [], "processor_seconds": [], "solver_seconds": []})
            if "failed" in mine or len(mine["seconds"]) >= each.rounds:
                continue
            ours = each.program == "fit_ours"
            repeat = max(1, int(table.repeat * each.repeats))
            source = "iris" if ours and table.kind == "iris" else path
            measured = _run(programs.command(each.program) + [
                f"table={source}", f"weights={weights}", f"repeat={repeat}", *problem.arguments, *each.arguments],
                table.timeout)
            if "failed" in measured:
                mine["failed"] = measured["failed"]
                say(f"  {each.name}: {measured['failed']}")
                continue
            mine["seconds"].append(statistics.median(measured["seconds"]))
            mine["processor_seconds"].append(statistics.median(measured["processor_seconds"]))
            if measured.get("solver_seconds"):
                mine["solver_seconds"].append(statistics.median(measured["solver_seconds"]))
            memory = measured["memory_peak"] - measured["memory_before_table"]
            mine["peak_bytes"] = max(memory, mine.get("peak_bytes", 0))
            mine["peak_share"] = mine["peak_bytes"] / data_bytes(table, path)
            if measured.get("progress_seconds"):
                traces.append(measured)
            if "objective" not in mine:
                mine.update(_score(programs, path, weights, problem))
                if ours:
                    mine["certified_objective"] = sum(measured["certified_objective"])
                    mine["certified_bound"] = sum(measured["certified_bound"])
                    mine["steps"] = measured["steps"]
            say(f"  {each.name:26} {mine['seconds'][-1]:11.6f} s")
    _finish(results, traces)
    return results


def _finish(results, traces):
    """How far each is from the optimum, which lies between the best bound and the best objective; and when ours was as
    near as that."""
    bounds = [each[key] for each in results.values() for key in ("bound", "certified_bound")
              if each.get(key) is not None]
    for each in results.values():
        if "objective" not in each or not bounds:
            continue
        each["excess"] = each["objective"] / max(bounds) - 1
        if traces:
            each["ours_to_same"] = [_first(trace, each["excess"]) for trace in traces]


def measure_table(table, programs, path, rounds, quick, say):
    """Yields {problem name: results}, one problem more each time."""
    results = {}
    for problem in table.quick if quick else table.problems:
        say(f"{table.name}, {problem.name}")
        results[problem.name] = measure_problem(table, problem, path, programs, min(rounds, problem.rounds), quick, say)
        yield results


def measure_text(text, path, programs, rounds, say):
    """Readers of a text: ours, and numpy's or scikit-learn's."""
    size = path.stat().st_size
    results = {"bytes": size, "readers": {}}
    peer = "numpy.loadtxt" if text.form == "csv" else "scikit-learn"
    commands = {"ours": programs.command("read_ours") + [f"text={path}"],
                peer: programs.command("read_python.py") + [f"text={path}", f"form={text.form}"]}
    for _ in range(rounds):
        for name, command in commands.items():
            mine = results["readers"].setdefault(name, {"seconds": [], "processor_seconds": []})
            if "failed" in mine:
                continue
            measured = _run(command, text.timeout)
            if "failed" in measured:
                mine["failed"] = measured["failed"]
                continue
            mine["seconds"] += measured["seconds"]
            mine["processor_seconds"] += measured["processor_seconds"]
            mine["peak_bytes"] = measured["memory_peak"] - measured["memory_before_table"]
            mine["peak_share"] = mine["peak_bytes"] / ((12 if text.form == "libsvm" else 8) * measured["stored"])
            if "bytes_alone_seconds" in measured:
                results["bytes_alone_seconds"] = measured["bytes_alone_seconds"][0]
            say(f"  {name:26} {size / 1e6 / mine['seconds'][-1]:11.1f} MB/s")
    return results


def now():
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime())
