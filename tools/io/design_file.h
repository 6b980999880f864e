// Design files: a bank design as one JSON document, a crossbar design as a folder of JSON and NPY.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "design/compile.h"
#include "design/program.h"
#include "tools/io/file.h"

namespace ohmset::io {

// A bank design as it was printed: enough to rebuild the bank and to check what it claims.
struct BankDesignFile {
  std::string spec_text{};  // "" when it was made from --values
  std::uint64_t seed = 1;
  std::uint64_t die = 0;
  Bank bank{};
  std::vector<Design> results{};
};

[[nodiscard]] std::string bank_design_json(const BankDesignFile& design);
// Types and ranges are checked, what the results claim is not. Throws Error{input} naming the entry.
[[nodiscard]] BankDesignFile read_bank_design(const std::string& path);

// A crossbar design and the text of its specification.
struct CrossbarDesignFile {
  CrossbarDesign design{};
  std::string spec_text{};
};

// design.json and the arrays, which are borrowed from the design.
[[nodiscard]] FolderFiles crossbar_design_files(const CrossbarDesign& design, const CompileSummary& summary,
                                                const std::string& spec_text);
// Every file that a design's folder may hold.
[[nodiscard]] const std::vector<std::string>& crossbar_design_names();
// Writes them into the folder, all or nothing. `summary` is summarize(design).
void write_crossbar_design(const std::string& path, const CrossbarDesign& design, const CompileSummary& summary,
                           const std::string& spec_text, bool force);
// The refusals of write_crossbar_design, before long work starts.
void check_crossbar_output(const std::string& path, bool force);
// Shapes are checked against each other; values are not recomputed.
[[nodiscard]] CrossbarDesignFile read_crossbar_design(const std::string& path);

// Whether the path is a crossbar design's folder.
[[nodiscard]] bool is_crossbar_design(const std::string& path);

}  // namespace ohmset::io
