// The labels of MNIST, for two images.
#include "muonlab/data/mnist.h"

#include "tests/folder.h"
#include "tests/fuzz/fuzz.h"

namespace muonlab::fuzz {
namespace {

using namespace std::string_literals;

const std::string good = "\0\0\x08\1\0\0\0\2\0\x09"s;

/// A folder with the other files.
class Mnist {
 public:
  Mnist() {
    const std::string images =
        "\0\0\x08\3\0\0\0\2\0\0\0\x1c\0\0\0\x1c"s + std::string(std::size_t{2} * 28 * 28, 'x');
    folder.write("train-images-idx3-ubyte", images);
    folder.write("t10k-images-idx3-ubyte", images);
    folder.write("t10k-labels-idx1-ubyte", good);
  }

  test::Folder folder;
};

}  // namespace

void read(const std::string& input) {
  static const Mnist mnist;
  mnist.folder.write("train-labels-idx1-ubyte", input);
  data::load_mnist(mnist.folder.path);
}

std::vector<std::string> seeds() { return {good}; }

}  // namespace muonlab::fuzz
