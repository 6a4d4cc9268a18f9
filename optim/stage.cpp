#include "muonlab/optim/stage.h"

namespace muonlab::optim {

std::vector<Kept> Stage::keeps(Index /*rows*/, Index /*columns*/) const { return {}; }

Operations Stage::operations(Index /*rows*/, Index /*columns*/) const { return {}; }

}  // namespace muonlab::optim
