#pragma once

#include <string>
#include <vector>

#include "apps/comparison/fields.h"

/// report.html: one file that shows comparisons, and needs no other and no network.
namespace muonlab::app {

/// `json` as the text of a script element of HTML, which nothing in it can end.
std::string script_text(const Json& json);

/// The page of comparisons, each as results.json has it, with a field "label", its name.
std::string page(const std::vector<Json>& comparisons);

}  // namespace muonlab::app
