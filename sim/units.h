// Units of the circuit world: strong types at every boundary, plain SI doubles inside a matrix.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <limits>
#include <string>
#include <string_view>

namespace ohmset {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

// One SI quantity; `value` is in the unit the tag names, without prefix.
template <class Unit>
struct Quantity {
  double value = 0.0;

  constexpr Quantity() = default;
  constexpr explicit Quantity(double si) : value(si) {}
  constexpr auto operator<=>(const Quantity&) const = default;
};

struct OhmUnit {
  static constexpr std::string_view name = "ohm";
};
struct SiemensUnit {
  static constexpr std::string_view name = "S";
};
struct VoltUnit {
  static constexpr std::string_view name = "V";
};
struct AmpereUnit {
  static constexpr std::string_view name = "A";
};

using Ohm = Quantity<OhmUnit>;
using Siemens = Quantity<SiemensUnit>;
using Volt = Quantity<VoltUnit>;
using Ampere = Quantity<AmpereUnit>;

// 1/R and 1/G: 0 maps to infinity and infinity to 0.
[[nodiscard]] constexpr Siemens to_siemens(Ohm r) { return Siemens{r.value == 0.0 ? infinity : 1.0 / r.value}; }
[[nodiscard]] constexpr Ohm to_ohm(Siemens g) { return Ohm{g.value == 0.0 ? infinity : 1.0 / g.value}; }

// How a quantity may be written where it stands.
enum class Notation {
  people,  // command line and TOML: suffixes f p n u m k meg g t, optional unit, and 4k7
  spice,   // SPICE files: the same suffixes, trailing letters ignored as units are; 4k7 refused
};

// "4.7k", "4.7kohm", "10meg", "1e3", "inf" (people only) as a plain SI number. The unit, when written, must be the
// given one ("ohm", "S", "V", "A", "" for none; case ignored; also "ohms", "siemens", "volt", "ampere", "Ω").
// Throws Error{input} for anything else; a bare "M" is refused with "write m (milli) or meg (mega)". NaN is refused.
// The sign is kept: negative values are the caller's to judge.
[[nodiscard]] double parse_quantity(std::string_view text, std::string_view unit, Notation notation = Notation::people);

// A resistance: parse_quantity, and requires r >= 0 (0: a short, inf: an open).
[[nodiscard]] Ohm parse_ohm(std::string_view text);

// Engineering notation with `digits` significant digits: 4700 -> "4.7 kohm", 0.00021277 -> "212.8 uS", inf -> "inf
// ohm".
[[nodiscard]] std::string format_engineering(double si, std::string_view unit, int digits = 4);
template <class Unit>
[[nodiscard]] std::string format_engineering(Quantity<Unit> quantity, int digits = 4) {
  return format_engineering(quantity.value, Unit::name, digits);
}

namespace literals {
constexpr Ohm operator""_ohm(long double v) { return Ohm{static_cast<double>(v)}; }
constexpr Ohm operator""_ohm(unsigned long long v) { return Ohm{static_cast<double>(v)}; }
constexpr Ohm operator""_kohm(long double v) { return Ohm{static_cast<double>(v * 1e3L)}; }
constexpr Ohm operator""_kohm(unsigned long long v) { return Ohm{static_cast<double>(v) * 1e3}; }
constexpr Ohm operator""_megohm(long double v) { return Ohm{static_cast<double>(v * 1e6L)}; }
constexpr Ohm operator""_megohm(unsigned long long v) { return Ohm{static_cast<double>(v) * 1e6}; }
constexpr Volt operator""_V(long double v) { return Volt{static_cast<double>(v)}; }
constexpr Volt operator""_V(unsigned long long v) { return Volt{static_cast<double>(v)}; }
constexpr Siemens operator""_S(long double v) { return Siemens{static_cast<double>(v)}; }
}  // namespace literals

}  // namespace ohmset
