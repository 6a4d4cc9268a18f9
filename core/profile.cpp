#include "muonlab/core/profile.h"

#include <algorithm>
#include <string_view>

#include "muonlab/core/device.h"

namespace muonlab::profile {
namespace {

thread_local Recorder* active = nullptr;

}  // namespace

std::vector<Entry> Recorder::entries() const {
  std::vector<Entry> entries;
  add_below(-1, entries);
  return entries;
}

void Recorder::add_below(int parent, std::vector<Entry>& entries) const {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].parent != parent) continue;
    entries.push_back(nodes_[i].entry);
    add_below(static_cast<int>(i), entries);
  }
}

void Recorder::enter(const char* name) {
  const auto found = std::ranges::find_if(nodes_, [this, name](const Node& node) {
    return node.parent == current_ && node.entry.name == name;
  });
  const auto number = static_cast<int>(found - nodes_.begin());
  if (found == nodes_.end()) {
    const int depth = current_ < 0 ? 0 : nodes_[static_cast<std::size_t>(current_)].entry.depth + 1;
    nodes_.push_back({.parent = current_, .entry = {.name = name, .depth = depth}});
  }
  current_ = number;
  if (Node& node = open(); node.entry.depth == 0) {
    node.live_bytes = memory::live_bytes(device_);
    memory::reset_peak(device_);
  }
}

void Recorder::leave(double seconds) {
  auto& [parent, entry, live] = open();
  entry.seconds += seconds;
  if (entry.depth == 0) {
    const Index peak = memory::peak_bytes(device_);
    if (peak - live >= entry.peak_bytes - entry.live_bytes) {
      entry.live_bytes = live;
      entry.peak_bytes = peak;
    }
  }
  current_ = nodes_[static_cast<std::size_t>(current_)].parent;
}

Recording::Recording(Recorder& recorder) : previous_(active) { active = &recorder; }
Recording::~Recording() { active = previous_; }

Section::Section(const char* name) : recorder_(active) {
  if (recorder_ == nullptr) return;
  synchronize(recorder_->device_);
  recorder_->enter(name);
  start_ = std::chrono::steady_clock::now();
}

Section::~Section() {
  if (recorder_ == nullptr) return;
  try {
    synchronize(recorder_->device_);
  } catch (const Error&) {  // the next call on the GPU reports it
  }
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
  recorder_->leave(passed.count());
}

}  // namespace muonlab::profile
