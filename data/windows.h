#pragma once

#include <string>
#include <string_view>

#include "muonlab/data/examples.h"

namespace muonlab::data {

/// A text as examples: pieces of `length` tokens, one after the other, each labelled by the tokens
/// that come next.
///
///     Windows windows(bytes_as_tokens("to be or not"), 4, 256);
///     // example 0 has the tokens "to b" and the labels "o be", example 1 "e or" and " or "
///
/// The last tokens that make no whole piece are left out.
class Windows final : public Examples {
 public:
  /// `tokens` is (n), each within [0, classes). Throws unless they are, and make one window.
  Windows(const Integers& tokens, Index length, Index classes);

  Index size() const override { return tokens_.shape()[0]; }
  Device device() const override { return tokens_.device(); }
  Index classes() const override { return classes_; }
  Index bytes() const override;
  std::string content() const override;
  Batch batch(const Draw& draw) const override;
  bool take_work() const override { return false; }

 private:
  Integers tokens_;  // (size, length), and
  Integers next_;    // the same one token later: views of one array
  Index classes_;
};

/// One token for each byte, within [0, 256).
Integers bytes_as_tokens(std::string_view text);

}  // namespace muonlab::data
