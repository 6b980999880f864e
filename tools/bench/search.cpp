// How fast the search answers, against what else one might use: Gray code, meet in the middle by sorting, a
// mixed-integer solver. Times are those of the thread's processor; items are lognormal (0.5), targets between 25 % and
// 75 % of their sum, a fresh bank for every search.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <vector>

#include "design/kernels/closest.h"
#include "design/many_targets.h"
#include "design/subset_sum.h"

namespace {

struct Question {
  std::vector<double> items{};
  double target = 0.0;
};

double target_for(const std::vector<double>& items, std::mt19937_64& random) {
  double sum = 0.0;
  for (const double item : items) sum += item;
  return sum * std::uniform_real_distribution<double>(0.25, 0.75)(random);
}

std::vector<Question> questions(std::size_t n, std::size_t count) {
  std::mt19937_64 random(n);
  std::lognormal_distribution<double> item(0.0, 0.5);
  std::vector<Question> all(count);
  for (Question& question : all) {
    question.items.resize(n);
    for (double& value : question.items) value = item(random);
    question.target = target_for(question.items, random);
  }
  return all;
}

// ---------------------------------------------------------------- the alternatives
std::uint64_t by_gray_code(const Question& question) {
  double sum = -question.target;
  double least = std::abs(sum);
  std::uint64_t code = 0;
  std::uint64_t best = 0;
  for (std::uint64_t step = 1; step >> question.items.size() == 0; ++step) {
    const auto item = static_cast<std::size_t>(std::countr_zero(step));
    code ^= std::uint64_t{1} << item;
    sum += ((code >> item) & 1U) != 0 ? question.items[item] : -question.items[item];
    if (std::abs(sum) < least) {
      least = std::abs(sum);
      best = code;
    }
  }
  return best;
}

struct Sum {
  double value;
  std::uint32_t mask;
};
std::vector<Sum> sorted_sums(std::span<const double> items) {
  std::vector<Sum> sums{{0.0, 0}};
  for (std::size_t k = 0; k < items.size(); ++k) {
    const std::size_t size = sums.size();
    for (std::size_t s = 0; s < size; ++s) {
      sums.push_back({sums[s].value + items[k], sums[s].mask | std::uint32_t{1} << k});
    }
  }
  std::sort(sums.begin(), sums.end(), [](const Sum& a, const Sum& b) { return a.value < b.value; });
  return sums;
}
std::uint64_t by_sorting(const Question& question) {
  const std::size_t half = question.items.size() / 2;
  const std::vector<Sum> low = sorted_sums(std::span<const double>(question.items).first(half));
  const std::vector<Sum> high = sorted_sums(std::span<const double>(question.items).subspan(half));
  double least = std::numeric_limits<double>::infinity();
  std::uint64_t best = 0;
  for (std::size_t i = 0, j = high.size(); i < low.size() && j > 0;) {
    const double error = low[i].value + high[j - 1].value - question.target;
    if (std::abs(error) < least) {
      least = std::abs(error);
      best = low[i].mask | std::uint64_t{high[j - 1].mask} << half;
    }
    if (error < 0.0) {
      ++i;
    } else {
      --j;
    }
  }
  return best;
}

#ifdef OHMSET_CBC
// Least e with -e <= sum - target <= e, as a mixed-integer program; wall time, with the solver's start.
void mixed_integer(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const Question question = questions(n, 1).front();
  const std::filesystem::path folder = std::filesystem::temp_directory_path();
  const std::filesystem::path program = folder / fmt::format("ohmset_bench_{}.lp", std::random_device{}());
  {
    std::ofstream out(program);
    std::string sum;
    std::string names;
    for (std::size_t k = 0; k < n; ++k) {
      sum += fmt::format(" + {:.17g} x{}", question.items[k], k);
      names += fmt::format(" x{}", k);
    }
    out << fmt::format(
        "Minimize\n obj: e\nSubject To\n above:{} - e <= {:.17g}\n below:{} + e >= {:.17g}\nBinary\n{}\nEnd\n", sum,
        question.target, sum, question.target, names);
  }
  const std::string command = fmt::format("{} {} seconds 60 solve quit > /dev/null", OHMSET_CBC, program.string());
  for (auto _ : state) {
    if (std::system(command.c_str()) != 0) {
      state.SkipWithError("cbc failed");
      break;
    }
  }
  std::filesystem::remove(program);
}
BENCHMARK(mixed_integer)->Arg(12)->Arg(16)->Arg(20)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);
#endif

// ---------------------------------------------------------------- one target
template <class Search>
void one_target(benchmark::State& state, const Search& search) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const std::vector<Question> all = questions(n, n <= 20 ? 256 : n <= 32 ? 16 : 4);
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(search(all[next]));
    next = next + 1 == all.size() ? 0 : next + 1;
  }
}
void closest_mask(benchmark::State& state) {
  one_target(state, [](const Question& question) { return ohmset::closest_mask(question.items, question.target); });
}
void closest_subset(benchmark::State& state) {
  ohmset::SubsetSumSearch search;
  one_target(state, [&](const Question& question) { return search.closest(question.items, question.target); });
}
void closest_sorting(benchmark::State& state) { one_target(state, by_sorting); }
void closest_gray_code(benchmark::State& state) { one_target(state, by_gray_code); }
BENCHMARK(closest_mask)->DenseRange(8, 40, 4)->Unit(benchmark::kMicrosecond);
BENCHMARK(closest_subset)->DenseRange(8, 40, 4)->Unit(benchmark::kMicrosecond);
BENCHMARK(closest_sorting)->DenseRange(8, 40, 4)->Unit(benchmark::kMicrosecond);
BENCHMARK(closest_gray_code)->DenseRange(8, 24, 4)->Unit(benchmark::kMicrosecond);

// ---------------------------------------------------------------- 2,500 targets on one bank, one thread
std::vector<double> many_targets(const Question& question) {
  std::mt19937_64 random(1);
  std::vector<double> targets(2500);
  for (double& target : targets) target = target_for(question.items, random);
  return targets;
}
void each_of_2500(benchmark::State& state) {
  const Question question = questions(static_cast<std::size_t>(state.range(0)), 1).front();
  const std::vector<double> targets = many_targets(question);
  for (auto _ : state) benchmark::DoNotOptimize(ohmset::closest_to_each(question.items, targets, 1));
}
void each_of_2500_alone(benchmark::State& state) {
  Question question = questions(static_cast<std::size_t>(state.range(0)), 1).front();
  const std::vector<double> targets = many_targets(question);
  for (auto _ : state) {
    for (const double target : targets) {
      question.target = target;
      benchmark::DoNotOptimize(by_sorting(question));
    }
  }
}
BENCHMARK(each_of_2500)->DenseRange(12, 32, 4)->Unit(benchmark::kMillisecond);
BENCHMARK(each_of_2500_alone)->DenseRange(12, 24, 4)->Unit(benchmark::kMillisecond);

// ---------------------------------------------------------------- cells, each with its own devices
void cells_of_16(benchmark::State& state) {
  const std::vector<Question> all = questions(16, 4096);
  ohmset::SubsetSumSearch search;
  for (auto _ : state) {
    for (const Question& question : all) benchmark::DoNotOptimize(search.closest(question.items, question.target));
  }
  state.counters["cells"] =
      benchmark::Counter(static_cast<double>(all.size() * state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(cells_of_16)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
