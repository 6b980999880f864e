// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <stdexcept>
#include <string>

#include "design/attainable.h"
#include "design/attainable/careful.h"
#include "design/attainable/quick.h"
#include "sim/error.h"

namespace ohmset {

// Lists for the last `seen` and `at_most`.
struct AttainableSearch::Lists {
  Seen seen = Seen::actual;
  std::size_t at_most = 0;
  std::optional<attainable::QuickLists> quick{};
};

AttainableSearch::AttainableSearch(const Bank& bank) : bank_(bank) {
  const std::size_t devices = bank.devices.size();
  if (devices != bank.topology.device_count()) {
    throw std::invalid_argument("attainable: the topology has another number of devices");
  }
  if (devices > 64) {
    throw input_error(std::to_string(devices) + " devices in this topology", "this search takes at most 64");
  }
}

AttainableSearch::~AttainableSearch() = default;

AttainableResult AttainableSearch::nearest(double target, const AttainableOptions& options) {
  if (!(target >= 0.0 && std::isfinite(target))) {
    throw std::invalid_argument("attainable: the target is not finite or negative");
  }
  if (options.within && !(*options.within >= 0.0)) throw std::invalid_argument("attainable: within is negative");
  AttainableResult result;
  const bool may_cap = options.cap < options.best;
  const std::size_t wanted = may_cap ? options.cap + 1 : options.best;
  if (wanted == 0) return result;
  std::vector<attainable::Candidate> candidates;
  if (std::optional<std::vector<attainable::Candidate>> quick = quickly(target, options, wanted)) {
    candidates = std::move(*quick);
  } else {
    attainable::Ranked careful = attainable::careful_search(bank_, target, options, wanted);
    candidates = std::move(careful.candidates);
    result.exact = careful.exact;
  }
  if (may_cap && candidates.size() > options.cap) {
    result.capped = true;
    candidates.resize(options.cap);
  }
  for (const attainable::Candidate& candidate : candidates) {
    result.configurations.push_back(Configuration::from_mask(candidate.mask, bank_.devices.size()));
  }
  return result;
}

std::optional<std::vector<attainable::Candidate>> AttainableSearch::quickly(double target,
                                                                            const AttainableOptions& options,
                                                                            std::size_t wanted) {
  if (target == 0.0 || wanted > (std::size_t{1} << 24)) return std::nullopt;
  const std::size_t at_most = options.at_most.value_or(bank_.devices.size());
  if (!lists_ || lists_->seen != options.seen || lists_->at_most != at_most) {
    lists_ = std::make_unique<Lists>();
    lists_->seen = options.seen;
    lists_->at_most = at_most;
    lists_->quick = attainable::quick_lists(bank_, options.seen, at_most);
  }
  if (!lists_->quick) return std::nullopt;
  return attainable::quick_search(*lists_->quick, bank_, target, options, wanted);
}

AttainableResult nearest_attainable(const Bank& bank, double target, const AttainableOptions& options) {
  return AttainableSearch(bank).nearest(target, options);
}

}  // namespace ohmset
