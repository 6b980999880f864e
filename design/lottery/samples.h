// Random inputs of a layer, some at a time, and what the layer makes of them. Internal to lottery.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "design/lottery.h"
#include "design/lottery/network.h"

namespace ohmset::lottery {

// Dense layers see each sample once; convolutions see images, each of which leaves 8 places for the kernel in each
// direction.
[[nodiscard]] std::size_t cases_of_a_sample(const LayerShape& shape);
[[nodiscard]] std::size_t samples_together(const LayerShape& shape);

class Samples {
 public:
  // The samples from `first` on.
  Samples(const Ticket& ticket, std::size_t first, std::size_t count)
      : ticket_(ticket), shape_(ticket.shape), first_(first), count_(count) {}

  [[nodiscard]] std::size_t cases() const { return count_ * cases_of_a_sample(shape_); }

  // Calls visit(cases) for windows one after the other, until it returns false. No more is held at a time than what is
  // seen of 256 inputs, or of one channel.
  template <class Visit>
  void each_window(const Visit& visit);

  // Adds what the layer makes of the window that is being visited, from the images, not from the patches that the
  // network sees. `weights`: of one output, all of them.
  void add_layer(std::span<const double> weights, Window window, std::span<double> to) const;

 private:
  [[nodiscard]] std::size_t height() const;
  [[nodiscard]] std::size_t width() const;
  [[nodiscard]] const double* image(std::size_t sample, std::size_t channel) const;
  void draw(std::size_t first_channel, std::size_t channels);
  [[nodiscard]] Cases seen(Window window) const;
  void add_dense(std::span<const double> weights, Window window, std::span<double> to) const;

  const Ticket& ticket_;
  LayerShape shape_;
  std::size_t first_;
  std::size_t count_;
  std::size_t first_channel_ = 0;
  std::size_t size_ = 0;           // numbers of one sample that are held
  std::vector<double> numbers_{};  // sample by sample
};

template <class Visit>
void Samples::each_window(const Visit& visit) {
  const std::size_t taps = shape_.taps();
  const std::size_t together = std::max<std::size_t>(1, inputs_together / taps);
  for (std::size_t channel = 0; channel < shape_.inputs; channel += together) {
    const std::size_t channels = std::min(together, shape_.inputs - channel);
    draw(channel, channels);
    const std::size_t end = (channel + channels) * taps;
    for (std::size_t begin = channel * taps; begin < end; begin += inputs_together) {
      if (!visit(seen({begin, std::min(begin + inputs_together, end)}))) return;
    }
  }
}

}  // namespace ohmset::lottery
