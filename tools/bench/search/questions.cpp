// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/search/questions.h"

namespace ohmset::bench {

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

std::vector<Question> enough_questions(std::size_t n) { return questions(n, n <= 20 ? 256 : n <= 32 ? 16 : 4); }

Bank bank_of(const Topology& topology, const std::vector<double>& conductances) {
  Bank bank{.topology = topology, .devices = std::vector<Device>(conductances.size())};
  for (std::size_t k = 0; k < conductances.size(); ++k) {
    const Ohm resistance{1.0 / conductances[k]};
    bank.devices[k] = {.nominal = resistance, .resistance = resistance, .measured = resistance};
  }
  return bank;
}

}  // namespace ohmset::bench
