// A file of CIFAR-10's training images, among the others.
#include "muonlab/data/cifar10.h"

#include "tests/folder.h"
#include "tests/fuzz/fuzz.h"

namespace muonlab::fuzz {
namespace {

const std::string image(3073, '\1');  // a label, then the pixels

/// A folder with an image in every file.
class Cifar10 {
 public:
  Cifar10() {
    for (const char number : {'1', '2', '3', '4', '5'}) {
      folder.write(std::string("data_batch_") + number + ".bin", image);
    }
    folder.write("test_batch.bin", image);
  }

  test::Folder folder;
};

}  // namespace

void read(const std::string& input) {
  static const Cifar10 cifar10;
  cifar10.folder.write("data_batch_3.bin", input);
  data::load_cifar10(cifar10.folder.path);
}

std::vector<std::string> seeds() { return {image, image + image}; }

}  // namespace muonlab::fuzz
