#!/usr/bin/env python3
"""Times mnist_compare or cifar_compare against the same training in PyTorch.

The machine's speed drifts, so the programs take turns: in each round ours, PyTorch with one thread
and PyTorch with all of them train the same epochs. The table has the median over the rounds of the
seconds an epoch takes, evaluation aside, and how many times as long PyTorch takes with the number
of threads that suits it better.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
NO_TORCH = 77  # the exit status that ctest takes for "skipped"
PRECISIONS = ("float32", "bfloat16")
NAMES = ("muon", "hybrid", "adamw", "sgd")


def say(text):
    print(text, file=sys.stderr, flush=True)


def find_python():
    """A Python that has PyTorch: this one, or the system's, for which Debian packages it."""
    for python in dict.fromkeys((sys.executable, "/usr/bin/python3")):
        found = subprocess.run(
            [python, "-c", "import torch, numpy; print(torch.__version__)"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
        if found.returncode == 0:
            return python, found.stdout.strip()
    say("no python3 here can import torch; on Debian: sudo apt-get install python3-torch")
    sys.exit(NO_TORCH)


def output_of(command):
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode != 0:
        say(f"error: {' '.join(map(str, command))}: ended with status {result.returncode}")
        sys.exit(1)
    return result.stdout


def run_ours(options):
    """Seconds of each epoch, by optimizer."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            options.apps / f"{options.protocol}_compare", "--quiet", "--out", folder,
            "--data", options.data, "--optimizers", ",".join(options.optimizers),
            "--epochs", str(options.epochs), "--threads", str(options.threads),
        ]
        command += ["--precision", options.precision]
        if options.muon_precision:
            command += ["--muon-precision", options.muon_precision]
        output_of(command)
        results = json.loads((pathlib.Path(folder) / "results.json").read_text("utf-8"))
    return {
        run["optimizer"]: [epoch["train_seconds"] for epoch in run["epochs"]]
        for run in results["runs"]
    }


def run_torch(options, python, threads):
    command = [
        python, HERE / "torch_compare.py", options.protocol, options.data,
        "--optimizers", ",".join(options.optimizers), "--epochs", str(options.epochs),
        "--threads", str(threads), "--newton-schulz", options.newton_schulz,
    ]
    if options.autocast:
        command.append("--autocast")
    seconds = {}
    for line in output_of(command).splitlines():
        result = json.loads(line)
        seconds.setdefault(result["optimizer"], []).append(result["train_seconds"])
    return seconds


def run_rounds(options, python):
    """seconds[program][optimizer]: those of all epochs of all rounds. Programs are named as the
    table's columns are."""
    programs = {"ours": lambda: run_ours(options)}
    for threads in dict.fromkeys((1, options.threads)):
        name = f"torch, {threads} thread{'s' if threads > 1 else ''}"
        programs[name] = lambda n=threads: run_torch(options, python, n)
    seconds = {program: {name: [] for name in options.optimizers} for program in programs}
    for number in range(1, options.rounds + 1):
        for program, run in programs.items():
            for name, epochs in run().items():
                seconds[program][name] += epochs
            figures = ", ".join(f"{name} {seconds[program][name][-1]:.2f} s"
                                for name in options.optimizers)
            say(f"round {number}/{options.rounds}  {program:16}  {figures}")
    return seconds


def print_table(seconds, optimizers):
    programs = list(seconds)
    headers = ["seconds an epoch"] + programs + ["torch / ours"]
    rows = []
    for name in optimizers:
        medians = [statistics.median(seconds[program][name]) for program in programs]
        rows.append([name] + [f"{m:.2f}" for m in medians] + [f"{min(medians[1:]) / medians[0]:.2f}"])
    widths = [max(len(row[i]) for row in [headers] + rows) for i in range(len(headers))]
    for row in [headers, ["-" * width for width in widths]] + rows:
        first, *others = (cell.ljust(w) if i == 0 else cell.rjust(w)
                          for i, (cell, w) in enumerate(zip(row, widths)))
        print("  ".join([first, *others]))


def parse():
    parser = argparse.ArgumentParser(
        prog="bench torch", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("protocol", choices=("mnist", "cifar"))
    parser.add_argument("--rounds", type=int, help="default 5 for mnist, 3 for cifar")
    parser.add_argument("--epochs", type=int, default=1, help="in each round (default 1)")
    parser.add_argument("--optimizers", default="muon,adamw",
                        help="of muon,hybrid,adamw,sgd (default muon,adamw)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)),
                        help="of ours, and the most of PyTorch (default: all cores)")
    parser.add_argument("--precision", choices=PRECISIONS, default="float32",
                        help="of our products in training (default float32)")
    parser.add_argument("--muon-precision", choices=PRECISIONS,
                        help="of ours in Muon's orthogonalization (default: what is fastest here)")
    parser.add_argument("--autocast", action="store_true",
                        help="PyTorch's forward and backward in bfloat16")
    parser.add_argument("--newton-schulz", choices=PRECISIONS, default="bfloat16",
                        help="PyTorch's Muon orthogonalizes in this (default bfloat16)")
    parser.add_argument("--data", type=pathlib.Path, help="folder with the data set")
    parser.add_argument("--apps", type=pathlib.Path, default=HERE.parents[1] / "build" / "apps",
                        help="folder with the programs")
    options = parser.parse_args()
    options.optimizers = options.optimizers.split(",")
    for name in options.optimizers:
        if name not in NAMES:
            parser.error(f"--optimizers: unknown optimizer '{name}', expected any of "
                         f"{', '.join(NAMES)}")
    options.rounds = options.rounds or (5 if options.protocol == "mnist" else 3)
    if min(options.rounds, options.epochs, options.threads) < 1:
        parser.error("--rounds, --epochs and --threads: at least 1 is needed")
    name = "mnist" if options.protocol == "mnist" else "cifar10"
    options.data = options.data or HERE.parents[1] / "data" / "cache" / name
    if not options.data.is_dir():
        parser.error(f"--data: {options.data} is no folder; data/fetch.sh {name} fetches it")
    return options


def main():
    options = parse()
    python, version = find_python()
    print(f"{options.protocol}, rounds: {options.rounds}, epochs in each: {options.epochs}; PyTorch "
          f"{version}, {'autocast to bfloat16' if options.autocast else 'float32'}, Newton-Schulz "
          f"in {options.newton_schulz}; ours with {options.threads} threads, {options.precision}, "
          f"Newton-Schulz in {options.muon_precision or 'what is fastest here'}", flush=True)
    seconds = run_rounds(options, python)
    print()
    print_table(seconds, options.optimizers)


if __name__ == "__main__":
    main()
