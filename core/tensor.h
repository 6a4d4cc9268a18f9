#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <span>

#include "muonlab/core/device.h"
#include "muonlab/core/shape.h"

namespace muonlab {

/// A contiguous row-major array on one device. Copies share memory; clone() does not. Read through
/// a const reference: data() and values() of an array that is not const count as a write, see
/// version().
template <class T>
class Array {
 public:
  /// Shape (0), no memory.
  Array() = default;

  /// Elements are undefined until written.
  explicit Array(Shape shape, Device device = Device::cpu)
      : shape_(shape),
        device_(device),
        memory_(std::make_shared<memory::Block>(bytes(shape), device)),
        data_(static_cast<T*>(memory_->data())) {}

  /// On the CPU, with these elements in row-major order. Throws unless there are shape.count().
  Array(Shape shape, std::span<const T> values) : Array(shape) {
    check(static_cast<Index>(values.size()) == count(), "array: shape ", shape, " needs ", count(),
          " values, got ", values.size());
    std::copy(values.begin(), values.end(), data_);
  }
  Array(Shape shape, std::initializer_list<T> values)
      : Array(shape, std::span(values.begin(), values.size())) {}

  /// The same memory under another shape of equal count.
  Array reshape(Shape shape) const {
    check(shape.count() == count(), "reshape: ", shape_, " cannot become ", shape);
    Array result = *this;
    result.shape_ = shape;
    return result;
  }

  /// Entries [begin, end) of the first axis, in the same memory.
  Array slice(Index begin, Index end) const {
    check(shape_.rank() > 0 && 0 <= begin && begin <= end && end <= shape_[0], "slice: [", begin,
          ", ", end, ") is not within the first axis of ", shape_);
    Array result = *this;
    result.shape_ = shape_.with(0, end - begin);
    result.data_ += begin * (shape_[0] == 0 ? 0 : count() / shape_[0]);
    return result;
  }

  /// A copy with memory of its own.
  Array clone() const { return copy_to(device_); }

  /// This array on `device`: itself when it is there already, else a copy.
  Array to(Device device) const { return device == device_ ? *this : copy_to(device); }

  /// Overwrites the elements with those of `from`, which has the same shape.
  void copy_from(const Array& from) {
    check(from.shape_ == shape_, "copy_from: ", shape_, " cannot hold ", from.shape_);
    memory::copy(data(), device_, from.data_, from.device_, bytes(shape_));
  }

  /// The only element. Throws unless there is exactly one.
  T item() const {
    check(count() == 1, "item: needs a single element, got shape ", shape_);
    T value;
    memory::copy(&value, Device::cpu, data_, device_, sizeof(T));
    return value;
  }

  /// All elements, row-major. Throws unless the array is on the CPU.
  std::span<T> values() {
    check_on_cpu();
    return {data(), static_cast<std::size_t>(count())};
  }
  std::span<const T> values() const {
    check_on_cpu();
    return {data(), static_cast<std::size_t>(count())};
  }

  const Shape& shape() const { return shape_; }
  Device device() const { return device_; }
  Index count() const { return shape_.count(); }

  /// Address of the first element, in the memory of device().
  T* data() {
    if (memory_ != nullptr) memory_->count_write();
    return data_;
  }
  const T* data() const { return data_; }

  /// Grows whenever the memory is opened for writing, through this array or one that shares it: by
  /// copy_from(), or by values() or data() of an array that is not const.
  std::uint64_t version() const { return memory_ == nullptr ? 0 : memory_->version(); }

 private:
  void check_on_cpu() const {
    check(device_ == Device::cpu, "values: ", shape_,
          " is on the GPU; copy it with to(Device::cpu)");
  }

  Array copy_to(Device device) const {
    Array result(shape_, device);
    result.copy_from(*this);
    return result;
  }

  static std::size_t bytes(const Shape& shape) {
    constexpr Index limit = std::numeric_limits<Index>::max() / Index{sizeof(T)};
    check(shape.count() <= limit, "array: ", shape, " is more than this machine can address");
    return static_cast<std::size_t>(shape.count()) * sizeof(T);
  }

  Shape shape_{0};
  Device device_ = Device::cpu;
  std::shared_ptr<memory::Block> memory_;
  T* data_ = nullptr;  // within memory_; not its start after slice()
};

/// Throws unless all are on one device; `op` names the operation in the message.
template <class T, class... Others>
void check_same_device(const char* op, const Array<T>& first, const Others&... others) {
  const auto check_one = [op, &first](const auto& other) {
    check(other.device() == first.device(), op, ": ", first.shape(), " is on ", first.device(),
          ", ", other.shape(), " on ", other.device(), "; move one with to()");
  };
  (check_one(others), ...);
}

using Tensor = Array<float>;
using Integers = Array<std::int32_t>;
using Bytes = Array<std::uint8_t>;

}  // namespace muonlab
