"""Exchanges weights between PyTorch and muonlab, with a reader and a writer of its own.

    python3 tests/goldens/safetensors.py write        # from_torch.safetensors; same bytes again
    python3 tests/goldens/safetensors.py check FILE   # does PyTorch compute what muonlab did?

Needs PyTorch (made with 1.13). tests/checkpoint_test.cpp reads what `write` makes. FILE is one that
muonlab wrote: the parameters of Net, and as "y" what Net gave with them for the symbols 0 to 3.
"""

import json
import pathlib
import struct
import sys

import torch
from torch import nn

GOLDEN = pathlib.Path(__file__).with_name("from_torch.safetensors")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(4, 3)
        self.fc = nn.Linear(3, 4)
        self.norm = nn.LayerNorm(4)

    def forward(self, symbols):
        return self.norm(self.fc(self.table(symbols)))


def pack(tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        begin = len(data)
        data += tensor.numpy().astype("<f4").tobytes()
        shape = list(tensor.shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, len(data)]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def unpack(content):
    (size,) = struct.unpack_from("<Q", content)
    header, data = json.loads(content[8 : 8 + size]), content[8 + size :]
    assert size % 8 == 0, "the elements are not aligned"
    tensors, position = {}, 0
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        assert entry["dtype"] == "F32" and begin == position, name
        elements = torch.frombuffer(bytearray(data[begin:end]), dtype=torch.float32)
        tensors[name] = elements.reshape(entry["shape"])
        position = end
    assert position == len(data), "bytes after the last tensor"
    return tensors


@torch.no_grad()
def write():
    torch.manual_seed(0)
    net = Net()
    for parameter in net.parameters():
        parameter.normal_()
    GOLDEN.write_bytes(pack(net.state_dict()))
    print("y =", net(torch.arange(4)))


@torch.no_grad()
def check(file):
    tensors = unpack(pathlib.Path(file).read_bytes())
    expected = tensors.pop("y")
    net = Net()
    net.load_state_dict(tensors)  # strict: the same names and shapes
    error = (net(torch.arange(4)) - expected).abs().max().item()
    print(f"{file}: {len(tensors)} parameters loaded, y differs by at most {error:.1e}")
    return error < 1e-5


if __name__ == "__main__":
    torch.set_printoptions(precision=8)
    if sys.argv[1:] == ["write"]:
        write()
    elif len(sys.argv) == 3 and sys.argv[1] == "check":
        sys.exit(0 if check(sys.argv[2]) else "y differs by too much")
    else:
        sys.exit(__doc__)
