#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/memory.h"

/// Where time goes, and memory, in code that says what it is doing:
///
///     profile::Recorder recorder;
///     const profile::Recording recording(recorder);
///     ...  // steps of training, whose parts have a Section each
///     for (const profile::Entry& entry : recorder.entries()) ...
namespace muonlab::profile {

/// What was recorded of the sections with one name within one other section, or within none.
struct Entry {
  std::string name;
  int depth = 0;       // 0 within no other
  double seconds = 0;  // of all of them, sections within included
  // Of arrays on the recorder's device, by whatever thread; at depth 0 only:
  Index live_bytes = 0;  // before the one that follows
  Index peak_bytes = 0;  // the most during the one that added most
};

/// Takes what the sections of a recording measure.
class Recorder {
 public:
  /// Of work on `device`. A section waits for the GPU when it begins and when it ends, so that it
  /// has the time of its own work; the whole is slower for it, and cannot be replayed.
  explicit Recorder(Device device = Device::cpu) : device_(device) {}

  /// Each followed by the sections within it, in the order in which they were first entered.
  std::vector<Entry> entries() const;

 private:
  friend class Section;

  struct Node {
    int parent;  // the section around it; -1: none
    Entry entry;
    Index live_bytes = 0;  // before the last of them
  };
  void enter(const char* name);
  void leave(double seconds);
  Node& open() { return nodes_[static_cast<std::size_t>(current_)]; }
  void add_below(int parent, std::vector<Entry>& entries) const;

  Device device_;
  std::vector<Node> nodes_;
  int current_ = -1;  // the section that is open; -1: none
};

/// While one lives, the sections of this thread are recorded.
class Recording {
 public:
  explicit Recording(Recorder& recorder);
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

 private:
  Recorder* previous_;
};

/// The rest of a scope as a part of the work: const profile::Section section("forward"). Costs
/// nothing worth mentioning while nothing is recorded.
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
