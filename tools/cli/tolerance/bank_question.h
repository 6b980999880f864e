// What is asked about a bank, read from a design or a specification and the options.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "design/tolerance.h"
#include "tools/cli/tolerance/subject.h"

namespace ohmset::cli {

// Throws Error{input} for what contradicts itself or the files.
[[nodiscard]] BankQuestion bank_question(const SubjectArguments& arguments);

// Everything that decides what a sample is worth, in few words.
[[nodiscard]] std::string fingerprint_of(const BankQuestion& question);

}  // namespace ohmset::cli
