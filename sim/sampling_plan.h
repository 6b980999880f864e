// Points of the unit cube to sample at: pseudo-random, Latin hypercube, scrambled Sobol. Pure numbers.
//
// Every coordinate is a function of (seed, sample, dimension) alone, so any thread or machine may make any sample.
// Points come in replicates, independent of each other: within one, Latin hypercube and Sobol points depend on each
// other, which is what makes their means better; between replicates, that can be measured.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace ohmset {

//   plain            independent pseudo-random points (Philox)
//   latin_hypercube  in each dimension one point of a replicate in each of its equal intervals [McKayBeckmanConover79];
//                    the intervals' order is a keyed permutation, so that no table is kept
//   sobol            Sobol points [JoeKuo08], scrambled in Owen's manner for each replicate [Owen95]
enum class SamplingMethod : unsigned char { plain, latin_hypercube, sobol };

// "mc", "lhs", "sobol", as commands call them.
[[nodiscard]] std::optional<SamplingMethod> sampling_method_named(std::string_view name);
[[nodiscard]] std::string_view name_of(SamplingMethod method);

// Where the direction numbers of Boost.Random end.
inline constexpr std::size_t most_sobol_dimensions = 3667;

struct SamplingOptions {
  SamplingMethod method = SamplingMethod::plain;
  std::uint64_t seed = 1;
  std::size_t dimensions = 0;
  std::uint64_t replicate_size = 1;  // points of a replicate; plain: any. requires 1 .. 2^52, Sobol: .. 2^32
  // Dimensions, the most important first, those not named after them: the first most_sobol_dimensions of them get
  // Sobol's coordinates in this order, the others pseudo-random ones. Empty: as they are numbered.
  std::vector<std::uint32_t> ranking{};
};

class SamplingPlan {
 public:
  // Throws std::invalid_argument for what the options require.
  explicit SamplingPlan(SamplingOptions options);
  ~SamplingPlan();
  SamplingPlan(SamplingPlan&& other) noexcept;
  SamplingPlan& operator=(SamplingPlan&& other) noexcept;
  SamplingPlan(const SamplingPlan&) = delete;
  SamplingPlan& operator=(const SamplingPlan&) = delete;

  [[nodiscard]] const SamplingOptions& options() const;
  // Dimensions that get pseudo-random draws although Sobol points were asked for.
  [[nodiscard]] std::size_t unranked() const;

  // Samples `first` to before `first + count`, in the open interval (0, 1): out[d * count + s] is coordinate d of
  // sample first + s. requires out.size() == dimensions * count. Any thread.
  void points(std::uint64_t first, std::size_t count, std::span<double> out) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace ohmset
