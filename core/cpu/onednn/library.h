#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <oneapi/dnnl/dnnl.hpp>
#include <vector>

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

/// A T of this thread's own, as thread_local const Own<T>: when the thread ends, it is left to one
/// that comes later.
template <class T>
class Own {
 public:
  Own() {
    const std::lock_guard lock(shelf().mutex);
    if (shelf().unused.empty()) {
      object_ = &immortal<T>();
    } else {
      object_ = shelf().unused.back();
      shelf().unused.pop_back();
    }
  }
  ~Own() {
    const std::lock_guard lock(shelf().mutex);
    shelf().unused.push_back(object_);
  }
  Own(const Own&) = delete;
  Own& operator=(const Own&) = delete;

  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }

 private:
  struct Shelf {
    std::mutex mutex;
    std::vector<T*> unused;
  };
  static Shelf& shelf() {
    static auto& own = immortal<Shelf>();
    return own;
  }

  T* object_;
};

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

/// Compiled primitives by what they were compiled for, at most so many: making one takes a hundred
/// times as long as a small product. One cache for each thread needs no lock.
template <class Key, class Primitive, std::size_t most>
class Cache {
 public:
  template <class Make>
  Primitive& get(const Key& key, const Make& make) {
    auto found = primitives_.find(key);
    if (found == primitives_.end()) {
      if (primitives_.size() >= most) primitives_.erase(primitives_.begin());
      found = primitives_.emplace(key, make()).first;
    }
    return found->second;
  }

 private:
  std::map<Key, Primitive> primitives_;
};

}  // namespace muonlab::onednn
