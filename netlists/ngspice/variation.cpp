// SPDX-License-Identifier: Apache-2.0
#include "netlists/ngspice/variation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <stdexcept>

namespace ohmset::ngspice {
namespace {

// Nothing that a command line would read as more than a name.
bool is_name(const std::string& name, std::string_view also) {
  const auto fits = [also](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || also.find(static_cast<char>(c)) != std::string_view::npos;
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), fits);
}

}  // namespace

std::string commands_of(const NgspiceVariation& variation) {
  const std::size_t columns = variation.resistors.size();
  const auto refuse = [](const char* what) { throw std::invalid_argument(what); };
  if (columns == 0 || variation.ohms.size() % columns != 0) refuse("ngspice: rows of another number of resistors");
  if (!is_name(variation.quantity, "#.")) refuse("ngspice: the quantity is not a name");
  for (const std::string& name : variation.resistors) {
    if (!is_name(name, ".")) refuse("ngspice: a resistor without a plain name");
  }
  std::string commands = variation.quantity;
  for (std::size_t k = 0; k < variation.ohms.size(); ++k) {
    const double ohm = variation.ohms[k];
    if (!(ohm > 0.0 && std::isfinite(ohm))) refuse("ngspice: a resistance is not positive and finite");
    fmt::format_to(std::back_inserter(commands), "\nalter {}={:.17g}", variation.resistors[k % columns], ohm);
    if (k % columns + 1 == columns) commands += "\nop";
  }
  return commands;
}

}  // namespace ohmset::ngspice
