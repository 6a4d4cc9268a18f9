#pragma once

#include <string>

#include "tests/folder.h"

/// Pages as a browser shows them.
namespace muonlab::test {

/// The command of a Chromium; empty when none is installed.
std::string browser();

/// What became of a page in a browser without a network.
struct Opened {
  std::string dom;      // when its scripts have run, as HTML
  std::string console;  // what they wrote there, errors among it
};

/// Opens the folder's file `page` from disk.
Opened open_page(const Folder& folder, const std::string& page);

/// How many marks the chart in the figure `id` of the DOM has: paths of its SVG in a color of its
/// legend, as lines, circles and bars are.
int marks(const std::string& dom, const std::string& id);

}  // namespace muonlab::test
