#pragma once

#include <benchmark/benchmark.h>
#include <string>
#include <vector>

namespace muonlab::bench {

/// A table for each group of benchmarks, printed line by line as results come; its columns are the
/// counters that the group's benchmarks have.
class Tables final : public benchmark::BenchmarkReporter {
 public:
  /// The longest name has `name_width` characters.
  explicit Tables(std::size_t name_width) : name_width_(name_width) {}

  bool ReportContext(const Context& /*context*/) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override;

 private:
  void start_table(const Run& run, const std::string& group);

  std::size_t name_width_;
  std::string group_;
  std::vector<std::string> columns_;
};

}  // namespace muonlab::bench
