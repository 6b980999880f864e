// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/search/other_programs.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "tools/bench/folder.h"

namespace ohmset::bench {
namespace {

// Of all children that have ended.
double children_seconds() {
  rusage used{};
  getrusage(RUSAGE_CHILDREN, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// The processor's seconds.
double run(const std::string& command) {
  const double before = children_seconds();
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
  return children_seconds() - before;
}

}  // namespace

#ifdef OHMSET_CBC
std::vector<Answer> mixed_integer_answers(const std::vector<Question>& questions) {
  const Folder folder;
  std::vector<Answer> answers;
  for (const Question& question : questions) {
    std::string sum;
    std::string names;
    for (std::size_t k = 0; k < question.items.size(); ++k) {
      sum += fmt::format(" + {:.17g} x{}", question.items[k], k);
      names += fmt::format(" x{}", k);
    }
    std::ofstream(folder.file("question.lp")) << fmt::format(
        "Minimize\n obj: e\nSubject To\n above:{} - e <= {:.17g}\n below:{} + e >= {:.17g}\nBinary\n{}\nEnd\n", sum,
        question.target, sum, question.target, names);
    Answer answer{.question = answers.size()};
    answer.seconds = run(fmt::format("{} {} seconds 60 solve solution {} quit > /dev/null", OHMSET_CBC,
                                     folder.file("question.lp"), folder.file("answer.txt")));
    // "Optimal - objective value 0.1", then a line for each variable that is not 0: number, name, value, reduced cost.
    std::ifstream in(folder.file("answer.txt"));
    std::string line;
    if (!std::getline(in, line)) throw std::runtime_error("cbc: no solution file");
    answer.claims_optimal = line.starts_with("Optimal");
    while (std::getline(in, line)) {
      std::istringstream fields(line);
      std::size_t number = 0;
      std::string name;
      double value = 0.0;
      if (!(fields >> number >> name >> value)) throw std::runtime_error("cbc: not a solution: " + line);
      if (name[0] == 'x' && value > 0.5) answer.mask |= std::uint64_t{1} << std::stoul(name.substr(1));
    }
    answers.push_back(answer);
  }
  return answers;
}
#endif

#ifdef OHMSET_NUMPY_PYTHON
std::vector<Answer> numpy_answers(const std::vector<Question>& questions) {
  const Folder folder;
  {
    std::ofstream out(folder.file("questions.txt"));
    for (const Question& question : questions) {
      out << fmt::format("{:.17g}", question.target);
      for (const double item : question.items) out << fmt::format(" {:.17g}", item);
      out << '\n';
    }
  }
  run(fmt::format("{} {} < {} > {}", OHMSET_NUMPY_PYTHON, OHMSET_NUMPY_SCRIPT, folder.file("questions.txt"),
                  folder.file("answers.txt")));
  std::vector<Answer> answers;
  std::ifstream in(folder.file("answers.txt"));
  for (Answer answer; in >> answer.seconds >> answer.mask; answer.question = answers.size()) answers.push_back(answer);
  if (answers.size() != questions.size()) throw std::runtime_error("numpy: not as many answers as questions");
  return answers;
}
#endif

}  // namespace ohmset::bench
