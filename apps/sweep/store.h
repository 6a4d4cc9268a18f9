#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "apps/kit/fields.h"
#include "apps/sweep/cell.h"
#include "apps/sweep/plan.h"

namespace muonlab::app {

/// The folder that --out names, with the results of one sweep, or of several that differ in
/// optimizers, rates, batch sizes and seeds only:
///
///     sweep.json   {"format", "app", "protocol", "data", "classes", "epochs", "products",
///                  "muon_precision", "train_data", "validation_data", "test_data", "rules",
///                  "versions", "machines", "commands", "cells": [{"optimizer", "batch_size", "lr",
///                  "seed", "loss", "validation_loss", "validation_accuracy", "test_accuracy",
///                  "train_seconds"}]}; a cell that diverged has "diverged", which says where, in
///                  place of the figures.
///                  Versions, machines and commands are those that had a part in it, the last
///                  hundred of each
///     report.html  a page that shows all of it
///
/// Each is written beside and renamed: whenever the program is killed, all cells but the one at
/// work are there.
class Store {
 public:
  /// Reads what is in the folder. Throws, in one line that names the file, when that cannot be a
  /// sweep, was made with something else than `plan` says (other data, epochs, rules, products), or
  /// would have more than max_cells cells with those of the plan, or tables of a hundred times
  /// that. With no name of a folder, nothing is ever read or written.
  Store(const Plan& plan, const Trial& trial);

  const std::vector<Result>& results() const { return results_; }

  bool has(const Cell& cell) const { return cells_.contains(cell); }

  /// Keeps a result, in memory; write() brings it to disk.
  void add(Result result);

  /// Writes the files anew, each whole or not at all. Throws when that fails.
  void write() const;

  /// Empty without a folder.
  const std::filesystem::path& file() const { return file_; }

 private:
  void read();
  void check_tables(const std::vector<Cell>& more) const;

  Plan plan_;
  std::filesystem::path file_;
  Json head_;  // what does not change from cell to cell
  std::vector<Result> results_;
  std::set<Cell> cells_;  // those of results_
};

}  // namespace muonlab::app
