// The process that holds libngspice. The library is global, exits when it pleases and remembers old circuits: here it
// may, and every answer is checked against the deck it is meant for.
// SPDX-License-Identifier: Apache-2.0
#include "netlists/ngspice/worker.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <ngspice/sharedspice.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

namespace ohmset::ngspice {
namespace {

struct Session {
  int socket = -1;
  std::vector<std::string> messages{};  // of the library, since the deck came
  std::string title{};                  // of the deck, with its nonce
  bool title_seen = false;
  bool stale = false;
  std::string results{};
  std::string bad_value{};
  bool has_results = false;
  std::string wanted{};  // of a circuit that is varied
  double found = 0.0;
  bool has_found = false;
};

struct Library {
  decltype(&ngSpice_Init) init = nullptr;
  decltype(&ngSpice_Command) command = nullptr;
  decltype(&ngSpice_Circ) circuit = nullptr;
};

// --- the socket ------------------------------------------------------------------------------------------------

[[noreturn]] void leave() { _exit(0); }

void send_all(int socket, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(socket, data, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) leave();
    data += sent;
    size -= static_cast<std::size_t>(sent);
  }
}

void receive_all(int socket, char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::recv(socket, data, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) leave();
    data += got;
    size -= static_cast<std::size_t>(got);
  }
}

void reply(int socket, Reply kind, std::string_view payload) {
  std::array<char, reply_header> header{};
  header[0] = static_cast<char>(kind);
  const std::uint64_t size = payload.size();
  std::memcpy(header.data() + 1, &size, sizeof size);
  send_all(socket, header.data(), header.size());
  send_all(socket, payload.data(), payload.size());
}

// --- what the library says ---------------------------------------------------------------------------------------

bool is_failure(std::string_view line) {
  std::string lower(line);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const std::string_view word : {"error", "singular", "aborted", "fatal", "undefined"}) {
    if (lower.find(word) != std::string::npos) return true;
  }
  return false;
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool space = static_cast<unsigned char>(c) <= ' ';
    if (space && (line.empty() || line.back() == ' ')) continue;
    line += space ? ' ' : c;
    if (line.size() > 400) break;
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

// The first message that tells of a failure; "Error on line 4 ...:" takes the line and the reason with it.
std::string first_failure(const std::vector<std::string>& messages) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!is_failure(messages[i])) continue;
    std::string line = messages[i];
    const std::size_t more = line.starts_with("Error on line") ? 2 : 0;
    for (std::size_t k = i + 1; k <= i + more && k < messages.size(); ++k) line += ": " + messages[k];
    if (const std::size_t doubled = line.find("::"); doubled != std::string::npos) line.erase(doubled, 1);
    return line;
  }
  return {};
}

int on_message(char* text, int /*ident*/, void* user) {
  auto& session = *static_cast<Session*>(user);
  std::string_view line(text);
  for (const std::string_view stream : {"stdout ", "stderr "}) {
    if (line.starts_with(stream)) line.remove_prefix(stream.size());
  }
  std::string clean = one_line(line);
  if (!clean.empty() && session.messages.size() < 1000) session.messages.push_back(std::move(clean));
  return 0;
}

int on_status(char* /*text*/, int /*ident*/, void* /*user*/) { return 0; }
int on_thread(NG_BOOL /*running*/, int /*ident*/, void* /*user*/) { return 0; }

// The library wants to end the process. Its memory cannot be trusted any more: say why, then do it.
int on_exit(int /*status*/, NG_BOOL /*immediate*/, NG_BOOL /*quit*/, int /*ident*/, void* user) {
  const auto& session = *static_cast<Session*>(user);
  const std::string why = first_failure(session.messages);
  reply(session.socket, Reply::failure, why.empty() ? "ngspice gave up on the deck" : why);
  leave();
}

int on_start(pvecinfoall plot, int /*ident*/, void* user) {
  auto& session = *static_cast<Session*>(user);
  const bool same = plot->title != nullptr && session.title == plot->title;
  session.title_seen = session.title_seen || same;
  session.stale = session.stale || !same;
  return 0;
}

int on_values(pvecvaluesall values, int /*count*/, int /*ident*/, void* user) {
  auto& session = *static_cast<Session*>(user);
  session.results.clear();
  session.has_results = values->veccount > 0;
  for (int i = 0; i < values->veccount; ++i) {
    const vecvalues& value = *values->vecsa[i];
    std::string_view name(value.name);
    if (name.starts_with("V(") && name.ends_with(")")) name = name.substr(2, name.size() - 3);
    if (!std::isfinite(value.creal) && session.bad_value.empty()) session.bad_value = name;
    if (!session.wanted.empty()) {
      if (name == session.wanted) session.found = value.creal;
      session.has_found = session.has_found || name == session.wanted;
      continue;
    }
    const auto length = static_cast<std::uint32_t>(name.size());
    std::array<char, sizeof length> head{};
    std::memcpy(head.data(), &length, sizeof length);
    std::array<char, sizeof(double)> tail{};
    std::memcpy(tail.data(), &value.creal, sizeof(double));
    session.results.append(head.data(), head.size());
    session.results += name;
    session.results.append(tail.data(), tail.size());
  }
  return 0;
}

// --- one deck --------------------------------------------------------------------------------------------------

void command(const Library& library, const char* text) {
  std::string copy(text);
  library.command(copy.data());
}

// The lines of the deck as the library takes them, the first replaced by our title.
std::vector<char*> lines_of(std::string& deck, std::string& title) {
  std::vector<char*> lines{title.data()};
  bool first = true;
  std::size_t begin = 0;
  while (begin < deck.size()) {
    std::size_t end = deck.find('\n', begin);
    if (end == std::string::npos) end = deck.size();
    std::size_t last = end;
    while (last > begin && static_cast<unsigned char>(deck[last - 1]) <= ' ') --last;
    if (end < deck.size()) deck[end] = '\0';
    if (last < deck.size()) deck[last] = '\0';
    if (!first && last > begin) lines.push_back(deck.data() + begin);
    first = false;
    begin = end + 1;
  }
  lines.push_back(nullptr);
  return lines;
}

// Why there is no operating point; empty when the session's results are it.
std::string solve(const Library& library, Session& session) {
  session.title_seen = session.stale = session.has_results = session.has_found = false;
  session.bad_value.clear();
  command(library, "op");
  if (std::string why = first_failure(session.messages); !why.empty()) return why;
  if (!session.has_results) return "ngspice gave no operating point";
  if (session.stale || !session.title_seen) return "ngspice answered for another circuit";
  if (!session.bad_value.empty()) return "ngspice gave no finite value for " + session.bad_value;
  return {};
}

// Why the deck failed; empty when it is read.
std::string read(const Library& library, Session& session, std::string deck) {
  session.messages.clear();
  std::string title = session.title;
  std::vector<char*> lines = lines_of(deck, title);
  const int code = library.circuit(lines.data());
  if (std::string why = first_failure(session.messages); !why.empty()) return why;
  return code != 0 ? "ngspice refused the deck" : "";
}

// Runs the commands after the first line, which names the quantity; its values go into the results.
std::string vary(const Library& library, Session& session, const std::string& commands) {
  std::string values;
  std::size_t begin = commands.find('\n');
  session.wanted = commands.substr(0, begin);
  while (begin < commands.size()) {
    const std::size_t end = std::min(commands.find('\n', ++begin), commands.size());
    const std::string line = commands.substr(begin, end - begin);
    begin = end;
    session.messages.clear();
    if (line != "op") {
      if (!line.empty()) command(library, line.c_str());
      if (std::string why = first_failure(session.messages); !why.empty()) return why;
      continue;
    }
    if (std::string why = solve(library, session); !why.empty()) return why;
    if (!session.has_found) return "ngspice gives no " + session.wanted;
    std::array<char, sizeof(double)> bytes{};
    std::memcpy(bytes.data(), &session.found, sizeof(double));
    values.append(bytes.data(), bytes.size());
    command(library, "destroy all");
  }
  session.wanted.clear();
  session.results = std::move(values);
  return {};
}

void forget_circuit(const Library& library) {
  command(library, "remcirc");
  command(library, "destroy all");
  library.command(nullptr);
}

// --- starting --------------------------------------------------------------------------------------------------

// Nothing of the caller's reaches the library: not its folder, its home, its terminal, its other workers' sockets.
void isolate(const WorkerSetup& setup) {
  rlimit none{};
  ::setrlimit(RLIMIT_CORE, &none);
  for (const char* name : {"SPICE_LIB_DIR", "SPICE_SCRIPTS", "SPICE_EXEC_DIR", "SPICE_PATH", "SPICE_ASCIIRAWFILE",
                           "SPICE_NEWS", "SPICE_HELP_DIR", "SPICE_HOST", "NGSPICE_INPUT_DIR", "DISPLAY"}) {
    ::unsetenv(name);
  }
  ::setenv("HOME", setup.folder.c_str(), 1);
  if (::chdir(setup.folder.c_str()) != 0) leave();
  const int settings = ::open(".spiceinit", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (settings >= 0) ::close(settings);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd < 3 && null >= 0; ++fd) ::dup2(null, fd);
  if (setup.socket > 3) ::close_range(3, static_cast<unsigned>(setup.socket) - 1, 0);
  ::close_range(static_cast<unsigned>(setup.socket) + 1, ~0U, 0);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGFPE, SIGBUS, SIGILL}) {
    std::signal(signal, SIG_DFL);
  }
}

// A busy worker whose caller is gone would never notice: this thread does.
void watch_caller(int socket) {
  std::thread([socket] {
    for (;;) {
      pollfd caller{socket, 0, 0};
      if (::poll(&caller, 1, -1) > 0 && (caller.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) leave();
    }
  }).detach();
}

template <class Function>
void find(void* handle, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(handle, name));
}

Library load(const WorkerSetup& setup) {
  void* handle = ::dlopen(setup.library.c_str(), RTLD_NOW | RTLD_LOCAL);
  std::string why;
  if (handle == nullptr) {
    const char* reason = ::dlerror();
    why = reason == nullptr ? setup.library : reason;
  }
  Library library;
  if (handle != nullptr) {
    find(handle, "ngSpice_Init", library.init);
    find(handle, "ngSpice_Command", library.command);
    find(handle, "ngSpice_Circ", library.circuit);
    if (library.init == nullptr || library.command == nullptr || library.circuit == nullptr) {
      why = setup.library + " is not ngspice";
    }
  }
  if (!why.empty()) {
    reply(setup.socket, Reply::failure, "ngspice's shared library cannot be loaded: " + why);
    leave();
  }
  return library;
}

// "39" of "** ngspice-39 shared library", "39.3" where the library says so.
std::string version_in(const std::vector<std::string>& messages) {
  constexpr std::string_view mark = "ngspice-";
  for (const std::string& line : messages) {
    const std::size_t at = line.find(mark);
    if (at == std::string::npos) continue;
    std::size_t end = at + mark.size();
    while (end < line.size() && (std::isalnum(static_cast<unsigned char>(line[end])) != 0 || line[end] == '.')) ++end;
    const std::string version = line.substr(at + mark.size(), end - at - mark.size());
    if (!version.empty()) return version;
  }
  return "unknown";
}

}  // namespace

void serve(const WorkerSetup& setup) {
  isolate(setup);
  watch_caller(setup.socket);
  const Library library = load(setup);
  Session session;
  session.socket = setup.socket;
  library.init(on_message, on_status, on_exit, on_values, on_start, on_thread, &session);
  command(library, "version");
  const std::string version = version_in(session.messages);
  // Floating nodes then fail at once instead of settling anywhere.
  command(library, "optran 1 0 0 0 0 0");
  ::unlink(".spiceinit");
  ::rmdir(setup.folder.c_str());
  reply(setup.socket, Reply::ready, version);
  for (std::uint64_t served = 0;; ++served) {
    std::array<std::uint64_t, 2> sizes{};
    std::array<char, question_header> header{};
    receive_all(setup.socket, header.data(), header.size());
    std::memcpy(sizes.data(), header.data(), sizeof sizes);
    std::string deck(sizes[0], '\0');
    receive_all(setup.socket, deck.data(), deck.size());
    std::string commands(sizes[1], '\0');
    receive_all(setup.socket, commands.data(), commands.size());
    session.title = "deck " + std::to_string(::getpid()) + "n" + std::to_string(served);
    std::string why = read(library, session, std::move(deck));
    if (why.empty()) why = commands.empty() ? solve(library, session) : vary(library, session, commands);
    if (!why.empty()) {
      reply(setup.socket, Reply::failure, why);
      leave();
    }
    reply(setup.socket, commands.empty() ? Reply::results : Reply::series, session.results);
    forget_circuit(library);
  }
}

}  // namespace ohmset::ngspice
