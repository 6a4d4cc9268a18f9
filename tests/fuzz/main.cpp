// What all targets share: the entry points that libFuzzer calls, and the start of a corpus.
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string_view>

#include "apps/kit/terminal.h"
#include "muonlab/core/error.h"
#include "muonlab/core/threads.h"
#include "tests/fuzz/fuzz.h"

namespace muonlab::fuzz {
namespace {

/// The words of the seeds, such as names of fields and options, and what numbers get wrong.
std::set<std::string> dictionary(const std::vector<std::string>& seeds) {
  std::set<std::string> words = {"null", "-1",   "1e39", "1e999", "9223372036854775807",
                                 "true", "-0.0", "nan",  "inf",   "18446744073709551615"};
  const auto is_part = [](char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 ||
           std::string_view("_-+.").find(letter) != std::string_view::npos;
  };
  for (const std::string& seed : seeds) {
    for (auto begin = seed.begin(); begin != seed.end();) {
      const auto end = std::find_if_not(begin, seed.end(), is_part);
      if (end - begin > 1) words.emplace(begin, end);
      begin = std::find_if(end, seed.end(), is_part);
    }
  }
  return words;
}

/// Fills the folder with the seeds, and a file with the dictionary. Throws when a seed is refused:
/// then it would lead nowhere.
void start_corpus(const std::filesystem::path& folder, const std::filesystem::path& words) {
  std::filesystem::create_directories(folder);
  const std::vector<std::string> all = seeds();
  for (std::size_t i = 0; i < all.size(); ++i) {
    read(all[i]);
    std::ofstream(folder / ("seed" + std::to_string(i)), std::ios::binary) << all[i];
  }
  std::ofstream file(words);
  for (const std::string& word : dictionary(all)) file << '"' << word << "\"\n";
}

}  // namespace
}  // namespace muonlab::fuzz

// NOLINTBEGIN(readability-identifier-naming): libFuzzer knows them by these names.

/// "fuzz_NAME start FOLDER DICTIONARY" starts a corpus; all else is libFuzzer's.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  muonlab::set_threads(1);
  if (*argc != 4 || std::string_view((*argv)[1]) != "start") return 0;
  try {
    muonlab::fuzz::start_corpus((*argv)[2], (*argv)[3]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "a seed is refused: %s\n", error.what());
    std::exit(1);
  }
  std::exit(0);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    muonlab::fuzz::read(std::string(data, data + size));
  } catch (const muonlab::Error& error) {
    if (muonlab::app::is_printable(error.what())) return 0;
    throw std::logic_error(std::string("a terminal cannot show: ") + error.what());
  }
  return 0;
}

// NOLINTEND(readability-identifier-naming)
