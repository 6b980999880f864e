// The pruned random network next to the layer that it stands for, on random inputs; and on given ones.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "design/lottery/errors.h"
#include "design/lottery/network.h"
#include "design/lottery/parts.h"

namespace ohmset {
namespace lottery {
namespace {

// Convolutions see images that leave so many places for the kernel in each direction.
constexpr std::size_t places = 8;

// Random inputs of a layer: for dense ones a case each, for convolutions an image each.
struct Samples {
  std::size_t size = 0;           // numbers of one
  std::vector<double> numbers{};  // sample by sample
  [[nodiscard]] const double* of(std::size_t sample) const { return numbers.data() + sample * size; }
};

std::size_t image_height(const LayerShape& shape) { return shape.height + places - 1; }
std::size_t image_width(const LayerShape& shape) { return shape.width + places - 1; }
std::size_t cases_of_a_sample(const LayerShape& shape) { return shape.convolution ? places * places : 1; }

Samples random_samples(const Ticket& ticket, std::size_t first, std::size_t count) {
  const LayerShape& shape = ticket.shape;
  Samples samples{.size = shape.inputs * (shape.convolution ? image_height(shape) * image_width(shape) : 1)};
  samples.numbers.resize(samples.size * count);
  uniform_numbers(ticket.options.seed, Numbers::inputs, first, samples.size, samples.numbers);
  if (ticket.options.nonnegative) {
    for (double& number : samples.numbers) number = std::abs(number);
  }
  return samples;
}

Cases cases_of(const LayerShape& shape, const Samples& samples) {
  const std::size_t count = samples.numbers.size() / samples.size;
  Cases cases{.count = count * cases_of_a_sample(shape)};
  cases.numbers.resize(shape.fan_in() * cases.count);
  double* to = cases.numbers.data();
  if (!shape.convolution) {
    for (std::size_t input = 0; input < shape.inputs; ++input) {
      for (std::size_t sample = 0; sample < count; ++sample) *to++ = samples.of(sample)[input];
    }
    return cases;
  }
  const std::size_t width = image_width(shape);
  for (std::size_t input = 0; input < shape.fan_in(); ++input) {
    const std::size_t channel = input / shape.taps();
    const std::size_t y = input / shape.width % shape.height;
    const std::size_t x = input % shape.width;
    for (std::size_t sample = 0; sample < count; ++sample) {
      const double* const image = samples.of(sample) + channel * image_height(shape) * width;
      for (std::size_t row = 0; row < places; ++row) {
        to = std::copy_n(image + (y + row) * width + x, places, to);
      }
    }
  }
  return cases;
}

// The layer itself: from the images, not from the patches that the network sees.
void run_layer(const Layer& layer, std::size_t output, const Samples& samples, std::span<double> to) {
  const LayerShape& shape = layer.shape;
  const double* const weights = layer.weights.data() + output * shape.fan_in();
  const std::size_t count = samples.numbers.size() / samples.size;
  for (std::size_t sample = 0; sample < count; ++sample) {
    const double* const from = samples.of(sample);
    if (!shape.convolution) {
      double sum = 0.0;
      for (std::size_t input = 0; input < shape.inputs; ++input) sum += weights[input] * from[input];
      to[sample] = sum;
      continue;
    }
    const std::size_t width = image_width(shape);
    for (std::size_t place = 0; place < places * places; ++place) {
      double sum = 0.0;
      for (std::size_t channel = 0; channel < shape.inputs; ++channel) {
        const double* const image = from + channel * image_height(shape) * width;
        for (std::size_t y = 0; y < shape.height; ++y) {
          for (std::size_t x = 0; x < shape.width; ++x) {
            sum += weights[(channel * shape.height + y) * shape.width + x] *
                   image[(place / places + y) * width + place % places + x];
          }
        }
      }
      to[sample * places * places + place] = sum;
    }
  }
}

// What one output came to.
struct Outcome {
  double largest = 0.0;
  double error = 0.0;
  double squares = 0.0;
  double bound = 0.0;
};

void compare(std::span<const double> network, std::span<const double> layer, Outcome& outcome) {
  for (std::size_t k = 0; k < layer.size(); ++k) {
    const double error = std::abs(network[k] - layer[k]);
    outcome.largest = std::max(outcome.largest, std::abs(layer[k]));
    // A difference that is no number is beyond every bound.
    if (!(error <= outcome.error)) outcome.error = std::isnan(error) ? HUGE_VAL : error;
    outcome.squares += error * error;
  }
}

// `roundings` in a row, each by 2^-53 at most, of terms that are 1 together [Higham02].
double rounding(std::size_t roundings) {
  const double lost = static_cast<double>(roundings) * 0x1p-53;
  return lost / (1.0 - lost);
}

// The most that the computed outputs can differ by, for inputs on [-1, 1].
double bound_of(const Layer& layer, const Ticket& ticket, const PrunedNetwork& network, std::size_t output) {
  const std::size_t fan_in = ticket.shape.fan_in();
  const std::size_t units = ticket.options.units;
  double weights = 0.0;
  for (std::size_t k = 0; k < fan_in; ++k) weights += std::abs(layer.weights[output * fan_in + k]);
  const double of_layer = rounding(fan_in + 2) * weights;
  // Of an edge: two products, the sum of its input's edges, that of all inputs, the scale.
  const double of_network = rounding(fan_in + units + 6) * network.magnitude(output);
  // The differences are rounded too, the magnitudes are sums of numbers that are, and small products may vanish.
  const double tiny = static_cast<double>(fan_in * (units + 2)) * std::numeric_limits<double>::denorm_min();
  return (row_bound(layer, ticket, output) + of_layer + of_network + std::max(1.0, ticket.scale) * tiny) *
         (1.0 + static_cast<double>(fan_in + units + 8) * 0x1p-52);
}

}  // namespace
}  // namespace lottery

ForwardCheck run_forward(const Layer& layer, const Ticket& ticket, std::size_t inputs,
                         const std::function<bool(std::size_t done, std::size_t total)>& progress) {
  lottery::check(layer, ticket);
  const std::size_t outputs = ticket.shape.outputs;
  const std::size_t cases = lottery::cases_of_a_sample(ticket.shape);
  const lottery::PrunedNetwork network(ticket);
  std::vector<lottery::Outcome> outcomes(outputs);
  for (std::size_t first = 0; first < inputs; first += lottery::cases_at_once / cases) {
    const std::size_t count = std::min(lottery::cases_at_once / cases, inputs - first);
    const lottery::Samples samples = lottery::random_samples(ticket, first, count);
    const lottery::Cases seen = lottery::cases_of(ticket.shape, samples);
    lottery::run_parts(
        {.total = outputs, .threads = ticket.options.threads},
        [&](std::size_t output, std::size_t) {
          std::array<double, lottery::cases_at_once> ours{};
          std::array<double, lottery::cases_at_once> wanted{};
          network.run(output, seen, std::span(ours).first(seen.count));
          lottery::run_layer(layer, output, samples, wanted);
          lottery::compare(std::span(ours).first(seen.count), std::span(wanted).first(seen.count), outcomes[output]);
          if (first == 0) outcomes[output].bound = lottery::bound_of(layer, ticket, network, output);
        },
        progress);
  }
  ForwardCheck check{.inputs = inputs};
  double squares = 0.0;
  for (const lottery::Outcome& outcome : outcomes) {
    check.output_max = std::max(check.output_max, outcome.largest);
    check.error_max = std::max(check.error_max, outcome.error);
    check.bound = std::max(check.bound, outcome.bound);
    check.bound_share = std::max(check.bound_share, outcome.error / outcome.bound);
    squares += outcome.squares;
  }
  if (inputs > 0) check.error_rms = std::sqrt(squares / static_cast<double>(inputs * cases * outputs));
  return check;
}

Matrix run_ticket(const Ticket& ticket, const Matrix& inputs) {
  lottery::check(ticket);
  const std::size_t fan_in = ticket.shape.fan_in();
  if (static_cast<std::size_t>(inputs.cols()) != fan_in) {
    throw std::invalid_argument("run_ticket: a row of inputs for each case, fan_in of them");
  }
  const auto batch = static_cast<std::size_t>(inputs.rows());
  const std::size_t outputs = ticket.shape.outputs;
  const lottery::PrunedNetwork network(ticket);
  Matrix out(inputs.rows(), static_cast<Eigen::Index>(outputs));
  for (std::size_t first = 0; first < batch; first += lottery::cases_at_once) {
    lottery::Cases cases{.count = std::min(lottery::cases_at_once, batch - first)};
    cases.numbers.resize(fan_in * cases.count);
    for (std::size_t k = 0; k < cases.count; ++k) {
      const double* const row = inputs.data() + (first + k) * fan_in;
      for (std::size_t input = 0; input < fan_in; ++input) cases.numbers[input * cases.count + k] = row[input];
    }
    lottery::run_parts({.total = outputs, .threads = ticket.options.threads}, [&](std::size_t output, std::size_t) {
      std::array<double, lottery::cases_at_once> values{};
      network.run(output, cases, std::span(values).first(cases.count));
      for (std::size_t k = 0; k < cases.count; ++k) out.data()[(first + k) * outputs + output] = values.at(k);
    });
  }
  return out;
}

}  // namespace ohmset
