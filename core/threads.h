#pragma once

namespace muonlab {

/// How many threads the kernels that one thread calls use together with it; as many as the machine
/// has cores until set. A thread that makes batches ahead comes on top of them. Results do not
/// depend on it: work is always cut into the same pieces, only who does them differs.
/// Throws unless `count` is at least 1.
void set_threads(int count);
int threads();

}  // namespace muonlab
