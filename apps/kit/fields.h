#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "muonlab/core/shape.h"

namespace muonlab::app {

using Json = nlohmann::ordered_json;

/// Part of a JSON file that nobody has checked yet. Members that return a value throw unless the
/// part has the kind and the range that they ask for; has() and is_null() only look. The message is
/// one line that names the file and the place: "FILE: runs[0].epochs: is missing".
class Fields {
 public:
  /// `json` must outlive this; messages call it `file`.
  Fields(const Json& json, std::string file) : Fields(json, std::move(file), "") {}

  /// The field of this name, of any kind. Throws unless this is an object that has it.
  Fields at(const std::string& name) const;

  bool has(const std::string& name) const { return json_->contains(name); }
  bool is_null() const { return json_->is_null(); }

  /// The items of a list: their number, item i < size(), and take(item) for each, in order.
  std::size_t size() const;
  Fields item(std::size_t i) const;
  template <class Take>
  void each(const Take& take) const {
    for (std::size_t i = 0; i < size(); ++i) take(item(i));
  }

  // Control characters are refused, because a terminal would obey them; numbers are finite and
  // within [low, high].
  std::vector<std::string> names() const;  // of an object's fields
  std::string text() const;
  double number(double low, double high = std::numeric_limits<double>::max()) const;
  Index whole(Index low, Index high = std::numeric_limits<Index>::max()) const;
  std::uint64_t bits() const;  // a whole number below 2^64

  /// Throws "FILE: PLACE: got ..., expected ..." unless `condition` holds.
  void check_is(bool condition, const std::string& expected) const;

 private:
  Fields(const Json& json, std::string file, std::string place);

  const Json* json_;
  std::string file_;
  std::string place_;
};

}  // namespace muonlab::app
