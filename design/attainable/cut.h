// Where to cut a series-parallel tree in two halves of about the same number of configurations.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "design/attainable/lists.h"

namespace ohmset::attainable {

// The groups from the root down to the one that is cut. Of the last one the `inner` members make the sorted list; all
// others, and all siblings along the path, are enumerated.
struct Level {
  Arrangement arrangement = Arrangement::parallel;
  std::vector<const Group*> siblings{};  // members that are neither on the path nor in `inner`
};
struct Cut {
  std::vector<Level> path{};
  std::vector<const Group*> inner{};
};

[[nodiscard]] Cut balanced_cut(const Group& root, const ListMaker& lists);

}  // namespace ohmset::attainable
