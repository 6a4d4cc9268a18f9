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

/// The same; checks that it is whole and that nothing was written to the console.
Opened open_clean(const Folder& folder, const std::string& page);

/// What `app` leaves as --out, opened so.
std::string page_of(const Folder& folder, const std::string& app, const std::string& arguments);

/// Whether `text` is in it.
inline bool has(const std::string& dom, const std::string& text) {
  return dom.find(text) != std::string::npos;
}

/// The page with a script after its own.
std::string with_script(std::string page, const std::string& script);

/// How often the page shows the values of a mark, when the last series of each of its charts is
/// pointed at.
int tips_shown(const Folder& folder, const std::string& page);

/// How many charts the page has.
int charts(const std::string& dom);

/// How many marks the chart in the figure `id` of the DOM has: paths of its SVG in a color of its
/// legend, as lines, circles and bars are.
int marks(const std::string& dom, const std::string& id);

/// How many squares the heat map in the figure `id` has: paths in a color that is none of those.
int squares(const std::string& dom, const std::string& id);

}  // namespace muonlab::test
