// The tool's --json answers as documents.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/support/tool.h"

namespace ohmset::test {

// requires that the run went well
inline nlohmann::json json_of(const ToolRun& run) {
  CAPTURE(run.error);
  REQUIRE(run.exit_code == 0);
  return nlohmann::json::parse(run.out);
}

}  // namespace ohmset::test
