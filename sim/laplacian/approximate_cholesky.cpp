// Adjacency as singly linked entries in one pool: an entry to a node that has gone is dead, and skipped when its owner
// goes. The entries of a node that goes are handed to the mesh it leaves.
// SPDX-License-Identifier: Apache-2.0
#include "sim/laplacian/approximate_cholesky.h"

#include <algorithm>
#include <array>
#include <bit>

#include "sim/random.h"

namespace ohmset::laplacian {

namespace {

constexpr Index32 nothing = static_cast<Index32>(-1);

// The draws of one node, from a stream of its own.
class Uniforms {
 public:
  Uniforms(std::uint64_t seed, std::uint64_t node) : stream_{.seed = seed, .cell = node} {}
  double next() {
    if (used_ == words_.size()) {
      words_ = philox_block(stream_, block_++);
      used_ = 0;
    }
    return to_uniform(words_.at(used_++));
  }

 private:
  Stream stream_;
  std::uint64_t block_ = 0;
  std::array<std::uint64_t, 4> words_{};
  std::size_t used_ = 4;
};

// Nodes by degree, the one that came last to the least degree first. Beyond `exact` a bucket holds a binary order.
class DegreeQueue {
 public:
  explicit DegreeQueue(std::size_t nodes) : head_(buckets, nothing), places_(nodes) {}

  void put(Index32 node, std::size_t degree) {
    const Index32 bucket = bucket_for(degree);
    Place& place = places_[node];
    if (place.bucket == bucket) return;
    if (place.bucket != nothing) remove(place);
    place = {.next = head_[bucket], .before = nothing, .bucket = bucket};
    if (head_[bucket] != nothing) places_[head_[bucket]].before = node;
    head_[bucket] = node;
    least_ = std::min(least_, bucket);
  }
  void prefetch(Index32 node) const { __builtin_prefetch(&places_[node], 1); }
  Index32 take() {
    while (head_[least_] == nothing) ++least_;
    const Index32 node = head_[least_];
    remove(places_[node]);
    return node;
  }

 private:
  static constexpr Index32 exact = 256;
  static constexpr Index32 buckets = exact + 64;
  struct Place {
    Index32 next = nothing;
    Index32 before = nothing;
    Index32 bucket = nothing;
  };

  static Index32 bucket_for(std::size_t degree) {
    return degree < exact ? static_cast<Index32>(degree) : exact + static_cast<Index32>(std::bit_width(degree));
  }
  void remove(Place& place) {
    if (place.before != nothing) {
      places_[place.before].next = place.next;
    } else {
      head_[place.bucket] = place.next;
    }
    if (place.next != nothing) places_[place.next].before = place.before;
    place.bucket = nothing;
  }

  std::vector<Index32> head_;
  std::vector<Place> places_;
  Index32 least_ = 0;
};

struct Neighbour {
  double conductance = 0.0;
  Index32 node = 0;
  Index32 copies = 0;
};

// What is left of the graph while nodes go.
class Remainder {
 public:
  Remainder(std::size_t nodes, std::span<const Link> links, Index32 copies);

  [[nodiscard]] std::size_t degree(Index32 node) const { return lists_[node].degree; }
  // The neighbours that are left, each once, by conductance; `node` is gone afterwards.
  [[nodiscard]] const std::vector<Neighbour>& eliminate(Index32 node);
  void connect(Index32 a, Index32 b, double conductance) {
    push(a, b, conductance, 1);
    push(b, a, conductance, 1);
  }
  void forget_copies(Index32 node, Index32 copies) { lists_[node].degree -= copies; }

 private:
  struct Entry {
    double conductance = 0.0;
    Index32 node = 0;
    Index32 next = nothing;
    Index32 copies = 0;
  };
  void push(Index32 owner, Index32 node, double conductance, Index32 copies);

  std::vector<Entry> pool_{};
  struct List {
    Index32 first = nothing;
    Index32 degree = 0;
  };
  std::vector<List> lists_{};
  std::vector<char> gone_{};
  std::vector<Index32> slot_{};  // of a neighbour in neighbours_, while one node is being eliminated
  std::vector<Neighbour> neighbours_{};
  Index32 free_ = nothing;
  Index32 copies_;
};

Remainder::Remainder(std::size_t nodes, std::span<const Link> links, Index32 copies)
    : lists_(nodes), gone_(nodes, 0), slot_(nodes, nothing), copies_(copies) {
  // Each node's entries side by side.
  std::vector<std::size_t> at(nodes + 1, 0);
  for (const Link& link : links) {
    ++at[link.a + 1];
    ++at[link.b + 1];
  }
  for (std::size_t node = 0; node < nodes; ++node) at[node + 1] += at[node];
  pool_.reserve(2 * links.size() + links.size() / 2);
  pool_.resize(2 * links.size());
  const auto place = [&](Index32 owner, Index32 node, double conductance) {
    const auto entry = static_cast<Index32>(at[owner]++);
    pool_[entry] = {.conductance = conductance, .node = node, .next = lists_[owner].first, .copies = copies_};
    lists_[owner].first = entry;
    lists_[owner].degree += copies_;
  };
  for (const Link& link : links) {
    place(link.a, link.b, link.conductance.high);
    place(link.b, link.a, link.conductance.high);
  }
}

void Remainder::push(Index32 owner, Index32 node, double conductance, Index32 copies) {
  Index32 entry = free_;
  if (entry == nothing) {
    entry = static_cast<Index32>(pool_.size());
    pool_.emplace_back();
  } else {
    free_ = pool_[entry].next;
  }
  pool_[entry] = {.conductance = conductance, .node = node, .next = lists_[owner].first, .copies = copies};
  lists_[owner].first = entry;
  lists_[owner].degree += copies;
}

const std::vector<Neighbour>& Remainder::eliminate(Index32 node) {
  neighbours_.clear();
  gone_[node] = 1;
  for (Index32 entry = lists_[node].first; entry != nothing;) {
    Entry& here = pool_[entry];
    const Index32 next = here.next;
    if (gone_[here.node] == 0) {
      const Index32 slot = slot_[here.node];
      if (slot != nothing) {
        neighbours_[slot].conductance += here.conductance;
        neighbours_[slot].copies += here.copies;
      } else {
        __builtin_prefetch(&lists_[here.node], 1);
        slot_[here.node] = static_cast<Index32>(neighbours_.size());
        neighbours_.push_back({.conductance = here.conductance, .node = here.node, .copies = here.copies});
      }
    }
    here.next = free_;
    free_ = entry;
    entry = next;
  }
  lists_[node].first = nothing;
  for (const Neighbour& neighbour : neighbours_) slot_[neighbour.node] = nothing;
  std::sort(neighbours_.begin(), neighbours_.end(), [](const Neighbour& x, const Neighbour& y) {
    return x.conductance != y.conductance ? x.conductance < y.conductance : x.node < y.node;
  });
  return neighbours_;
}

}  // namespace

ApproximateCholesky::ApproximateCholesky(std::size_t nodes, std::span<const Link> links, const Options& options) {
  Remainder rest(nodes, links, options.copies);
  DegreeQueue queue(nodes);
  const auto ground = static_cast<Index32>(nodes - 1);
  for (Index32 node = ground; node-- > 0;) queue.put(node, rest.degree(node));
  node_at_.reserve(nodes);
  start_.reserve(nodes + 1);
  start_.push_back(0);
  inverse_pivot_.reserve(nodes);
  row_.reserve(links.size() + links.size() / 2);
  weight_.reserve(links.size() + links.size() / 2);
  std::vector<double> upto;
  for (std::size_t left = nodes - 1; left > 0; --left) {
    const Index32 node = queue.take();
    const std::vector<Neighbour>& neighbours = rest.eliminate(node);
    const std::size_t count = neighbours.size();
    upto.resize(count);
    double sum = 0.0;
    for (std::size_t i = 0; i < count; ++i) {
      queue.prefetch(neighbours[i].node);
      upto[i] = sum += neighbours[i].conductance;
    }
    Uniforms uniforms(options.seed, node);
    for (std::size_t i = 0; i < count; ++i) {
      const Neighbour& from = neighbours[i];
      row_.push_back(from.node);
      weight_.push_back(from.conductance / sum);
      rest.forget_copies(from.node, from.copies);
      if (i + 1 == count) break;
      const Index32 draws = std::min(from.copies, options.copies);
      const double beyond = sum - upto[i];
      const double share = from.conductance / sum * beyond / static_cast<double>(draws);
      for (Index32 draw = 0; draw < draws; ++draw) {
        const double wanted = upto[i] + uniforms.next() * beyond;
        const auto first = upto.begin() + static_cast<std::ptrdiff_t>(i) + 1;
        const auto found = std::lower_bound(first, upto.end() - 1, wanted);
        if (share > 0.0) {
          rest.connect(from.node, neighbours[static_cast<std::size_t>(found - upto.begin())].node, share);
        }
      }
    }
    for (const Neighbour& neighbour : neighbours) {
      if (neighbour.node != ground) queue.put(neighbour.node, rest.degree(neighbour.node));
    }
    node_at_.push_back(node);
    start_.push_back(row_.size());
    inverse_pivot_.push_back(sum > 0.0 ? 1.0 / sum : 0.0);
  }
  node_at_.push_back(ground);
  start_.push_back(row_.size());
  inverse_pivot_.push_back(0.0);
  std::vector<Index32> place(nodes);
  for (std::size_t p = 0; p < nodes; ++p) place[node_at_[p]] = static_cast<Index32>(p);
  for (Index32& row : row_) row = place[row];
}

void ApproximateCholesky::solve_in_place(std::span<double> values) const {
  const std::size_t nodes = node_at_.size();
  for (std::size_t p = 0; p < nodes; ++p) {
    const double value = values[p];
    for (std::size_t e = start_[p]; e < start_[p + 1]; ++e) values[row_[e]] += weight_[e] * value;
  }
  values[nodes - 1] = 0.0;
  for (std::size_t p = nodes; p-- > 0;) {
    double value = values[p] * inverse_pivot_[p];
    for (std::size_t e = start_[p]; e < start_[p + 1]; ++e) value += weight_[e] * values[row_[e]];
    values[p] = value;
  }
}

}  // namespace ohmset::laplacian
