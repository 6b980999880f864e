// Which coordinates of a sampling plan are made in which way.
// SPDX-License-Identifier: Apache-2.0
#include "sim/sampling_plan.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "sim/sampling_plan/coordinates.h"

namespace ohmset {
namespace {

constexpr std::array<std::string_view, 3> method_names{"mc", "lhs", "sobol"};

}  // namespace

std::optional<SamplingMethod> sampling_method_named(std::string_view name) {
  const auto* const place = std::find(method_names.begin(), method_names.end(), name);
  if (place == method_names.end()) return std::nullopt;
  return static_cast<SamplingMethod>(place - method_names.begin());
}

std::string_view name_of(SamplingMethod method) { return method_names.at(static_cast<std::size_t>(method)); }

struct SamplingPlan::Impl {
  static constexpr std::uint32_t none = 0xFFFFFFFFU;

  SamplingOptions options{};
  std::vector<std::uint32_t> sobol{};              // the dimensions that have Sobol's coordinates, in their order
  std::vector<sampling::Directions> directions{};  // of each of those
  std::vector<std::size_t> plain{};                // groups of four dimensions that need pseudo-random draws

  explicit Impl(SamplingOptions given);
  void points_of_replicate(const sampling::Range& range, std::size_t stride, double* out) const;
};

SamplingPlan::Impl::Impl(SamplingOptions given) : options(std::move(given)) {
  const bool is_sobol = options.method == SamplingMethod::sobol;
  if (options.replicate_size < 1 || options.replicate_size > std::uint64_t{1} << (is_sobol ? 32U : 52U)) {
    throw std::invalid_argument("SamplingPlan: a replicate has 1 to 2^52 points, of Sobol's to 2^32");
  }
  if (options.dimensions > none) throw std::invalid_argument("SamplingPlan: too many dimensions");
  std::vector<char> left(options.dimensions, 1);
  for (const std::uint32_t d : options.ranking) {
    if (d >= options.dimensions || left[d] == 0) {
      throw std::invalid_argument("SamplingPlan: the ranking names dimensions, each once");
    }
    left[d] = 0;
  }
  if (is_sobol) {
    sobol = options.ranking;
    for (std::size_t d = 0; d < options.dimensions; ++d) {
      if (left[d] != 0) sobol.push_back(static_cast<std::uint32_t>(d));
    }
    sobol.resize(std::min(sobol.size(), most_sobol_dimensions));
    directions = sampling::sobol_directions(sobol.size());
  }
  std::vector<char> ranked(options.dimensions, 0);
  for (const std::uint32_t d : sobol) ranked[d] = 1;
  for (std::size_t first = 0; first < options.dimensions; first += 4) {
    const auto end = ranked.begin() + static_cast<std::ptrdiff_t>(std::min(first + 4, options.dimensions));
    if (std::find(ranked.begin() + static_cast<std::ptrdiff_t>(first), end, 0) != end) plain.push_back(first / 4);
  }
}

void SamplingPlan::Impl::points_of_replicate(const sampling::Range& range, std::size_t stride, double* out) const {
  for (const std::size_t group : plain) sampling::fill_plain(range, group, options.dimensions, stride, out);
  if (options.method == SamplingMethod::latin_hypercube) {
    for (std::size_t d = 0; d < options.dimensions; ++d) {
      sampling::stratify(range, d, options.replicate_size, {out + d * stride, range.count});
    }
  }
  for (std::size_t k = 0; k < sobol.size(); ++k) {
    sampling::fill_sobol(range, sobol[k], directions[k], {out + sobol[k] * stride, range.count});
  }
}

SamplingPlan::SamplingPlan(SamplingOptions options) : impl_(std::make_unique<const Impl>(std::move(options))) {}
SamplingPlan::~SamplingPlan() = default;
SamplingPlan::SamplingPlan(SamplingPlan&&) noexcept = default;
SamplingPlan& SamplingPlan::operator=(SamplingPlan&&) noexcept = default;

const SamplingOptions& SamplingPlan::options() const { return impl_->options; }

std::size_t SamplingPlan::unranked() const {
  return impl_->options.method == SamplingMethod::sobol ? impl_->options.dimensions - impl_->sobol.size() : 0;
}

void SamplingPlan::points(std::uint64_t first, std::size_t count, std::span<double> out) const {
  const SamplingOptions& options = impl_->options;
  if (out.size() != options.dimensions * count) {
    throw std::invalid_argument("SamplingPlan::points: room for dimensions times count coordinates");
  }
  // Replicates are of no consequence to plain points.
  const bool plain = options.method == SamplingMethod::plain;
  for (std::size_t done = 0; done < count;) {
    const std::uint64_t sample = first + done;
    const std::uint64_t replicate = plain ? 0 : sample / options.replicate_size;
    const std::uint64_t index = plain ? sample : sample % options.replicate_size;
    const std::uint64_t left = plain ? count : options.replicate_size - index;
    const std::size_t part = std::min<std::uint64_t>(count - done, left);
    impl_->points_of_replicate(
        {.seed = options.seed, .replicate = replicate, .sample = sample, .index = index, .count = part}, count,
        out.data() + done);
    done += part;
  }
}

}  // namespace ohmset
