#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs one libFuzzer target for some time over its seeds and the inputs that once were findings (regressions/TARGET), and
prints its figures. Fails on any finding, and when nothing was run at all. With --corpus DIR what was found to be
interesting is kept there, with --artifacts DIR the input of a finding."""

import argparse
import pathlib
import re
import resource
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", type=pathlib.Path, required=True)
    parser.add_argument("--seeds", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--corpus", type=pathlib.Path)
    parser.add_argument("--artifacts", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.target, arguments.seeds = arguments.target.resolve(), arguments.seeds.resolve()
    name = arguments.target.name.removesuffix("_fuzz")
    seeds = [path for path in arguments.seeds.iterdir()]
    if not seeds:
        sys.exit(f"{arguments.seeds} holds no seeds")
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{name}-") as folder:
        corpus = (arguments.corpus or pathlib.Path(folder, "corpus")).resolve()
        artifacts = (arguments.artifacts or pathlib.Path(folder, "artifacts")).resolve()
        for made in (corpus, artifacts):
            made.mkdir(parents=True, exist_ok=True)
        folders = [corpus, arguments.seeds, HERE / "regressions" / name]
        command = [arguments.target, *(path for path in folders if path.is_dir()), "-seed=1", "-timeout=60",
                   "-report_slow_units=60",
                   "-rss_limit_mb=1024", f"-max_total_time={arguments.seconds}", "-print_final_stats=1",
                   f"-artifact_prefix={artifacts}/"]
        dictionary = HERE / "dictionaries" / name
        if dictionary.exists():
            command.append(f"-dict={dictionary}")
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              cwd=folder, timeout=arguments.seconds * 2 + 240)
        log = done.stdout.decode("utf-8", "replace")
        figures = dict(re.findall(r"^stat::(\w+):\s+(\d+)", log, re.MULTILINE))
        coverage = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", log)
        executions = int(figures.get("number_of_executed_units", 0))
        findings = sorted(artifacts.iterdir())
        print(f"{name}: {executions} executions, coverage {coverage[-1][0] if coverage else '?'} edges, "
              f"{coverage[-1][1] if coverage else '?'} features, corpus {coverage[-1][2] if coverage else '?'}, "
              f"{figures.get('peak_rss_mb', '?')} MB, {len(findings)} findings, exit {done.returncode}")
        if done.returncode != 0 or findings:
            for finding in findings:
                print(f"finding: {finding.name} = {finding.read_bytes()[:2000].hex()}")
            sys.exit(log[-6000:])
        if executions < len(seeds):
            sys.exit(f"only {executions} executions of {len(seeds)} seeds:\n{log[-2000:]}")


if __name__ == "__main__":
    main()
