// For targets that read JSON: changes a value, a list or an object in it, where libFuzzer's own
// changes of bytes mostly end at the parser.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace muonlab::fuzz {
namespace {

using Json = nlohmann::ordered_json;
using Random = std::minstd_rand;

std::size_t below(std::size_t count, Random& random) { return random() % count; }

void collect(Json& json, std::vector<Json*>& nodes) {
  nodes.push_back(&json);
  if (!json.is_structured()) return;
  for (Json& child : json) collect(child, nodes);
}

Json odd_value(Random& random) {
  using Limits = std::numeric_limits<std::int64_t>;
  const std::vector<Json> values = {nullptr,
                                    true,
                                    0,
                                    1,
                                    -1,
                                    0.5,
                                    -0.0,
                                    1e308,
                                    1e39,
                                    5e-324,
                                    Limits::max(),
                                    Limits::max() - 1,
                                    Limits::min(),
                                    std::numeric_limits<std::uint64_t>::max(),
                                    std::int64_t{1} << 31,
                                    "",
                                    "x",
                                    "a\nb\x1b[0m",
                                    std::string(300, 'x'),
                                    Json::array(),
                                    Json::object(),
                                    {1, 2, 3}};
  return values[below(values.size(), random)];
}

/// The next or the last whole number, a multiple of any other.
void change_number(Json& number, Random& random) {
  if (number.is_number_unsigned()) {
    number = number.get<std::uint64_t>() + (below(2, random) == 0 ? 1 : -1);
  } else if (number.is_number()) {
    number = number.get<double>() * (below(2, random) == 0 ? -1 : 1000);
  }
}

/// Something about a list or an object: one item less, one twice, or one more.
void change_items(Json& items, const Json& other, Random& random) {
  const std::size_t choice = below(3, random);
  if (choice == 0 && !items.empty()) {
    auto item = items.begin();
    std::advance(item, static_cast<std::ptrdiff_t>(below(items.size(), random)));
    items.erase(item);
  } else if (items.is_array()) {
    const Json copy = choice == 1 && !items.empty() ? items[below(items.size(), random)] : other;
    items.push_back(copy);
  } else if (items.is_object()) {
    items["x" + std::to_string(below(3, random))] = other;
  }
}

void change(Json& root, Random& random) {
  std::vector<Json*> nodes;
  collect(root, nodes);
  Json& node = *nodes[below(nodes.size(), random)];
  const Json other = *nodes[below(nodes.size(), random)];
  switch (below(4, random)) {
    case 0: node = odd_value(random); break;
    case 1: node = other; break;
    case 2: change_number(node, random); break;
    default:
      if (node.is_structured()) change_items(node, other, random);
  }
}

/// `text` with a change in one of its lines; empty when that is no JSON.
std::string changed(const std::string& text, Random& random) {
  const std::ptrdiff_t lines = std::ranges::count(text, '\n') + 1;
  std::size_t begin = 0;
  for (std::size_t skip = below(static_cast<std::size_t>(lines), random); skip > 0; --skip) {
    begin = text.find('\n', begin) + 1;
  }
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  Json json = Json::parse(text.substr(begin, end - begin), nullptr, /*allow_exceptions=*/false);
  if (!json.is_structured()) return "";
  do {
    change(json, random);
  } while (below(2, random) == 0);
  return text.substr(0, begin) + json.dump(-1, ' ', false, Json::error_handler_t::replace) +
         text.substr(end);
}

}  // namespace
}  // namespace muonlab::fuzz

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer knows it by this name.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  muonlab::fuzz::Random random(seed);
  if (random() % 4 == 0) return LLVMFuzzerMutate(data, size, max_size);
  const std::string text = muonlab::fuzz::changed(std::string(data, data + size), random);
  if (text.empty() || text.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::ranges::copy(text, data);
  return text.size();
}
