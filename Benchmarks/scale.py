#!/usr/bin/env python3
"""Times commands in repositories of many small adapters and of many commits.

    swift build -c release --static-swift-stdlib --product adapterctl
    Benchmarks/scale.py [--program PROGRAM] [--work DIR] [--adapters 100 10000] [--commits 500]

Every adapter has 64 tensors of 16 numbers, as many files as a real one and almost no weights, so that
what is measured is what the store does for each of them. A time is the best of three where the command
changes nothing, else the only one. One table for each repository, in milliseconds.
"""
import argparse
import json
import os
import random
import shutil
import struct
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONFIGURATION = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": "made/up",
                 "r": 2, "lora_alpha": 4, "target_modules": ["q_proj", "v_proj"], "bias": "none"}


def header():
    tensors = {}
    for layer in range(16):
        for module in ("q_proj", "v_proj"):
            for factor, shape in (("A", [2, 8]), ("B", [8, 2])):
                name = f"base_model.model.model.layers.{layer}.self_attn.{module}.lora_{factor}.weight"
                tensors[name] = {"dtype": "BF16", "shape": shape,
                                 "data_offsets": [32 * len(tensors), 32 * len(tensors) + 32]}
    text = json.dumps(tensors, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text, 32 * len(tensors)


def write(folder, rng, head, count):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapter_config.json").write_text(json.dumps(CONFIGURATION))
    words = (0x3C00 | rng.getrandbits(9) | rng.getrandbits(1) << 15 for _ in range(count // 2))
    (folder / "adapter_model.safetensors").write_bytes(head + struct.pack(f"<{count // 2}H", *words))


class Repository:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        folder.mkdir(parents=True)
        self.run("init")

    def run(self, command, times=1):
        environment = dict(os.environ, ADAPTERCTL_AUTHOR_NAME="T", ADAPTERCTL_AUTHOR_EMAIL="t@example.org")
        best = float("inf")
        for _ in range(times):
            start = time.perf_counter()
            subprocess.run([self.program, *command.split()], cwd=self.folder, env=environment, check=True,
                           stdout=subprocess.DEVNULL)
            best = min(best, time.perf_counter() - start)
        return 1000 * best

    def show(self, command, times=1):
        print(f"| `{command}` | {self.run(command, times):.1f} |", flush=True)

    def show_size(self):
        stored = sum(p.stat().st_size for p in self.folder.glob(".adapterctl/packs/*"))
        print(f"| packs, MB | {stored / 1e6:.1f} |")


def many_adapters(program, folder, count):
    print(f"\n| {count:,} adapters | ms |\n|---|---:|")
    repository, rng, (head, size) = Repository(program, folder), random.Random(1), header()
    place = lambda number: Path(f"g{number // 100:03}/a{number:05}")
    for number in range(count):
        write(folder / place(number), rng, head, size)
    repository.show("add . -q")
    repository.show("commit -q -m first")
    repository.show_size()
    for command in ("status", "log -1", "rev-parse HEAD", "ls-tree HEAD"):
        repository.show(command, 3)
    write(folder / place(5), rng, head, size)
    repository.show(f"add {place(5)}")
    repository.show("commit -m second")
    write(folder / place(7), rng, head, size)
    repository.show(f"commit -m third {place(7)}")
    repository.show("fsck")
    repository.show("gc")
    repository.show("log -1", 3)


def many_commits(program, folder, count):
    repository, rng, (head, size) = Repository(program, folder), random.Random(2), header()
    for number in range(count):
        write(folder / "a", rng, head, size)
        repository.run(f"commit -q -m {number} a")
    print(f"\n| {count} commits of one adapter | ms |\n|---|---:|")
    for command in ("status", "log -1", "log"):
        repository.show(command, 5)
    repository.show_size()
    repository.show("gc --prune=now")
    repository.show_size()
    repository.show("status", 5)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / ".build/release/adapterctl"))
    parser.add_argument("--work")
    parser.add_argument("--adapters", type=int, nargs="*", default=[100, 10000])
    parser.add_argument("--commits", type=int, default=500)
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(dir=options.work))
    program = str(Path(options.program).resolve())
    try:
        for count in options.adapters:
            many_adapters(program, work / f"adapters-{count}", count)
        if options.commits:
            many_commits(program, work / "commits", options.commits)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
