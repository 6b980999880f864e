// Memory that a thread keeps for its next lists: pages fresh from the system cost more than what is written to them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace ohmset::attainable {

// At least so many bytes, uninitialised; to be given back with the same number, by any thread.
[[nodiscard]] void* take_memory(std::size_t bytes);
void give_memory(void* memory, std::size_t bytes) noexcept;

// An array whose entries are written before they are read; its room never grows.
template <class T>
class Column {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  Column() = default;
  explicit Column(std::size_t room) : data_(static_cast<T*>(take_memory(room * sizeof(T)))), room_(room), size_(room) {}
  Column(const Column&) = delete;
  Column& operator=(const Column&) = delete;
  Column(Column&& other) noexcept { swap(other); }
  Column& operator=(Column&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Column() { give_memory(data_, room_ * sizeof(T)); }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] T* data() { return data_; }
  [[nodiscard]] const T* data() const { return data_; }
  [[nodiscard]] const T& operator[](std::size_t k) const { return data_[k]; }
  [[nodiscard]] T& operator[](std::size_t k) { return data_[k]; }
  [[nodiscard]] const T& front() const { return data_[0]; }
  [[nodiscard]] const T& back() const { return data_[size_ - 1]; }
  [[nodiscard]] T* begin() { return data_; }
  [[nodiscard]] T* end() { return data_ + size_; }
  [[nodiscard]] const T* begin() const { return data_; }
  [[nodiscard]] const T* end() const { return data_ + size_; }
  void shrink(std::size_t size) { size_ = size; }
  void push_back(const T& entry) { data_[size_++] = entry; }  // requires room

 private:
  void swap(Column& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(room_, other.room_);
    std::swap(size_, other.size_);
  }

  T* data_ = nullptr;
  std::size_t room_ = 0;
  std::size_t size_ = 0;
};

}  // namespace ohmset::attainable
