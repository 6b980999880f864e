// Each node's edges stand side by side in one pool, since following links through memory would take most of the time.
// An edge to a node that has gone stays until its owner goes or needs the room.
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
    push(a, {.conductance = conductance, .node = b, .copies = 1});
    push(b, {.conductance = conductance, .node = a, .copies = 1});
  }
  void forget_copies(Index32 node, Index32 copies) { lists_[node].degree -= copies; }

 private:
  // A stretch of the pool, with the number of edges to nodes that are left.
  struct List {
    std::size_t begin = 0;
    Index32 size = 0;
    Index32 room = 0;
    std::size_t degree = 0;
  };
  void push(Index32 owner, const Neighbour& neighbour);
  void make_room(List& list);

  std::vector<Neighbour> pool_{};
  std::vector<List> lists_{};
  std::vector<char> gone_{};
  std::vector<Index32> slot_{};  // of a neighbour in neighbours_, while one node is being eliminated
  std::vector<Neighbour> neighbours_{};
};

Remainder::Remainder(std::size_t nodes, std::span<const Link> links, Index32 copies)
    : lists_(nodes), gone_(nodes, 0), slot_(nodes, nothing) {
  for (const Link& link : links) {
    ++lists_[link.a].room;
    ++lists_[link.b].room;
  }
  constexpr Index32 spare = 4;
  std::size_t end = 0;
  for (List& list : lists_) {
    list.begin = end;
    list.room += spare;
    end += list.room;
  }
  pool_.reserve(end + end / 2);
  pool_.resize(end);
  for (const Link& link : links) {
    push(link.a, {.conductance = link.conductance.high, .node = link.b, .copies = copies});
    push(link.b, {.conductance = link.conductance.high, .node = link.a, .copies = copies});
  }
}

void Remainder::push(Index32 owner, const Neighbour& neighbour) {
  List& list = lists_[owner];
  if (list.size == list.room) make_room(list);
  pool_[list.begin + list.size++] = neighbour;
  list.degree += neighbour.copies;
}

// Drops the nodes that have gone; a list that is still more than half full moves to where there is twice the room.
void Remainder::make_room(List& list) {
  const auto first = pool_.begin() + static_cast<std::ptrdiff_t>(list.begin);
  const auto last = std::remove_if(first, first + list.size, [&](const Neighbour& n) { return gone_[n.node] != 0; });
  list.size = static_cast<Index32>(last - first);
  if (2 * list.size <= list.room) return;
  const std::size_t from = list.begin;
  list.begin = pool_.size();
  list.room *= 2;
  pool_.resize(list.begin + list.room);
  std::copy_n(pool_.begin() + static_cast<std::ptrdiff_t>(from), list.size,
              pool_.begin() + static_cast<std::ptrdiff_t>(list.begin));
}

const std::vector<Neighbour>& Remainder::eliminate(Index32 node) {
  neighbours_.clear();
  gone_[node] = 1;
  const List& list = lists_[node];
  for (const Neighbour& here : std::span(pool_).subspan(list.begin, list.size)) {
    if (gone_[here.node] != 0) continue;
    Index32& slot = slot_[here.node];
    if (slot == nothing) {
      slot = static_cast<Index32>(neighbours_.size());
      neighbours_.push_back(here);
    } else {
      neighbours_[slot].conductance += here.conductance;
      neighbours_[slot].copies += here.copies;
    }
  }
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
    for (std::size_t i = 0; i < count; ++i) upto[i] = sum += neighbours[i].conductance;
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
        if (share > 0.0)
          rest.connect(from.node, neighbours[static_cast<std::size_t>(found - upto.begin())].node, share);
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
