"""Writes spectra.json, the numbers that tests/apps/spectrum_test.cpp compares with.

    python3 tests/goldens/spectra.py    # needs NumPy (1.24 made it); no arguments

NumPy's singular value decomposition computes them in float64, from matrices of float32 numbers with
few digits. The distance from orthogonality is that of its definition: from the nearest multiple of
the polar factor.
"""

import json
import pathlib

import numpy


def coarse(matrix):
    """Few binary digits, which keeps the file short, and all of them in float32."""
    return numpy.round(matrix * 4096) / 4096


def graded(random, rows, columns, smallest):
    """Singular values from 1 down to `smallest`, evenly on a logarithmic axis."""
    count = min(rows, columns)
    u, _ = numpy.linalg.qr(random.normal(size=(rows, count)))
    v, _ = numpy.linalg.qr(random.normal(size=(columns, count)))
    return u @ numpy.diag(numpy.geomspace(1, smallest, count)) @ v.T


def case(matrix):
    u, values, v_transposed = numpy.linalg.svd(matrix, full_matrices=False)
    p = values[values > 0] / values.sum()
    polar = u @ v_transposed
    nearest = polar * (matrix * polar).sum() / (polar * polar).sum()
    distance = numpy.linalg.norm(matrix - nearest) / numpy.linalg.norm(nearest)
    return {
        "shape": list(matrix.shape),
        "matrix": matrix.flatten().tolist(),
        "singular_values": values.tolist(),
        "effective_rank": numpy.exp(-(p * numpy.log(p)).sum()),
        "distance_from_orthogonality": distance,
        "norm": numpy.linalg.norm(matrix),
    }


if __name__ == "__main__":
    random = numpy.random.default_rng(0)
    matrices = [
        coarse(random.normal(size=(5, 8))),
        coarse(random.normal(size=(9, 4))),
        coarse(graded(random, 7, 7, 1e-3) * 64),
        coarse(random.normal(size=(1, 6))),
        coarse(random.normal(size=(6, 2))) @ coarse(random.normal(size=(2, 5)) / 8),
    ]
    lines = ",\n".join(" " + json.dumps(case(m), separators=(",", ":")) for m in matrices)
    path = pathlib.Path(__file__).with_name("spectra.json")
    path.write_text("[\n" + lines + "\n]\n")
