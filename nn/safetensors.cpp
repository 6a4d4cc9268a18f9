#include "muonlab/nn/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <utility>

namespace muonlab::nn {
namespace {

static_assert(std::endian::native == std::endian::little && std::numeric_limits<float>::is_iec559,
              "elements go between memory and file as they are");

using Json = nlohmann::json;

constexpr Index element_size = sizeof(float);
constexpr std::uint64_t max_header = 100'000'000;  // bytes, as in the reference implementation
constexpr const char* metadata = "__metadata__";

/// One tensor in the header.
struct Entry {
  std::string name;
  Shape shape;
  Index begin;  // of its bytes, counted from the end of the header
  Index end;
  bool is_counter;  // PyTorch's num_batches_tracked, which is skipped
};

/// `json` for error messages: on one line, cut when it is long.
std::string excerpt(const Json& json) {
  constexpr std::size_t limit = 60;
  const std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() <= limit ? text : text.substr(0, limit) + "...";
}

std::string read_header(files::Reader& file) {
  std::uint64_t size = 0;
  check(file.remaining() >= Index{sizeof(size)}, file.name(), ": cut short, got ", file.remaining(),
        " bytes, expected at least ", sizeof(size));
  file.read(std::as_writable_bytes(std::span(&size, 1)));
  check(2 <= size && size <= max_header, file.name(), ": not a safetensors file, got a header of ",
        size, " bytes, expected 2 to ", max_header);
  check(std::cmp_less_equal(size, file.remaining()), file.name(), ": cut short, got ",
        file.remaining(), " bytes of the header, expected ", size);
  std::string header(size, '\0');
  file.read(std::as_writable_bytes(std::span(header)));
  return header;
}

bool is_index(const Json& json) {
  return json.is_number_unsigned() && std::in_range<Index>(json.get<std::uint64_t>());
}

std::vector<Index> to_indices(const Json& entry, const char* field) {
  const Json list = entry.value(field, Json());
  check(list.is_array() && std::all_of(list.begin(), list.end(), is_index), field, ": got ",
        excerpt(list), ", expected a list of whole numbers");
  return list.get<std::vector<Index>>();
}

Entry to_entry(const std::string& name, const Json& json) {
  const Json dtype = json.value("dtype", Json());
  const bool is_counter = dtype == "I64" && ('.' + name).ends_with(".num_batches_tracked");
  check(is_counter || dtype == "F32", "dtype ", excerpt(dtype),
        " is not supported, convert to F32");
  const Index size = is_counter ? Index{sizeof(std::int64_t)} : element_size;
  const Shape shape(to_indices(json, "shape"));
  const std::vector<Index> offsets = to_indices(json, "data_offsets");
  check(offsets.size() == 2 && offsets[0] <= offsets[1], "data_offsets: got ",
        excerpt(json["data_offsets"]), ", expected where its bytes begin and end");
  const Index bytes = offsets[1] - offsets[0];
  check(bytes % size == 0 && bytes / size == shape.count(), "got ", bytes, " bytes, expected ",
        size, " for each of the ", shape.count(), " elements of ", shape);
  return {name, shape, offsets[0], offsets[1], is_counter};
}

/// Takes the header from the JSON parser piece by piece, and keeps only the tensor that is being
/// read: the whole tree of a hostile header is some 30 times as large as the header, and the parser
/// would look through all of it after each tensor.
class HeaderPieces {
 public:
  using Event = Json::parse_event_t;

  /// Whether to keep `json`, a piece that begins or ends at `depth`: 0 for the header, 1 for a
  /// tensor, 2 for a field of one, 3 for a number in a list. Throws for anything that no valid
  /// header has.
  bool take(int depth, Event event, Json& json) {
    switch (event) {
      case Event::object_start:
        check(depth < 2, "nested too deep");
        fields_.clear();
        break;
      case Event::array_start:
        check(depth != 1, "not an object");
        check(depth < 3, "nested too deep");
        list_size_ = 0;
        break;
      case Event::key: take_name(depth, json.get<std::string>()); break;
      case Event::value:
        check(depth != 1 || (name_ == metadata && json.is_null()), "not an object");
        if (depth == 3) ++list_size_;
        check(list_size_ <= Shape::max_rank, "a list is too long, expected at most ",
              Shape::max_rank, " axes");
        break;
      case Event::array_end: break;
      case Event::object_end:
        if (depth == 1) take_object(json);
        return depth != 1;
    }
    return true;
  }

  /// What is being read, for error messages.
  std::string place() const { return name_ == metadata ? metadata : "tensor " + quote(name_); }

  std::vector<Entry> entries;

 private:
  void take_name(int depth, const std::string& name) {
    if (depth == 1) name_ = name;
    const bool is_new = (depth == 1 ? names_ : fields_).insert(name).second;
    check(is_new, depth == 1 ? "its name" : quote(name), " is there twice");
  }

  void take_object(const Json& json) {
    if (name_ != metadata) {
      entries.push_back(to_entry(name_, json));
      return;
    }
    for (const Json& remark : json) {
      check(remark.is_string(), "got ", excerpt(remark), ", expected a string");
    }
  }

  std::set<std::string> names_;   // of all objects so far
  std::set<std::string> fields_;  // of the object that is being read
  std::string name_;              // of that object
  int list_size_ = 0;             // of the list that is being read
};

/// All tensors of the header, each valid in itself.
std::vector<Entry> parse(const std::string& header, const std::string& file) {
  check(header.front() == '{', file, ": not a safetensors file, its header begins with ",
        quote(header.substr(0, 1)), ", expected \"{\"");
  HeaderPieces pieces;
  const auto take = [&pieces](int depth, HeaderPieces::Event event, Json& json) {
    return pieces.take(depth, event, json);
  };
  Json rest;
  try {
    rest = Json::parse(header, take, /*allow_exceptions=*/false);
  } catch (const Error& error) {
    throw Error(file + ": " + pieces.place() + ": " + error.what());
  }
  // The parser takes a zero byte for the end.
  check(!rest.is_discarded() && header.find('\0') == std::string::npos, file,
        ": the header is not valid JSON");
  return std::move(pieces.entries);
}

/// Sorts the tensors by the place of their bytes. Throws unless their bytes fill the rest of the
/// file, without overlap or gap.
void sort_by_place(std::vector<Entry>& entries, const files::Reader& file) {
  std::ranges::stable_sort(entries, {}, [](const Entry& e) { return std::pair(e.begin, e.end); });
  Index end = 0;
  for (const Entry& entry : entries) {
    check(entry.begin == end, file.name(), ": tensor ", quote(entry.name), ": its bytes begin at ",
          entry.begin, ", expected ", end, ", where those before it end");
    end = entry.end;
  }
  const char* wrong = file.remaining() < end ? ": cut short, got " : ": too long, got ";
  check(file.remaining() == end, file.name(), wrong, file.remaining(),
        " bytes after the header, expected ", end);
}

void check_names(const std::vector<NamedTensor>& tensors, const std::filesystem::path& path) {
  std::set<std::string> names{metadata};
  for (const auto& [name, tensor] : tensors) {
    check(names.insert(name).second, "cannot write ", path.string(), ": the name ", quote(name),
          " is taken");
  }
}

/// The header, padded with spaces to a multiple of 8 bytes, so that the elements are aligned in the
/// file.
std::string to_header(const std::vector<NamedTensor>& tensors, const std::filesystem::path& path) {
  auto json = nlohmann::ordered_json::object();
  Index end = 0;
  for (const auto& [name, tensor] : tensors) {
    const Index begin = std::exchange(end, end + tensor.count() * element_size);
    json[name] = {{"dtype", "F32"},
                  {"shape", std::vector(tensor.shape().begin(), tensor.shape().end())},
                  {"data_offsets", {begin, end}}};
  }
  std::string header;
  try {
    header = json.dump();
  } catch (const Json::type_error&) {
    throw Error("cannot write " + path.string() + ": a tensor's name is not UTF-8");
  }
  header.resize((header.size() + 7) / 8 * 8, ' ');
  return header;
}

}  // namespace

files::Seal write_safetensors(const std::filesystem::path& path,
                              const std::vector<NamedTensor>& tensors) {
  check_names(tensors, path);
  const std::string header = to_header(tensors, path);
  const std::uint64_t size = header.size();
  files::Replacement file(path);
  file.write(std::as_bytes(std::span(&size, 1)));
  file.write(std::as_bytes(std::span(header)));
  for (const auto& [name, tensor] : tensors) {
    const Tensor on_cpu = tensor.to(Device::cpu);
    file.write(std::as_bytes(on_cpu.values()));
  }
  file.commit();
  return file.seal();
}

std::vector<NamedTensor> read_safetensors(const std::filesystem::path& path) {
  files::Reader file(path);
  std::vector<Entry> entries = parse(read_header(file), file.name());
  sort_by_place(entries, file);
  std::vector<NamedTensor> tensors;
  for (const Entry& entry : entries) {
    if (entry.is_counter) {
      Array<std::int64_t> counter(entry.shape);
      file.read(std::as_writable_bytes(counter.values()));
      continue;
    }
    Tensor tensor(entry.shape);
    file.read(std::as_writable_bytes(tensor.values()));
    tensors.push_back({entry.name, tensor});
  }
  return tensors;
}

std::string quote(const std::string& name) { return excerpt(name); }

}  // namespace muonlab::nn
