#include "muonlab/data/examples.h"

#include <iomanip>
#include <sstream>
#include <utility>

#include "muonlab/core/crc32.h"
#include "muonlab/core/kernels/gather.h"

namespace muonlab::data {

Subset::Subset(std::shared_ptr<const Examples> all, const Integers& numbers)
    : all_(std::move(all)), numbers_(numbers.to(all_->device())) {
  const Integers here = numbers.to(Device::cpu);
  for (const std::int32_t number : here.values()) {
    check(0 <= number && number < all_->size(), "subset: there is no example ", number, " of ",
          all_->size());
  }
}

Index Subset::bytes() const {
  return all_->bytes() + numbers_.count() * Index{sizeof(std::int32_t)};
}

std::string Subset::content() const {
  const Integers here = numbers_.to(Device::cpu);
  return all_->content() + "; " + std::to_string(size()) + " of them, numbers' checksum " +
         hexadecimal(crc32(std::as_bytes(here.values())));
}

Batch Subset::batch(const Draw& draw) const {
  Draw all = draw;
  all.numbers = taken(numbers_, draw.numbers);
  return all_->batch(all);
}

Integers taken(const Integers& x, const Integers& numbers) {
  Integers y(x.shape().with(0, numbers.count()), x.device());
  run(x.device(), kernel::GatherIntegers{.x = x, .index = numbers, .y = y});
  return y;
}

std::string hexadecimal(std::uint32_t checksum) {
  std::ostringstream text;
  text << std::hex << std::setfill('0') << std::setw(8) << checksum;
  return text.str();
}

}  // namespace muonlab::data
