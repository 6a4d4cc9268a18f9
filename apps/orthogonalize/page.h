#pragma once

#include <string>

#include "apps/orthogonalize/study.h"
#include "apps/page/page.h"

namespace muonlab::app {

/// The page of a study. `example` is the name of M when M is an example, else empty; `made` is what
/// making() returns. The page shows some of many singular values, evenly chosen, and no elements of
/// a large matrix.
std::string study_page(const Study& study, const std::string& example, const Json& made);

}  // namespace muonlab::app
