#include "muonlab/core/cpu/onednn/library.h"

#include <omp.h>

namespace muonlab::onednn {

const dnnl::engine& engine() {
  static const auto& cpu = immortal<dnnl::engine>(dnnl::engine::kind::cpu, 0);
  return cpu;
}

const dnnl::stream& stream() {
  struct Stream : dnnl::stream {
    Stream() : dnnl::stream(engine()) {}
  };
  thread_local const Own<Stream> own;
  return *own;
}

OneThread::OneThread() : previous_(omp_get_max_threads()) { omp_set_num_threads(1); }
OneThread::~OneThread() { omp_set_num_threads(previous_); }

}  // namespace muonlab::onednn
