#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>

/// What the files that call oneDNN share. They call it for pieces of work that parallel.h hands to
/// the threads, so that the bits do not depend on the number of threads, and oneDNN itself uses
/// one.
namespace muonlab::onednn {

/// The CPU.
const dnnl::engine& engine();

/// Of this thread; work is done when execute() returns.
const dnnl::stream& stream();

/// An object that is never destroyed: TBB's threads end when the program does, at a time when
/// oneDNN's own objects may be gone.
template <class T, class... Arguments>
T& immortal(const Arguments&... arguments) {
  return *std::make_unique<T>(arguments...).release();
}

/// While one lives, oneDNN does on this thread alone what this thread asks for.
class OneThread {
 public:
  OneThread();
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int previous_;
};

/// Compiled primitives by what they were compiled for: making one takes a hundred times as long as
/// a small product. One cache for each thread needs no lock.
template <class Key, class Primitive>
class Cache {
 public:
  template <class Make>
  Primitive& get(const Key& key, const Make& make) {
    auto found = primitives_.find(key);
    if (found == primitives_.end()) {
      if (primitives_.size() >= most) primitives_.clear();
      found = primitives_.emplace(key, make()).first;
    }
    return found->second;
  }

 private:
  static constexpr std::size_t most = 1024;
  std::map<Key, Primitive> primitives_;
};

}  // namespace muonlab::onednn
