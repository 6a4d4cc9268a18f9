#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <oneapi/dnnl/dnnl.hpp>
#include <vector>

/// Shared by the files that call oneDNN. parallel.h hands pieces of work to the threads, and oneDNN
/// computes each piece on one thread, so that results do not depend on the number of threads.
namespace muonlab::onednn {

/// The CPU.
const dnnl::engine& engine();

/// This thread's stream; work is done when execute() returns.
const dnnl::stream& stream();

/// An object that is never destroyed: TBB's threads end when the program does, at a time when
/// oneDNN's own objects may be gone.
template <class T, class... Arguments>
T& immortal(const Arguments&... arguments) {
  return *std::make_unique<T>(arguments...).release();
}

/// A T for each thread, declared as thread_local const Own<T>. When a thread ends, a later thread
/// takes over its T.
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

/// A scope in which oneDNN runs this thread's calls on this thread alone.
class OneThread {
 public:
  OneThread();
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int previous_;
};

/// At most `most` compiled primitives, found by what they were compiled for: compiling one takes a
/// hundred times as long as a small product. One cache for each thread needs no lock.
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
