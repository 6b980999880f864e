// Searches eight at a time: each gets the answer that it gets alone.
// SPDX-License-Identifier: Apache-2.0
#include "design/kernels/cells.h"

#include <doctest/doctest.h>

#include <limits>
#include <random>
#include <vector>

#include "tests/support/distributions.h"

using ohmset::CellSearch;
using ohmset::SubsetSumSearch;
using ohmset::kernels::available;
using ohmset::kernels::Kernels;

namespace {

struct Question {
  std::vector<double> items{};
  double target = 0.0;
};

std::vector<std::uint64_t> answers(const std::vector<Question>& questions, const Kernels& set) {
  std::vector<std::uint64_t> masks(questions.size(), ohmset::kernels::not_told);
  std::size_t count = 0;
  const auto answer = [&](std::size_t ticket, std::uint64_t mask) {
    masks.at(ticket) = mask;
    ++count;
  };
  CellSearch search(set);
  for (std::size_t k = 0; k < questions.size(); ++k) search.ask(questions[k].items, questions[k].target, k, answer);
  search.finish(answer);
  CHECK(count == questions.size());
  search.finish(answer);  // nothing waits any more
  CHECK(count == questions.size());
  return masks;
}

void check_alone(const std::vector<Question>& questions) {
  SubsetSumSearch alone;
  std::vector<std::uint64_t> expected;
  for (const Question& question : questions) expected.push_back(alone.closest(question.items, question.target).mask);
  for (const Kernels& set : available()) {
    CAPTURE(static_cast<int>(set.simd));
    CHECK(answers(questions, set) == expected);
  }
}

}  // namespace

TEST_CASE("Cells of 0 to 24 items of ten distributions, mixed as they come, get the answers they get alone") {
  std::mt19937_64 random(1);
  for (int kind = 0; kind < ohmset::test::distributions; ++kind) {
    CAPTURE(kind);
    std::vector<Question> questions;
    for (int k = 0; k < 400; ++k) {
      const std::size_t n = random() % (k % 8 == 0 ? 25 : 17);
      Question question{.items = ohmset::test::items_of(kind, n, random)};
      question.target = ohmset::test::target_of(question.items, random);
      questions.push_back(std::move(question));
    }
    check_alone(questions);
  }
}

TEST_CASE("Cells of every number of items from lists and by brute force get the answers they get alone") {
  std::mt19937_64 random(2);
  for (std::size_t n = 1; n <= ohmset::kernels::most_cell_items; ++n) {
    CAPTURE(n);
    std::vector<Question> questions;
    for (int k = 0; k < 203; ++k) {
      Question question{.items = ohmset::test::items_of(k % 2, n, random)};
      question.target = ohmset::test::target_of(question.items, random);
      questions.push_back(std::move(question));
    }
    check_alone(questions);
  }
}

TEST_CASE("Cells whose targets lie midway between two sums, but for the last bits, get the answers they get alone") {
  std::mt19937_64 random(4);
  for (std::size_t n = 9; n <= ohmset::kernels::most_cell_items; ++n) {
    CAPTURE(n);
    std::vector<Question> questions;
    for (int k = 0; k < 120; ++k) {
      Question question{.items = ohmset::test::items_of(k % 2, n, random)};
      const double target = ohmset::test::target_of(question.items, random);
      const auto near = ohmset::closest_subset_sums(question.items, target, {.best = 2}).subsets;
      // Nearer to one of them by less than the integers tell, more and more.
      const double middle = 0.5 * (near[0].sum + near[1].sum);
      question.target = middle + (near[0].sum - middle) * 1e-3 * static_cast<double>(k - 60);
      questions.push_back(std::move(question));
    }
    check_alone(questions);
  }
}

TEST_CASE("Cells of 16 lognormal devices are told by the vector alone, but for unreachable targets and a few others") {
  std::mt19937_64 random(3);
  constexpr std::size_t stride = 16;
  std::size_t told = 0;
  constexpr std::size_t rounds = 200;
  for (const Kernels& set : available()) {
    std::vector<std::int32_t> scratch(ohmset::kernels::cell_scratch + 16);
    auto* const aligned =
        reinterpret_cast<std::int32_t*>((reinterpret_cast<std::uintptr_t>(scratch.data()) + 63) / 64 * 64);
    told = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
      std::vector<double> items;
      std::vector<double> targets;
      for (std::size_t cell = 0; cell < 8; ++cell) {
        const std::vector<double> own = ohmset::test::items_of(1, stride, random);
        items.insert(items.end(), own.begin(), own.end());
        targets.push_back(ohmset::test::target_of(own, random));
      }
      std::array<std::uint64_t, 8> masks{};
      ohmset::kernels::closest_of_cells(set)(
          {.items = items.data(), .stride = stride, .count = stride, .targets = targets.data()}, aligned, masks.data());
      for (const std::uint64_t mask : masks) told += mask != ohmset::kernels::not_told ? 1 : 0;
    }
    CHECK(told > rounds * 8 * 8 / 10);
  }
}

TEST_CASE("Targets out of reach, huge and tiny magnitudes, zeros and ties are answered as they are alone") {
  const double huge = std::numeric_limits<double>::max();
  std::vector<Question> questions;
  for (const double scale : {1.0, 1e-300, 1e-320, 1e290, -1.0}) {
    for (const double target : {0.0, -0.0, 1.0, -1.0, 1e3, -1e3, 2.5, 4.5}) {
      questions.push_back({{1.0 * scale, 2.0 * scale, 3.0 * scale, 0.0, 5.0 * scale}, target * scale});
      questions.push_back({std::vector<double>(12, scale), target * scale});
    }
  }
  questions.push_back({{huge, huge}, huge});
  questions.push_back({{huge, -huge, 1.0}, 0.5});
  questions.push_back({{1.0, 2.0}, huge});
  questions.push_back({{1.0, 2.0}, -huge});
  check_alone(questions);
}
