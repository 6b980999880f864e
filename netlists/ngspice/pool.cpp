// Workers: started, fed, timed, replaced. Everything happens in the calling thread.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <optional>
#include <string_view>
#include <thread>

#include "netlists/ngspice.h"
#include "netlists/ngspice/guard.h"
#include "netlists/ngspice/variation.h"
#include "netlists/ngspice/worker.h"
#include "sim/error.h"

namespace ohmset {
namespace {

using Clock = std::chrono::steady_clock;
using ngspice::Reply;

constexpr std::uint64_t most_bytes = std::uint64_t{4} << 30U;
constexpr std::chrono::seconds start_limit{60};

struct Message {
  Reply kind = Reply::failure;
  std::string payload{};
};

std::string make_folder() {
  std::error_code ignored;
  std::filesystem::path base = std::filesystem::temp_directory_path(ignored);
  if (base.empty()) base = "/tmp";
  std::string name = (base / "ohmset-ngspice-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw world_error("no working folder for ngspice in " + base.string(), std::strerror(errno));
  }
  return name;
}

NgspiceResult failed(std::string why) {
  NgspiceResult result;
  result.failure = std::move(why);
  return result;
}

NgspiceResult values_of(std::string_view payload) {
  NgspiceResult result;
  result.values.reserve(payload.size() / 20);
  while (payload.size() >= sizeof(std::uint32_t)) {
    std::uint32_t length = 0;
    std::memcpy(&length, payload.data(), sizeof length);
    payload.remove_prefix(sizeof length);
    if (payload.size() < length + sizeof(double)) break;
    double value = 0.0;
    std::memcpy(&value, payload.data() + length, sizeof value);
    result.values.emplace(payload.substr(0, length), value);
    payload.remove_prefix(length + sizeof value);
  }
  if (!payload.empty() || result.values.empty()) return failed("ngspice's answer cannot be read");
  result.ok = true;
  return result;
}

// One worker process and the question it is at.
class Worker {
 public:
  explicit Worker(const std::string& library) : folder_(make_folder()) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      remove_folder();
      throw world_error("ngspice cannot be started", std::strerror(errno));
    }
    const ngspice::WorkerSetup setup{.socket = ends[1], .folder = folder_, .library = library};
    pid_ = ::fork();
    if (pid_ == 0) ngspice::serve(setup);
    const int error = errno;
    ::close(ends[1]);
    socket_ = ends[0];
    if (pid_ < 0) {
      ::close(socket_);
      remove_folder();
      throw world_error("ngspice cannot be started", std::strerror(error));
    }
    ::fcntl(socket_, F_SETFL, ::fcntl(socket_, F_GETFL) | O_NONBLOCK);
    deadline = Clock::now() + start_limit;
  }
  ~Worker() {
    ::close(socket_);
    if (!reaped_) {
      ::kill(pid_, SIGKILL);
      while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
    remove_folder();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void ask(std::string_view deck, std::string_view commands, Clock::time_point until) {
    const std::array<std::uint64_t, 2> sizes{deck.size(), commands.size()};
    question_.assign(ngspice::question_header, '\0');
    std::memcpy(question_.data(), sizes.data(), sizeof sizes);
    question_ += deck;
    question_ += commands;
    sent_ = 0;
    answer_.clear();
    deadline = until;
  }

  [[nodiscard]] pollfd interest() const {
    return {socket_, static_cast<short>(POLLIN | (sent_ < question_.size() ? POLLOUT : 0)), 0};
  }

  // Moves bytes both ways; the answer once it is whole.
  [[nodiscard]] std::optional<Message> advance() {
    while (sent_ < question_.size()) {
      const ssize_t n = ::send(socket_, question_.data() + sent_, question_.size() - sent_, MSG_NOSIGNAL);
      if (n <= 0) break;
      sent_ += static_cast<std::size_t>(n);
    }
    std::array<char, 1U << 16U> buffer{};
    for (;;) {
      const ssize_t n = ::recv(socket_, buffer.data(), buffer.size(), 0);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
      if (n <= 0) return whole_answer() ? take_answer() : Message{Reply::failure, epitaph()};
      answer_.append(buffer.data(), static_cast<std::size_t>(n));
      if (whole_answer()) return take_answer();
    }
    return std::nullopt;
  }

  [[nodiscard]] bool alive() const {
    pollfd state{socket_, 0, 0};
    return ::poll(&state, 1, 0) == 0;
  }

  Clock::time_point deadline{};
  std::optional<std::size_t> index{};  // of the deck it works on

 private:
  [[nodiscard]] std::uint64_t answer_size() const {
    std::uint64_t size = 0;
    std::memcpy(&size, answer_.data() + 1, sizeof size);
    return size;
  }
  [[nodiscard]] bool whole_answer() const {
    return answer_.size() >= ngspice::reply_header && answer_.size() - ngspice::reply_header >= answer_size();
  }
  [[nodiscard]] Message take_answer() {
    Message message{static_cast<Reply>(answer_[0]), answer_.substr(ngspice::reply_header)};
    answer_.clear();
    question_.clear();
    sent_ = 0;
    return message;
  }
  // Why the process ended without an answer.
  [[nodiscard]] std::string epitaph() {
    int status = 0;
    while (!reaped_ && ::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    reaped_ = true;
    if (WIFSIGNALED(status)) {
      const int signal = WTERMSIG(status);
      const char* name = ::strsignal(signal);
      return "ngspice crashed on this deck: signal " + std::to_string(signal) + " (" + (name ? name : "unknown") + ")";
    }
    return "ngspice ended on this deck without an answer";
  }
  void remove_folder() const {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string folder_;
  pid_t pid_ = -1;
  int socket_ = -1;
  bool reaped_ = false;
  std::string question_{};
  std::size_t sent_ = 0;
  std::string answer_{};
};

}  // namespace

struct Ngspice::Impl {
  NgspiceOptions options{};
  std::string version{};
  std::vector<std::unique_ptr<Worker>> workers{};

  explicit Impl(const NgspiceOptions& given) : options(given) {
    if (options.library.empty()) options.library = "libngspice.so.0";
    if (options.workers <= 0) options.workers = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    if (!(options.timeout_seconds > 0.0)) throw std::invalid_argument("ngspice needs a timeout above 0 seconds");
    workers.resize(static_cast<std::size_t>(options.workers));
    workers[0] = start();
  }

  [[nodiscard]] std::unique_ptr<Worker> start() {
    auto worker = std::make_unique<Worker>(options.library);
    while (Clock::now() < worker->deadline) {
      pollfd interest = worker->interest();
      ::poll(&interest, 1, 100);
      const std::optional<Message> message = worker->advance();
      if (!message) continue;
      if (message->kind != Reply::ready) throw world_error(message->payload, "install libngspice0");
      version = message->payload;
      return worker;
    }
    throw world_error("ngspice does not start");
  }

  [[nodiscard]] Clock::time_point deadline() const {
    const double seconds = std::min(options.timeout_seconds, 1e8);
    return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  }

  // A living worker in this slot, given the deck.
  void give(std::unique_ptr<Worker>& worker, std::size_t index, const std::string& deck,
            const std::string& commands = {}) {
    if (!worker || !worker->alive()) worker = start();
    worker->ask(deck, commands, deadline());
    worker->index = index;
  }

  void wait_for_any() const {
    std::vector<pollfd> interests;
    Clock::time_point first = Clock::time_point::max();
    for (const auto& worker : workers) {
      if (!worker || !worker->index) continue;
      interests.push_back(worker->interest());
      first = std::min(first, worker->deadline);
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(first - Clock::now()).count();
    ::poll(interests.data(), interests.size(), static_cast<int>(std::clamp<long>(left, 0, 1000)));
  }

  // The worker's message when it has one; a worker that failed or hangs is gone afterwards.
  [[nodiscard]] std::optional<Message> message_of(std::unique_ptr<Worker>& worker) const {
    if (std::optional<Message> message = worker->advance()) {
      worker->index.reset();
      if (message->kind == Reply::failure) worker.reset();
      return message;
    }
    if (Clock::now() < worker->deadline) return std::nullopt;
    worker.reset();
    return Message{Reply::failure,
                   "ngspice had no answer after " + std::to_string(options.timeout_seconds) + " seconds"};
  }
  [[nodiscard]] std::optional<NgspiceResult> result_of(std::unique_ptr<Worker>& worker) const {
    const std::optional<Message> message = message_of(worker);
    if (!message) return std::nullopt;
    return message->kind == Reply::results ? values_of(message->payload) : failed(message->payload);
  }

  void drop_busy() {
    for (auto& worker : workers) {
      if (worker && worker->index) worker.reset();
    }
  }
};

Ngspice::Ngspice(const NgspiceOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Ngspice::~Ngspice() = default;

const std::string& Ngspice::version() const { return impl_->version; }

NgspiceResult Ngspice::operating_point(const std::string& deck) {
  NgspiceResult only;
  operating_points(
      1, [&](std::size_t) { return deck; }, [&](std::size_t, const NgspiceResult& result) { only = result; });
  return only;
}

void Ngspice::operating_points(std::size_t count, const std::function<std::string(std::size_t)>& make,
                               const std::function<void(std::size_t, const NgspiceResult&)>& take) {
  Impl& impl = *impl_;
  // Results from `taken` on, in order; as far ahead as keeps every worker busy and memory bounded.
  std::deque<std::optional<NgspiceResult>> results;
  const std::size_t ahead = 4 * impl.workers.size();
  std::size_t taken = 0;
  std::size_t given = 0;
  try {
    while (taken < count) {
      for (auto& worker : impl.workers) {
        while ((!worker || !worker->index) && given < count && given - taken < ahead) {
          const std::string deck = make(given);
          results.emplace_back();
          std::string why = ngspice::refusal(deck);
          if (why.empty() && deck.size() > most_bytes) why = "the deck is too large";
          if (why.empty()) {
            impl.give(worker, given, deck);
          } else {
            results.back() = failed(std::move(why));
          }
          ++given;
        }
        if (worker && worker->index) {
          const std::size_t index = *worker->index;
          if (auto result = impl.result_of(worker)) results[index - taken] = std::move(*result);
        }
      }
      if (results.empty() || !results.front()) {
        impl.wait_for_any();
        continue;
      }
      while (!results.empty() && results.front()) {
        const NgspiceResult result = std::move(*results.front());
        results.pop_front();
        take(taken++, result);
      }
    }
  } catch (...) {
    impl.drop_busy();
    throw;
  }
}

NgspiceSeries Ngspice::varied(const NgspiceVariation& variation) {
  Impl& impl = *impl_;
  const std::string commands = ngspice::commands_of(variation);
  NgspiceSeries series;
  series.failure = ngspice::refusal(variation.deck);
  if (series.failure.empty() && variation.deck.size() + commands.size() > most_bytes) {
    series.failure = "the deck is too large";
  }
  if (!series.failure.empty()) return series;
  std::unique_ptr<Worker>& worker = impl.workers.front();
  impl.give(worker, 0, variation.deck, commands);
  std::optional<Message> message;
  while (!(message = impl.message_of(worker))) impl.wait_for_any();
  const std::size_t rows = variation.resistors.empty() ? 0 : variation.ohms.size() / variation.resistors.size();
  series.ok = message->kind == Reply::series && message->payload.size() == rows * sizeof(double);
  if (!series.ok) {
    series.failure = message->kind == Reply::failure ? message->payload : "ngspice's answer cannot be read";
    return series;
  }
  series.values.resize(rows);
  std::memcpy(series.values.data(), message->payload.data(), message->payload.size());
  return series;
}

}  // namespace ohmset
