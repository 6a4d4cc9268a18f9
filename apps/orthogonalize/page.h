#pragma once

#include <string>

#include "apps/orthogonalize/study.h"
#include "apps/page/page.h"

namespace muonlab::app {

/// The page of a study; `example` is the name of M when it is one, and `made` what making() gives.
/// Of many singular values it has some, evenly chosen, of a large matrix no elements.
std::string study_page(const Study& study, const std::string& example, const Json& made);

}  // namespace muonlab::app
