#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "apps/kit/fields.h"
#include "apps/training/roles.h"
#include "apps/training/run.h"

namespace muonlab::app {

/// A comparison as results.json keeps it.
struct Record {
  std::string app;      // empty, as the others of these texts, in files of before they were written
  std::string id = {};  // of the comparison: its checkpoints have the same
  std::string version = {};
  std::string processor = {};
  std::string gpu = {};       // empty on the CPU
  std::string products = {};  // "float32 by oneDNN"
  std::string protocol;
  std::string data;                        // version of the data set
  std::vector<std::string> recipe;         // the command line, defaults included
  std::vector<std::string> watching = {};  // its words that say what was looked at, if any
  std::string device;
  Index threads;
  Index batch_size;
  std::vector<Ruled> parameters = {};
  std::vector<Run> runs = {};
};

/// The record of `runs`; the runs of `record` itself do not count.
Json to_json(const Record& record, const std::vector<Run>& runs);

/// Reads what to_json() wrote, from a file that may come from anywhere. Throws, in one line that
/// names the file and the field, when it cannot be that.
Record read_record(const std::filesystem::path& file);

}  // namespace muonlab::app
