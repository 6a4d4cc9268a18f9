// Opens the pages of memory in a browser and counts what is drawn.
#include <string>

#include <doctest/doctest.h>

#include "muonlab/optim/rules.h"
#include "tests/browser/browser.h"

namespace muonlab::test {
namespace {

const std::string program = MUONLAB_MEMORY;
const auto rules = static_cast<int>(optim::named_rules().size());  // of Muon's family

TEST_CASE("the page of memory has the tutorial's figures beside ours") {
  const Folder folder;
  const std::string dom = page_of(folder, program, "");
  CHECK(charts(dom) == 2);
  CHECK(marks(dom, "models") == 7 * (4 + 1));       // four optimizers, and the tutorial's Adam
  CHECK(marks(dom, "counted") == (3 + rules) * 2);  // parameters and state
  CHECK(has(dom, "7B parameters take 84 GB with AdamW, 56 GB with Muon"));
  CHECK(has(dom, "<td>4.86 TB</td><td>4.9 TB</td>"));
  CHECK(tips_shown(folder, "report.html") == 2);
}

TEST_CASE("any number of parameters has a page, however large") {
  const Folder folder;
  CHECK(has(page_of(folder, program, "--parameters 340M"),
            "340M parameters take 4.08 GB with AdamW, 2.72 GB with Muon"));
  CHECK(has(page_of(folder, program, "--parameters 1"), "1 parameter takes 12 B with AdamW"));
  const std::string large = page_of(folder, program, "--parameters 1e18");
  CHECK(has(large, "1000000T parameters take 12 EB with AdamW, 8 EB with Muon"));
  CHECK(marks(large, "counted") == (3 + rules) * 2);
}

TEST_CASE("of a model there are predicted bars beside measured ones, and the peak") {
  const Folder folder;
  const std::string dom = page_of(folder, program, "--model mlp");
  CHECK(charts(dom) == 2);
  CHECK(marks(dom, "measured") == (4 + rules) * 2 * 3);  // optimizers; parameters, gradients, state
  CHECK(marks(dom, "peak") == (4 + rules) * 4);          // and the rest
  CHECK(has(dom, "The network of mnist_compare: 235,146 parameters, batches of 64."));
  CHECK(tips_shown(folder, "report.html") == 2);
}

}  // namespace
}  // namespace muonlab::test
