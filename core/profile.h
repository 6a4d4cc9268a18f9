#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "muonlab/core/memory.h"

/// Measures the time and the memory of named sections of code:
///
///     profile::Recorder recorder;
///     const profile::Recording recording(recorder);
///     ...  // steps of training, whose parts have a Section each
///     for (const profile::Entry& entry : recorder.entries()) ...
namespace muonlab::profile {

/// The measurements of all sections with one name within the same section, or within none.
struct Entry {
  std::string name;
  int depth = 0;       // 0: within no other section
  double seconds = 0;  // total, sections within included
  // Of the pass that added most memory on the recorder's device; at depth 0 only:
  Index live_bytes = 0;  // in use before this pass, by all threads
  Index peak_bytes = 0;  // the most in use during this pass
};

/// Collects what the sections of a Recording measure.
class Recorder {
 public:
  /// Measures work on `device`. A section waits for the GPU when it begins and when it ends, so
  /// that its time is that of its own work. This makes the program slower, and sections cannot be
  /// part of a Replay.
  explicit Recorder(Device device = Device::cpu) : device_(device) {}

  /// All sections in the order of their first entry, each followed by the sections within it.
  std::vector<Entry> entries() const;

 private:
  friend class Section;

  struct Node {
    int parent;  // index of the section around it; -1: none
    Entry entry;
    Index live_bytes = 0;  // when the section was last entered
  };
  void enter(const char* name);
  void leave(double seconds);
  Node& open() { return nodes_[static_cast<std::size_t>(current_)]; }
  void add_below(int parent, std::vector<Entry>& entries) const;

  Device device_;
  std::vector<Node> nodes_;
  int current_ = -1;  // index of the open section; -1: none
};

/// A scope in which this thread's sections are recorded.
class Recording {
 public:
  explicit Recording(Recorder& recorder);
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

 private:
  Recorder* previous_;
};

/// Measures the rest of a scope under a name: const profile::Section section("forward"). Costs next
/// to nothing while nothing is recorded.
class Section {
 public:
  explicit Section(const char* name);
  ~Section();
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;

 private:
  Recorder* recorder_;  // null: nothing is recorded
  std::chrono::steady_clock::time_point start_;
};

}  // namespace muonlab::profile
