// ngspice, the shared library, in worker processes: text in, operating point out. Nothing else includes sharedspice.h.
//
// A worker that crashes, hangs or exits is replaced; the deck that did it is reported as failed. The library is loaded
// in the workers alone, so that its absence is an error of the constructor and the tool starts without it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace ohmset {

// Node voltages by lower-case node name (volt) and source currents as "vname#branch" (ampere).
struct NgspiceResult {
  bool ok = false;
  std::string failure{};  // why not, in one line
  std::unordered_map<std::string, double> values{};
};

// One circuit again and again, with other resistances.
struct NgspiceVariation {
  std::string deck{};
  std::vector<std::string> resistors{};  // of the deck, by name
  std::vector<double> ohms{};            // rows of a value for each of them
  std::string quantity{};                // what is read of each operating point: a key of NgspiceResult::values
};

struct NgspiceSeries {
  bool ok = false;
  std::string failure{};         // why not, in one line
  std::vector<double> values{};  // one per row
};

struct NgspiceOptions {
  int workers = 0;               // 0: one per core
  double timeout_seconds = 600;  // per deck
  std::string library{};         // path; empty: libngspice.so.0 as the system finds it
};

class Ngspice {
 public:
  // Throws Error{world} when no worker can be started or the library is not there.
  explicit Ngspice(const NgspiceOptions& options = {});
  ~Ngspice();
  Ngspice(const Ngspice&) = delete;
  Ngspice& operator=(const Ngspice&) = delete;

  [[nodiscard]] const std::string& version() const;  // "39" or "39.3", as the library says

  // The operating point of one deck. Decks with .control, .include, .lib or shell escapes are refused
  // (ok = false). Never throws for what a deck does.
  [[nodiscard]] NgspiceResult operating_point(const std::string& deck);

  // Many decks on all workers; `take(index, result)` is called in index order from the calling thread. `make(index)`
  // writes each deck when its turn comes.
  void operating_points(std::size_t count, const std::function<std::string(std::size_t)>& make,
                        const std::function<void(std::size_t, const NgspiceResult&)>& take);

  // The circuit is read once; then `alter` for each resistor and `op`, row by row, on one worker. The timeout holds for
  // all rows together. Never throws for what ngspice does.
  // requires rows of positive, finite resistances (std::invalid_argument)
  [[nodiscard]] NgspiceSeries varied(const NgspiceVariation& variation);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ohmset
