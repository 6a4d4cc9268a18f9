#!/usr/bin/env python3
"""Makes data/mini from the full MNIST: the first images of each class, in their original order.

usage: make.py FOLDER    (the four IDX files, plain, as data/fetch.sh leaves them)
"""

import gzip
import struct
import sys
from collections import Counter
from pathlib import Path

PER_CLASS = {"train": 1000, "t10k": 200}
IMAGE_BYTES = 28 * 28


def first_of_each_class(labels: bytes, per_class: int) -> list[int]:
    """The positions of the first `per_class` labels of every class, ascending."""
    seen = Counter()
    positions = []
    for position, label in enumerate(labels):
        seen[label] += 1
        if seen[label] <= per_class:
            positions.append(position)
    return positions


def write(name: str, sizes: tuple[int, ...], elements: bytes) -> None:
    """Writes a gzipped IDX file of unsigned bytes beside this script."""
    header = struct.pack(f">4B{len(sizes)}I", 0, 0, 0x08, len(sizes), *sizes)
    with open(Path(__file__).parent / f"{name}.gz", "wb") as file:
        # Neither name nor time in the header, so that every run writes the same.
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=9, mtime=0) as packed:
            packed.write(header + elements)


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    folder = Path(sys.argv[1])
    for part, per_class in PER_CLASS.items():
        images_name, labels_name = f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"
        images = (folder / images_name).read_bytes()[16:]
        labels = (folder / labels_name).read_bytes()[8:]
        chosen = first_of_each_class(labels, per_class)
        pixels = b"".join(images[i * IMAGE_BYTES : (i + 1) * IMAGE_BYTES] for i in chosen)
        write(images_name, (len(chosen), 28, 28), pixels)
        write(labels_name, (len(chosen),), bytes(labels[i] for i in chosen))


main()
