#!/usr/bin/env python3
"""Compares stores on series of checkpoints: their sizes, and how fast they take and give them back.

    swift build -c release --static-swift-stdlib --product adapterctl
    swift build -c release --product adapterctl-bench      # makes the series
    Benchmarks/peers/compare.py [--work DIR] [--steps 20] [--series DIR ...] [--zipnn PYTHON] [TOOL ...]

The series are a made-up one in bfloat16, and every DIR given: all *.safetensors below it, in natural
order. Every checkpoint is put by a process of its own into a working copy that holds the one before,
and every one is taken out again and compared byte for byte; then all are listed in one table, with the
median of what other programs used of the cores meanwhile. A run with much of that says little.

git, restic, borg and zstd are used where they are installed; zipnn where `--zipnn` names a Python
that has it (python3 -m venv DIR && DIR/bin/pip install zipnn zstandard); its
times are mostly those of a Python that starts.
"""
import argparse
import filecmp
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / ".build/release/adapterctl-bench"
PROGRAM = ROOT / ".build/release/adapterctl"
ZIPNN = (
    "import sys; from zipnn import ZipNN; way, source, target, kind = sys.argv[1:]; "
    "data = open(source, 'rb').read(); coder = ZipNN(method='ZSTD', bytearray_dtype=kind, threads=2); "
    "open(target, 'wb').write(coder.compress(data) if way == 'put' else coder.decompress(data))"
)


class Tool:
    """Shell lines: {file} is the checkpoint, {name} its name, {store} the store, {out} where it goes."""

    def __init__(self, put, get, start="true", needs=None):
        self.put, self.get, self.start, self.needs = put, get, start, needs


def tools(zipnn):
    found = {
        "adapterctl": Tool(f"cd {{store}} && cp {{file}} c && {PROGRAM} -q commit c -m {{name}} && rm c"
                           f" && {PROGRAM} -q tag {{name}}",
                           f"cd {{store}} && {PROGRAM} -q checkout {{name}}:c -o {{out}}",
                           f"{PROGRAM} -q init {{store}}", needs=str(PROGRAM)),
        "copy": Tool("cp {file} {store}/{name}", "cp {store}/{name} {out}"),
        "zstd -3": Tool("zstd -q -3 -T2 {file} -o {store}/{name}",
                        "zstd -q -d {store}/{name} -o {out}", needs="zstd"),
        "git": Tool("cd {store} && cp {file} c && git add c && git commit -qm {name} && git tag {name} && rm c",
                    "cd {store} && git cat-file blob {name}:c > {out}",
                    "cd {store} && git init -q . && git config gc.auto 0", needs="git"),
        "git, gc": Tool("cd {store} && cp {file} c && git add c && git commit -qm {name} && git tag {name} && rm c"
                        " && git gc -q",
                        "cd {store} && git cat-file blob {name}:c > {out}",
                        "cd {store} && git init -q .", needs="git"),
        "restic": Tool("cd $(dirname {file}) && restic backup -q -r {store}/r --tag {name} c",
                       "restic dump -q -r {store}/r --tag {name} latest c > {out}",
                       "restic init -q --repository-version 2 -r {store}/r", needs="restic"),
        "borg": Tool("cd $(dirname {file}) && borg create --compression zstd,3 {store}/b::{name} c",
                     "borg extract --stdout {store}/b::{name} c > {out}",
                     "borg init -e none {store}/b", needs="borg"),
    }
    if zipnn:
        line = f"{zipnn} -c \"{ZIPNN}\""
        found["zipnn"] = Tool(f"{line} put {{file}} {{store}}/{{name}} {{kind}}",
                              f"{line} get {{store}}/{{name}} {{out}} {{kind}}", needs=zipnn)
    return found


def environment(home):
    return dict(os.environ, HOME=str(home), ADAPTERCTL_AUTHOR_NAME="b", GIT_AUTHOR_NAME="b", GIT_AUTHOR_EMAIL="b@b",
                GIT_COMMITTER_NAME="b", GIT_COMMITTER_EMAIL="b@b", RESTIC_PASSWORD="x",
                RESTIC_CACHE_DIR=str(home / "cache"), BORG_BASE_DIR=str(home / "borg"),
                BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK="yes")


def core_seconds():
    """What all programs have used of the cores since the machine started."""
    ticks = [int(word) for word in open("/proc/stat").readline().split()[1:]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def run(line, env):
    """Seconds by the clock, and the cores that other programs used."""
    mine, all_before = os.times(), core_seconds()
    start = time.monotonic()
    done = subprocess.run(["sh", "-c", line], env=env, capture_output=True, text=True, errors="replace")
    seconds = time.monotonic() - start
    if done.returncode:
        sys.exit(f"{line}: {done.stdout[-400:]}{done.stderr[-800:]}")
    after = os.times()
    own = after.children_user + after.children_system - mine.children_user - mine.children_system
    return seconds, max(0.0, core_seconds() - all_before - own) / seconds


def natural(path):
    return [int(word) if word.isdigit() else word for word in re.split(r"(\d+)", str(path))]


def size(folder):
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def measure(tool, files, kind, work):
    shutil.rmtree(work, ignore_errors=True)
    store, tree = work / "store", work / "tree"
    store.mkdir(parents=True)
    tree.mkdir()
    env = environment(work)
    current, out = tree / "c", work / "out"
    run(tool.start.format(store=store), env)
    puts, gets = [], []
    for number, file in enumerate(files):
        shutil.copyfile(file, current)
        os.utime(current, (1_000_000_000 + number,) * 2)
        words = dict(store=store, file=current, name=f"c{number}", out=out, kind=kind)
        puts.append(run(tool.put.format(**words), env))
    stored = size(store)
    for number, file in enumerate(files):
        out.unlink(missing_ok=True)
        words = dict(store=store, file=current, name=f"c{number}", out=out, kind=kind)
        gets.append(run(tool.get.format(**words), env))
        if not filecmp.cmp(out, file, shallow=False):
            sys.exit(f"{tool.get}: checkpoint {number} came back with other bytes")
    shutil.rmtree(work)
    return stored, puts, gets


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("/tmp/adapterctl-peers"))
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--series", type=Path, action="append", default=[])
    parser.add_argument("--zipnn")
    parser.add_argument("tools", nargs="*")
    given = parser.parse_args()
    made = given.work / f"series-{given.steps}"
    if not made.exists():
        unfinished = made.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        subprocess.run([BENCH, "make", unfinished, str(given.steps)], check=True)
        unfinished.rename(made)
    known = tools(given.zipnn)
    unknown = [name for name in given.tools if name not in known]
    if unknown:
        sys.exit(f"Unknown: {', '.join(unknown)}. Choose from: {', '.join(known)}.")
    print("| series | store | size | put MB/s | get MB/s | others' cores |")
    print("|---|---|---|---|---|---|")
    for folder in [made] + [folder.resolve() for folder in given.series]:
        files = sorted(folder.rglob("*.safetensors"), key=natural)
        kind = "bfloat16" if folder == made else "float32"
        raw = sum(file.stat().st_size for file in files)
        for name, tool in known.items():
            if given.tools and name not in given.tools:
                continue
            if not shutil.which(tool.needs or "sh"):
                print(f"{name} is not installed.", file=sys.stderr)
                continue
            stored, puts, gets = measure(tool, files, kind, given.work / "run")
            others = sorted(share for _, share in puts + gets)[len(puts + gets) // 2]
            print(f"| {folder.name}, {len(files)} of {raw / 1e6:.0f} MB | {name} | {stored / raw:.4f} "
                  f"| {raw / 1e6 / sum(s for s, _ in puts):.0f} | {raw / 1e6 / sum(s for s, _ in gets):.0f} "
                  f"| {others:.1f} |", flush=True)


if __name__ == "__main__":
    main()
