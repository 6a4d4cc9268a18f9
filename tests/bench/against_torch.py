#!/usr/bin/env python3
"""Times mnist_compare or cifar_compare against the same training in PyTorch.

The machine's speed drifts, so the programs take turns: in each round ours, PyTorch with one thread
and PyTorch with all of them train the same epochs. The table has the median over the rounds of the
seconds an epoch takes, evaluation aside, and how many times as long PyTorch takes with the number
of threads that suits it best. A number of threads with which PyTorch takes over 3 times as long as
with another, for every optimizer, is left out after the first round, and its figures are that
round's. Ctrl-C ends with the table of the rounds that are complete.

With --device cuda both train on the GPU, ours with or without graphs (--graph), PyTorch eagerly, as
most of its users do. PyTorch's number of threads does not matter there, and rounds have three
epochs, so that the median leaves out the first, in which libraries are loaded.
"""

import argparse
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77  # the exit status that ctest takes for it
HOPELESS = 3  # times as slow as another number of threads
MOST = 1024  # threads, rounds, or epochs of a round
PRECISIONS = ("float32", "bfloat16")
NAMES = ("muon", "hybrid", "adamw", "sgd")


def say(text):
    print(text, file=sys.stderr, flush=True)


def find_python(device, status_without):
    """A Python that has PyTorch: this one, or the system's, for which Debian packages it."""
    needed = "import torch, numpy; print(torch.__version__)"
    if device == "cuda":
        needed += "; torch.zeros(1, device='cuda')"
    for python in dict.fromkeys((sys.executable, "/usr/bin/python3")):
        found = subprocess.run(
            [python, "-c", needed],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
        if found.returncode == 0:
            return python, found.stdout.strip()
    if device == "cuda":
        say("no python3 here has a PyTorch that can use the GPU; pytorch.org/get-started has one")
    else:
        say("no python3 here can import torch; on Debian: sudo apt-get install python3-torch")
    sys.exit(status_without)


def output_of(command):
    # In a session of its own, so that Ctrl-C makes it print nothing: this program kills it then.
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False,
                            start_new_session=True)
    if result.returncode != 0:
        say(f"error: {' '.join(map(str, command))}: ended with status {result.returncode}")
        sys.exit(1)
    return result.stdout


def run_ours(options):
    """Seconds of each epoch, by optimizer."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            options.app, "--quiet", "--out", folder,
            "--data", options.data, "--optimizers", ",".join(options.optimizers),
            "--epochs", str(options.epochs), "--threads", str(options.threads),
        ]
        command += ["--precision", options.precision, "--device", options.device]
        if options.graph:
            command += ["--graph", options.graph]
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
        "--device", options.device,
    ]
    if options.precision == "bfloat16":
        command.append("--autocast")
    seconds = {}
    for line in output_of(command).splitlines():
        result = json.loads(line)
        seconds.setdefault(result["optimizer"], []).append(result["train_seconds"])
    return seconds


def hopeless(seconds, optimizers):
    """The PyTorch programs that take much longer than another with every optimizer."""
    torch = [program for program in seconds if program != "ours"]
    best = {name: min(statistics.median(seconds[program][name]) for program in torch)
            for name in optimizers}
    return [program for program in torch
            if all(statistics.median(seconds[program][name]) > HOPELESS * best[name]
                   for name in optimizers)]


def run_rounds(options, python, seconds):
    """Adds to seconds[program][optimizer] the seconds of all epochs, a complete round at a time, so
    that what an interruption leaves is whole. Programs are named as the table's columns are."""
    programs = {"ours": lambda: run_ours(options)}
    for threads in options.torch_threads:
        name = f"torch, {threads} thread{'s' if threads > 1 else ''}"
        if options.device == "cuda":
            name = "torch"
        programs[name] = lambda n=threads: run_torch(options, python, n)
    for number in range(1, options.rounds + 1):
        results = {}
        for program, run in programs.items():
            results[program] = run()
            figures = ", ".join(f"{name} {digits(results[program][name][-1])} s"
                                for name in options.optimizers)
            say(f"round {number}/{options.rounds}  {program:16}  {figures}")
        for program, result in results.items():
            of_program = seconds.setdefault(program, {name: [] for name in options.optimizers})
            for name, epochs in result.items():
                of_program[name] += epochs
        if number == 1 and options.rounds > 1:
            for program in hopeless(seconds, options.optimizers):
                say(f"left out from now on: {program}, over {HOPELESS} times as slow as with "
                    "another number of threads")
                del programs[program]


def digits(seconds):
    """Two decimals, or three digits that count: an epoch on a GPU may take no second."""
    decimals = 2 if seconds <= 0 else max(2, 2 - math.floor(math.log10(seconds)))
    return f"{seconds:.{decimals}f}"


def print_table(seconds, optimizers):
    programs = list(seconds)
    headers = ["seconds an epoch"] + programs + ["torch / ours"]
    rows = []
    for name in optimizers:
        medians = [statistics.median(seconds[program][name]) for program in programs]
        ratio = min(medians[1:]) / medians[0]
        rows.append([name] + [digits(m) for m in medians] + [f"{ratio:.2f}"])
    widths = [max(len(row[i]) for row in [headers] + rows) for i in range(len(headers))]
    for row in [headers, ["-" * width for width in widths]] + rows:
        first, *others = (cell.ljust(w) if i == 0 else cell.rjust(w)
                          for i, (cell, w) in enumerate(zip(row, widths)))
        print("  ".join([first, *others]))


def whole(text):
    """As the apps take numbers: decimal digits. int() would take 1_000 and other scripts' digits."""
    if not re.fullmatch("[0-9]+", text) or not 1 <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"got '{text}', expected a whole number from 1 to {MOST}")
    return int(text)


def threads_list(text):
    return list(dict.fromkeys(whole(word) for word in text.split(",")))


class Parser(argparse.ArgumentParser):
    def error(self, message):
        say(f"error: {message.removeprefix('argument ')} (--help shows what there is)")
        sys.exit(2)


def parse():
    parser = Parser(
        prog="bench torch", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("protocol", choices=("mnist", "cifar"))
    parser.add_argument("--rounds", type=whole, help="default 5 for mnist, 3 for cifar")
    parser.add_argument("--epochs", type=whole, help="in each round (default 1, on a GPU 3)")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu",
                        help="where both train (default cpu)")
    parser.add_argument("--graph", choices=("on", "off"),
                        help="whether ours replays its steps as CUDA graphs (default: as the app "
                             "does)")
    parser.add_argument("--optimizers", default="muon,adamw",
                        help="of muon,hybrid,adamw,sgd (default muon,adamw)")
    parser.add_argument("--threads", type=whole, default=len(os.sched_getaffinity(0)),
                        help="of ours (default: all cores)")
    parser.add_argument("--torch-threads", type=threads_list, metavar="N,N",
                        help="of PyTorch, a column each (default: 1 and those of ours)")
    parser.add_argument("--precision", choices=PRECISIONS, default="float32",
                        help="of the products in training; PyTorch's by autocast (default float32)")
    parser.add_argument("--muon-precision", choices=PRECISIONS,
                        help="of ours in Muon's orthogonalization (default: what is fastest here)")
    parser.add_argument("--newton-schulz", choices=PRECISIONS, default="bfloat16",
                        help="PyTorch's Muon orthogonalizes in this (default bfloat16)")
    parser.add_argument("--data", type=pathlib.Path, help="folder with the data set")
    parser.add_argument("--apps", type=pathlib.Path, default=HERE.parents[1] / "build" / "apps",
                        help="folder with the programs")
    parser.add_argument("--skip-without-torch", dest="status_without_torch", action="store_const",
                        const=SKIPPED, default=1,
                        help=f"without PyTorch exit with {SKIPPED}, which ctest takes for skipped, "
                             "instead of 1")
    options = parser.parse_args()
    options.optimizers = options.optimizers.split(",")
    for name in options.optimizers:
        if name not in NAMES:
            parser.error(f"--optimizers: unknown optimizer '{name}', expected any of "
                         f"{', '.join(NAMES)}")
        if options.optimizers.count(name) > 1:
            parser.error(f"--optimizers: '{name}' is there more than once")
    if options.rounds is None:
        options.rounds = 5 if options.protocol == "mnist" else 3
    if options.epochs is None:
        options.epochs = 1 if options.device == "cpu" else 3
    if options.graph and options.device == "cpu":
        parser.error("--graph: needs --device cuda")
    if options.torch_threads and options.device == "cuda":
        parser.error("--torch-threads: only with --device cpu")
    if options.torch_threads is None:
        options.torch_threads = list(dict.fromkeys((1, options.threads)))
        if options.device == "cuda":
            options.torch_threads = [options.threads]
    name = "mnist" if options.protocol == "mnist" else "cifar10"
    options.data = options.data or HERE.parents[1] / "data" / "cache" / name
    if not options.data.is_dir():
        parser.error(f"--data: {options.data} is no folder; data/fetch.sh {name} fetches it")
    options.app = options.apps / f"{options.protocol}_compare"
    if not os.access(options.app, os.X_OK):
        parser.error(f"--apps: there is no program {options.app}; "
                     f"cmake --build build --target {options.app.name} makes it")
    return options


def main():
    options = parse()
    python, version = find_python(options.device, options.status_without_torch)
    products = "float32" if options.precision == "float32" else "autocast to bfloat16"
    print(f"{options.protocol}, rounds: {options.rounds}, epochs in each: {options.epochs}; PyTorch "
          f"{version}, {products}, Newton-Schulz "
          f"in {options.newton_schulz}; ours on {options.device} with {options.threads} threads, "
          f"{options.precision}, "
          f"Newton-Schulz in {options.muon_precision or 'what is fastest here'}", flush=True)
    seconds = {}
    status = 0
    try:
        run_rounds(options, python, seconds)
    except KeyboardInterrupt:
        say("\ninterrupted; the table has the complete rounds" if seconds else "\ninterrupted")
        status = 130
    if seconds:
        print()
        print_table(seconds, options.optimizers)
    return status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # before the first round
        sys.exit(130)
