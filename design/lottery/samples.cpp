// SPDX-License-Identifier: Apache-2.0
#include "design/lottery/samples.h"

#include <algorithm>
#include <cmath>

namespace ohmset::lottery {
namespace {

constexpr std::size_t places = 8;

}  // namespace

std::size_t cases_of_a_sample(const LayerShape& shape) { return shape.convolution ? places * places : 1; }
std::size_t samples_together(const LayerShape& shape) { return cases_together / cases_of_a_sample(shape); }

std::size_t Samples::height() const { return shape_.convolution ? shape_.height + places - 1 : 1; }
std::size_t Samples::width() const { return shape_.convolution ? shape_.width + places - 1 : 1; }

const double* Samples::image(std::size_t sample, std::size_t channel) const {
  return numbers_.data() + sample * size_ + (channel - first_channel_) * height() * width();
}

void Samples::draw(std::size_t first_channel, std::size_t channels) {
  const std::size_t image = height() * width();
  first_channel_ = first_channel;
  size_ = channels * image;
  numbers_.resize(size_ * count_);
  uniform_numbers(ticket_.options.seed, Numbers::inputs, first_, size_, numbers_, first_channel * image);
  if (ticket_.options.nonnegative) {
    for (double& number : numbers_) number = std::abs(number);
  }
}

Cases Samples::seen(Window window) const {
  Cases cases{.window = window, .count = this->cases()};
  cases.numbers.resize(window.size() * cases.count);
  double* to = cases.numbers.data();
  for (std::size_t input = window.begin; input < window.end; ++input) {
    const std::size_t channel = input / shape_.taps();
    const std::size_t y = input / shape_.width % shape_.height;
    const std::size_t x = input % shape_.width;
    for (std::size_t sample = 0; sample < count_; ++sample) {
      const double* const from = image(sample, channel);
      if (!shape_.convolution) {
        *to++ = *from;
        continue;
      }
      for (std::size_t row = 0; row < places; ++row) to = std::copy_n(from + (y + row) * width() + x, places, to);
    }
  }
  return cases;
}

void Samples::add_dense(std::span<const double> weights, Window window, std::span<double> to) const {
  // Sums of several samples wait for each other less.
  constexpr std::size_t together = 4;
  for (std::size_t first = 0; first < count_; first += together) {
    const std::size_t some = std::min(together, count_ - first);
    std::array<const double*, together> from{};
    std::array<double, together> sums{};
    for (std::size_t k = 0; k < together; ++k) {
      from.at(k) = image(first + std::min(k, some - 1), window.begin);
      sums.at(k) = to[first + std::min(k, some - 1)];
    }
    for (std::size_t input = 0; input < window.size(); ++input) {
      const double weight = weights[window.begin + input];
      for (std::size_t k = 0; k < together; ++k) sums[k] += weight * from[k][input];
    }
    std::copy_n(sums.begin(), some, to.begin() + static_cast<std::ptrdiff_t>(first));
  }
}

void Samples::add_layer(std::span<const double> weights, Window window, std::span<double> to) const {
  if (!shape_.convolution) {
    add_dense(weights, window, to);
    return;
  }
  for (std::size_t sample = 0; sample < count_; ++sample) {
    for (std::size_t input = window.begin; input < window.end; ++input) {
      const std::size_t y = input / shape_.width % shape_.height;
      const std::size_t x = input % shape_.width;
      const double* const from = image(sample, input / shape_.taps()) + y * width() + x;
      double* const sums = to.data() + sample * places * places;
      for (std::size_t place = 0; place < places * places; ++place) {
        sums[place] += weights[input] * from[place / places * width() + place % places];
      }
    }
  }
}

}  // namespace ohmset::lottery
