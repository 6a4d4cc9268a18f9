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
  std::string app;      // from here to `products`: empty in files of earlier versions
  std::string id = {};  // of the comparison; its checkpoints have the same id
  std::string version = {};
  std::string processor = {};
  std::string gpu = {};       // empty on the CPU
  std::string products = {};  // "float32 by oneDNN"
  std::string protocol;
  std::string data;                        // version of the data set
  std::vector<std::string> recipe;         // the command line, defaults included
  std::vector<std::string> watching = {};  // the options that say what was observed, if any
  std::string device;
  Index threads;
  Index batch_size;
  std::vector<Ruled> parameters = {};
  std::vector<Run> runs = {};
};

/// `record` as JSON, with `runs` in the place of its own.
Json to_json(const Record& record, const std::vector<Run>& runs);

/// Reads what to_json() wrote, from a file that may come from anywhere. Throws, in one line that
/// names the file and the field, when the file is not a record.
Record read_record(const std::filesystem::path& file);

}  // namespace muonlab::app
