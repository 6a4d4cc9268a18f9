#!/usr/bin/env python3
"""Trains as mnist_compare and cifar_compare do, in PyTorch.

The same network, batches, optimizers, rates and augmentation, so that seconds can be compared: all
images are in memory and no DataLoader costs time, denormals are flushed to zero (without that,
momentum decays into them), and Muon orthogonalizes in bfloat16, as its authors do. Weights and the
order of images are PyTorch's own, so losses agree only in the long run.

On a GPU all images lie there from the start, are shuffled, cropped and mirrored there, products in
float32 are float32's, without TF32, and cuDNN tries which of its convolutions is fastest. All runs
eagerly: nothing is compiled or recorded as a CUDA graph.

Prints a JSON object a line: one for each epoch of each optimizer.
"""

import argparse
import gzip
import json
import pathlib
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

CIFAR_MEAN = (0.4914, 0.4822, 0.4465)
CIFAR_DEVIATION = (0.2023, 0.1994, 0.2010)
PADDING = 4  # zeros around an image, of which a crop may take part


def orthogonalize(g, precision, steps=5):
    """Newton-Schulz with the standard coefficients, on the short side of the matrix."""
    x = g.to(precision)
    tall = x.size(0) > x.size(1)
    if tall:
        x = x.T
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        s = x @ x.T
        p = torch.addmm(s, s, s, beta=-4.7750, alpha=2.0315)
        x = torch.addmm(x, p, x, beta=3.4445)
    return (x.T if tall else x).float()


class Muon(torch.optim.Optimizer):
    """Muon for matrices and filter banks, at the rate `lr` times sqrt(max(1, rows / columns))."""

    def __init__(self, parameters, lr, momentum=0.95, precision=torch.bfloat16):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "precision": precision})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            momentum = group["momentum"]
            for w in group["params"]:
                if not self.state[w]:
                    self.state[w]["momentum"] = torch.zeros_like(w)
                b = self.state[w]["momentum"]
                b.lerp_(w.grad, 1 - momentum)
                u = w.grad.lerp(b, momentum).flatten(1)
                scale = max(1, u.size(0) / u.size(1)) ** 0.5
                update = orthogonalize(u, group["precision"])
                w.add_(update.view_as(w), alpha=-group["lr"] * scale)


def mlp():
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 256), nn.ReLU(),
        nn.Linear(256, 128), nn.ReLU(),
        nn.Linear(128, 10),
    )


def cnn():
    layers = []
    for inputs, outputs in ((3, 32), (32, 64), (64, 128)):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(
        *layers, nn.Flatten(),
        nn.Linear(2048, 512), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(512, 10),
    )


def split(model):
    """Matrices and filter banks between first and last, the last, and the biases."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    return matrices[:-1], matrices[-1:], [p for p in model.parameters() if p.ndim == 1]


def make_optimizers(name, protocol, model, precision):
    hidden, head, biases = split(model)
    mnist = protocol == "mnist"
    if name == "muon":
        return [
            Muon(hidden + head, 0.01, precision=precision),
            torch.optim.SGD(biases, 0.01, momentum=0.95, nesterov=True),
        ]
    if name == "hybrid":
        rate, rest = (0.005, 0.001) if mnist else (0.01, 0.003)
        return [
            Muon(hidden, rate, precision=precision),
            torch.optim.AdamW(head + biases, rest, weight_decay=0.01),
        ]
    if name == "adamw":
        return [torch.optim.AdamW(model.parameters(), 1e-3, weight_decay=0.01 if mnist else 1e-4)]
    if mnist:
        return [torch.optim.SGD(model.parameters(), 0.01)]
    return [torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, weight_decay=5e-4)]


def on(device, tensors):
    return [tensor.to(device) for tensor in tensors]


class Mnist:
    batch_size = 64
    make_model = staticmethod(mlp)

    def __init__(self, folder, device):
        self.images, self.labels = on(device, self.read(folder, "train"))
        self.test_images, self.test_labels = on(device, self.read(folder, "t10k"))

    @staticmethod
    def read(folder, part):
        def tensor_of(name, header):
            file = folder / name
            compressed = folder / f"{name}.gz"
            content = gzip.open(compressed).read() if compressed.exists() else file.read_bytes()
            return torch.from_numpy(numpy.frombuffer(content, numpy.uint8)[header:].copy())

        images = tensor_of(f"{part}-images-idx3-ubyte", 16).view(-1, 1, 28, 28)
        return images.float() / 255, tensor_of(f"{part}-labels-idx1-ubyte", 8).long()

    def batch(self, numbers):
        return self.images[numbers], self.labels[numbers]


class Cifar:
    batch_size = 128
    make_model = staticmethod(cnn)

    def __init__(self, folder, device):
        train = sorted(folder.glob("data_batch_?.bin"))
        images, self.labels = on(device, self.read(train))
        test_images, self.test_labels = on(device, self.read([folder / "test_batch.bin"]))
        # The zeros around the images are pixels too, so they come before the normalization.
        self.images = self.normalized(functional.pad(images, (PADDING,) * 4))
        self.test_images = self.normalized(test_images)

    @staticmethod
    def read(files):
        rows = numpy.concatenate([numpy.fromfile(f, numpy.uint8) for f in files])
        rows = torch.from_numpy(rows).view(-1, 3073)
        return rows[:, 1:].reshape(-1, 3, 32, 32), rows[:, 0].long()

    @staticmethod
    def normalized(images):
        mean = torch.tensor(CIFAR_MEAN, device=images.device).view(1, 3, 1, 1)
        deviation = torch.tensor(CIFAR_DEVIATION, device=images.device).view(1, 3, 1, 1)
        return (images.float() / 255 - mean) / deviation

    def batch(self, numbers):
        """Cropped and mirrored at random: one gather does both."""
        n = len(numbers)
        device = numbers.device
        side = torch.arange(32, device=device)
        rows = torch.randint(0, 2 * PADDING + 1, (n, 1), device=device) + side
        mirrored = torch.rand(n, 1, device=device) < 0.5
        columns = torch.where(mirrored, 31 - side, side)
        columns = columns + torch.randint(0, 2 * PADDING + 1, (n, 1), device=device)
        images = self.images[
            numbers.view(n, 1, 1, 1),
            torch.arange(3, device=device).view(1, 3, 1, 1),
            rows.view(n, 1, 32, 1),
            columns.view(n, 1, 1, 32),
        ]
        return images, self.labels[numbers]


def synchronize(device):
    """Waits until what was asked for is done, which on a GPU goes on behind the program."""
    if device.type == "cuda":
        torch.cuda.synchronize()


def train_epoch(data, model, optimizers, autocast):
    """Returns the mean loss of the batches."""
    model.train()
    losses = []
    device = data.images.device
    for numbers in torch.randperm(len(data.labels), device=device).split(data.batch_size):
        images, labels = data.batch(numbers)
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=autocast):
            logits = model(images)
        loss = functional.cross_entropy(logits.float(), labels)
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        losses.append(loss.item())
    synchronize(device)
    return sum(losses) / len(losses)


@torch.no_grad()
def accuracy(data, model):
    model.eval()
    right = 0
    for images, labels in zip(data.test_images.split(500), data.test_labels.split(500)):
        right += (model(images).argmax(1) == labels).sum().item()
    return right / len(data.test_labels)


def run(options, data, name):
    torch.manual_seed(options.seed)
    model = data.make_model().to(options.device)
    precision = torch.float32 if options.newton_schulz == "float32" else torch.bfloat16
    optimizers = make_optimizers(name, options.protocol, model, precision)
    schedules = []
    if options.protocol == "cifar":
        cosine = torch.optim.lr_scheduler.CosineAnnealingLR
        schedules = [cosine(optimizer, options.epochs) for optimizer in optimizers]
    for epoch in range(1, options.epochs + 1):
        synchronize(options.device)
        start = time.perf_counter()
        loss = train_epoch(data, model, optimizers, options.autocast)
        seconds = time.perf_counter() - start
        for schedule in schedules:
            schedule.step()
        result = {
            "optimizer": name, "threads": options.threads, "epoch": epoch, "loss": loss,
            "test_accuracy": accuracy(data, model), "train_seconds": seconds,
        }
        print(json.dumps(result), flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("protocol", choices=("mnist", "cifar"))
    parser.add_argument("data", type=pathlib.Path,
                        help="folder with MNIST's IDX files, or CIFAR-10's binary batches")
    parser.add_argument("--optimizers", default="muon,adamw", help="of muon,hybrid,adamw,sgd")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--autocast", action="store_true",
                        help="forward and backward in bfloat16, where PyTorch thinks it safe")
    parser.add_argument("--newton-schulz", choices=("bfloat16", "float32"), default="bfloat16")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = options.device == "cuda"
    options.device = torch.device(options.device)
    data = (Mnist if options.protocol == "mnist" else Cifar)(options.data, options.device)
    for name in options.optimizers.split(","):
        run(options, data, name)


if __name__ == "__main__":
    main()
