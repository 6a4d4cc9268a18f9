"""Writes trajectories.json and ops.json, the numbers that tests/golden_test.cpp compares with.

    python3 tests/goldens/make.py    # needs PyTorch (1.13 made them) and NumPy; no arguments

PyTorch's layers, losses, SGD, Adam, AdamW, clipping and schedules compute them. Muon is written
here, from the papers and without muonlab's code: it orthogonalizes by a singular value
decomposition, where muonlab runs Newton-Schulz steps.

Everything runs in float64, from inputs that are float32 numbers, and is rounded to float32 when
written. So the error that the test sees is muonlab's alone. A float32 reference would add one as
large, which Muon amplifies: its steps multiply the smallest singular values by up to 1000.
"""

import json
import math
import pathlib
import warnings

import numpy
import torch
from torch.nn import functional
from torch.optim import SGD, Adam, AdamW
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

STEPS, WARMUP, BATCH, LENGTH, SYMBOLS, CLASSES = 20, 5, 16, 3, 9, 5

# a, b, c of a s + b s^3 + c s^5, one row per step; steps beyond the last row repeat it.
COEFFICIENTS = {
    "standard": [(3.4445, -4.7750, 2.0315)],  # https://kellerjordan.github.io/posts/muon/
    "quintic": [  # Jiacheng You 2024
        (4.0848, -6.8946, 2.9270),
        (3.9505, -6.3029, 2.6377),
        (3.7418, -5.5913, 2.3037),
        (2.8769, -3.1427, 1.2046),
        (2.8366, -3.0525, 1.2012),
    ],
    "polar_express": [  # arXiv:2505.16932, safety factor 1.02
        (8.156554524902461, -22.48329292557795, 15.878769915207462),
        (4.042929935166739, -2.808917465908714, 0.5000178451051316),
        (3.8916678022926607, -2.772484153217685, 0.5060648178503393),
        (3.285753657755655, -2.3681294933425376, 0.46449024233003106),
        (2.3465413258596377, -1.7097828382687081, 0.42323551169305323),
    ],
    "cubic": [(1.5, -0.5, 0.0)],  # Bjorck, Bowie 1971
}

SCALES = {
    "original": lambda rows, columns: math.sqrt(max(1, rows / columns)),
    "match_rms": lambda rows, columns: 0.2 * math.sqrt(max(rows, columns)),  # arXiv:2502.16982
    "spectral": lambda rows, columns: math.sqrt(rows / columns),  # arXiv:2310.17813
}


def sequence(name, steps):
    return [COEFFICIENTS[name][min(i, len(COEFFICIENTS[name]) - 1)] for i in range(steps)]


def orthogonalize(g, name, steps):
    """U p(S / |g|) V^T, where U S V^T = g and p is the composition of the polynomials."""
    u, s, v_transposed = torch.linalg.svd(g, full_matrices=False)
    s = s / g.norm()
    for a, b, c in sequence(name, steps):
        s = a * s + b * s**3 + c * s**5
    return u @ torch.diag(s) @ v_transposed


def newton_schulz(g, name, steps):
    """The same by products of matrices: checks orthogonalize(), makes no golden."""
    x = g / g.norm()
    for a, b, c in sequence(name, steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x


def check_orthogonalize():
    for shape in [(8, 12), (14, 8), (6, 6), (1, 5), (5, 1)]:
        g = torch.randn(shape, dtype=torch.float64)
        for name in COEFFICIENTS:
            for steps in [1, 3, 5, 7]:
                error = (orthogonalize(g, name, steps) - newton_schulz(g, name, steps)).norm()
                assert error < 1e-11, (shape, name, steps, error)


class Muon(torch.optim.Optimizer):
    """Momentum in Jordan's average or Moonlight's sum form, orthogonalized, scaled by shape; the
    decay is decoupled and uses the rate without the scale."""

    def __init__(self, parameters, **options):
        defaults = dict(momentum=0.95, nesterov=True, form="average", coefficients="standard",
                        steps=5, scale="original", weight_decay=0.0)
        super().__init__(parameters, defaults | options)

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for w in group["params"]:
                u = self.direction(w, group)
                o = orthogonalize(u, group["coefficients"], group["steps"])
                w.mul_(1 - group["lr"] * group["weight_decay"])
                w.sub_(group["lr"] * SCALES[group["scale"]](*w.shape) * o)

    def direction(self, w, group):
        momentum = group["momentum"]
        fresh = 1 - momentum if group["form"] == "average" else 1
        b = self.state[w].setdefault("momentum", torch.zeros_like(w))
        b.mul_(momentum).add_(fresh * w.grad)
        return fresh * w.grad + momentum * b if group["nesterov"] else b.clone()


class Network(torch.nn.Module):
    """One hidden matrix is wide, the other tall; dropout is there to be off. Two choices keep
    rounding small: the activations have no kink where it could choose the other side, and the layer
    norm does not follow a matrix directly, whose gradient would then have a singular value of 0 for
    Muon to amplify."""

    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(SYMBOLS, 4)
        self.wide = torch.nn.Linear(4 * LENGTH, 8)
        self.norm = torch.nn.LayerNorm(8)
        self.dropout = torch.nn.Dropout(0.5)
        self.tall = torch.nn.Linear(8, 14)
        self.head = torch.nn.Linear(14, CLASSES)
        torch.nn.init.normal_(self.norm.weight, 1, 0.2)  # torch starts at 1 and 0
        torch.nn.init.normal_(self.norm.bias, 0, 0.2)
        self.double().eval()

    def forward(self, symbols):
        x = self.embedding(symbols).flatten(1)
        x = self.dropout(self.norm(functional.gelu(self.wide(x))))
        return self.head(torch.tanh(self.tall(x)))

    def hidden(self):
        return [self.wide.weight, self.tall.weight]

    def rest(self):
        return [p for p in self.parameters() if all(p is not q for q in self.hidden())]


def everywhere(rule, **options):
    """One optimizer for all parameters."""
    return lambda network: [rule(network.parameters(), **options)]


def muon_and(muon, rule, **options):
    """Muon for the hidden matrices, another rule for the rest."""
    return lambda network: [Muon(network.hidden(), **muon), rule(network.rest(), **options)]


# Name: how to make the optimizers, and what else differs. golden_test.cpp has the same table.
CASES = {
    "sgd": (everywhere(SGD, lr=0.1), {}),
    "sgd, nesterov and L2": (
        everywhere(SGD, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01), {}),
    "sgd, dampening": (everywhere(SGD, lr=0.1, momentum=0.8, dampening=0.3), {}),
    "sgd, clipped": (everywhere(SGD, lr=0.2, momentum=0.9), {"max_norm": 0.6}),
    "adam, L2": (everywhere(Adam, lr=0.01, weight_decay=0.02), {}),
    "adam, smoothed labels": (
        everywhere(Adam, lr=0.01, betas=(0.8, 0.95), eps=1e-3), {"label_smoothing": 0.1}),
    "adamw": (everywhere(AdamW, lr=0.01, weight_decay=0.1), {}),
    "adamw, cosine": (everywhere(AdamW, lr=0.02, weight_decay=0.01), {"cosine": True}),
    "muon": (muon_and(dict(lr=0.02), SGD, lr=0.1), {}),
    "muon, sum": (
        muon_and(dict(lr=0.05, momentum=0.8, nesterov=False, form="sum", scale="match_rms",
                      coefficients="quintic", steps=6), SGD, lr=0.1), {}),
    "muon, decay": (
        muon_and(dict(lr=0.02, scale="spectral", coefficients="polar_express", weight_decay=0.5),
                 SGD, lr=0.1), {}),
    "muon, cubic": (
        muon_and(dict(lr=0.02, momentum=0.9, form="sum", coefficients="cubic", steps=3),
                 SGD, lr=0.1), {}),
    "hybrid": (
        muon_and(dict(lr=0.02, scale="match_rms", weight_decay=0.1), AdamW, lr=0.01,
                 weight_decay=0.1),
        {"cosine": True, "max_norm": 0.55}),
}


def warmup_and_cosine(optimizer):
    warnings.filterwarnings("ignore", "The epoch parameter")  # SequentialLR's own use of it
    rise = LinearLR(optimizer, start_factor=1 / WARMUP, total_iters=WARMUP - 1)
    fall = CosineAnnealingLR(optimizer, STEPS - WARMUP, eta_min=0.1 * optimizer.defaults["lr"])
    return SequentialLR(optimizer, [rise, fall], [WARMUP])


def train(network, batches, make, label_smoothing=0.0, max_norm=math.inf, cosine=False):
    """The loss of each step, before its update."""
    optimizers = make(network)
    schedules = [warmup_and_cosine(optimizer) for optimizer in optimizers] if cosine else []
    losses = []
    for symbols, labels in zip(*batches):
        network.zero_grad()
        loss = functional.cross_entropy(network(symbols), labels, label_smoothing=label_smoothing)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), max_norm)
        for part in optimizers + schedules:
            part.step()
        losses.append(loss.item())
    return losses


def numbers(tensor):
    """Row-major, each with as few digits as bring the float32 back."""
    flat = numpy.asarray(torch.as_tensor(tensor).detach(), dtype=numpy.float32).ravel()
    return [float(str(x)) for x in flat]


def parameters(network):
    return {name: numbers(p) for name, p in network.named_parameters()}


def trajectories():
    torch.manual_seed(1)
    symbols = torch.randint(SYMBOLS, (STEPS, BATCH, LENGTH))
    labels = symbols[..., 0] % CLASSES  # something to learn
    start = Network().float().double()
    cases = {}
    for name, (make, options) in CASES.items():
        network = Network()
        network.load_state_dict(start.state_dict())
        losses = train(network, (symbols, labels), make, **options)
        cases[name] = {"losses": numbers(losses), "final": parameters(network)}
    return {
        "symbols": symbols.flatten().tolist(),
        "labels": labels.flatten().tolist(),
        "initial": parameters(start),
        "cases": cases,
    }


def normal(*shape, deviation=2.0, mean=0.0):
    """Numbers that float32 holds exactly."""
    return (torch.randn(shape) * deviation + mean).double()


def positive(*shape):
    return (torch.rand(shape) + 0.5).double()


def ops():
    """Names, shapes and indices are those of tests/op_cases.h. Logits lie around 100, where exp(x)
    itself is beyond float32; what layer_norm sees varies so little that eps counts."""
    torch.manual_seed(2)
    f = functional
    index = torch.tensor([[0, 3, 1], [1, 3, 3]])
    labels = torch.tensor([4, 0, 2])
    logits = [normal(3, 5, mean=100)]
    return {name: golden(op, inputs) for name, op, inputs in [
        ("tanh", torch.tanh, [normal(4, 5)]),
        ("sigmoid", torch.sigmoid, [normal(4, 5)]),
        ("silu", f.silu, [normal(4, 5)]),
        ("gelu", f.gelu, [normal(4, 5)]),
        ("gelu_tanh", lambda x: f.gelu(x, approximate="tanh"), [normal(4, 5)]),
        ("add, both repeat", torch.add, [normal(3, 1, 2), normal(4, 1)]),
        ("mul", torch.mul, [normal(2, 3, 4), normal(3, 1)]),
        ("div", torch.div, [normal(2, 3), positive(2, 3)]),
        ("div, a column", torch.div, [normal(2, 3), positive(2, 1)]),
        ("matmul, batched", torch.matmul, [normal(2, 3, 4), normal(2, 4, 5)]),
        ("matmul, shared b", torch.matmul, [normal(2, 3, 4), normal(4, 5)]),
        ("linear, of three axes", f.linear, [normal(2, 3, 4), normal(5, 4), normal(5)]),
        ("softmax", lambda x: f.softmax(x, -1), logits),
        ("log_softmax", lambda x: f.log_softmax(x, -1), logits),
        ("layer_norm", lambda x, gain, bias: f.layer_norm(x, (6,), gain, bias),
         [normal(3, 6, deviation=0.02, mean=0.05), normal(6), normal(6)]),
        ("embedding", lambda table: f.embedding(index, table), [normal(4, 3)]),
        ("cross_entropy", lambda x: f.cross_entropy(x, labels), logits),
        ("cross_entropy, smoothed sum",
         lambda x: f.cross_entropy(x, labels, label_smoothing=0.2, reduction="sum"), logits),
    ]}


def golden(op, inputs):
    """op(inputs), and the gradients of <op(inputs), weights>."""
    leaves = [x.clone().requires_grad_() for x in inputs]
    y = op(*leaves)
    weights = normal(*y.shape)
    (y * weights).sum().backward()
    return {
        "inputs": [numbers(x) for x in inputs],
        "weights": numbers(weights),
        "output": numbers(y),
        "gradients": [numbers(leaf.grad) for leaf in leaves],
    }


def to_json(value, indent=""):
    """A line for each list, so that a change to one is a change of one line."""
    if not isinstance(value, dict):
        return json.dumps(value, separators=(",", ":"))
    inner = indent + " "
    rows = [f"{inner}{json.dumps(key)}: {to_json(item, inner)}" for key, item in value.items()]
    return "{\n" + ",\n".join(rows) + "\n" + indent + "}"


if __name__ == "__main__":
    check_orthogonalize()
    folder = pathlib.Path(__file__).parent
    (folder / "trajectories.json").write_text(to_json(trajectories()) + "\n")
    (folder / "ops.json").write_text(to_json(ops()) + "\n")
