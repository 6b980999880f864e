// SPDX-License-Identifier: Apache-2.0
#include "tools/io/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <set>
#include <utility>

#include "sim/error.h"
#include "tools/io/unfinished.h"

namespace ohmset::io {
namespace {

std::string reason() { return std::strerror(errno); }

std::optional<struct stat> status(const std::string& path) {
  struct stat result {};
  if (stat(path.c_str(), &result) != 0) return std::nullopt;
  return result;
}

bool is_folder(const struct stat& s) { return S_ISDIR(s.st_mode); }

// "a/b/" -> "a/b": what rename and the parent's name need.
std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The place a symbolic link points to: it is that file which is replaced, not the link.
std::string resolved(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path target = std::filesystem::canonical(path, failed);
  return failed ? path : target.string();
}

std::string temporary_name(const std::string& path, int attempt) {
  return parent_of(path) + "/.ohmset-" + std::to_string(getpid()) + "-" + std::to_string(attempt) + ".tmp";
}

// A name beside `path` that nothing has yet.
std::string free_name(const std::string& path) {
  int attempt = 0;
  while (status(temporary_name(path, attempt))) ++attempt;
  return temporary_name(path, attempt);
}

// The sure way to learn whether a file can be made somewhere is to make one.
void check_parent(const std::string& path) {
  const std::string parent = parent_of(path);
  const auto s = status(parent);
  if (!s) throw world_error(path + ": cannot be written", parent + ": " + reason());
  if (!is_folder(*s)) throw world_error(path + ": cannot be written", parent + " is not a folder");
  const Unfinished trial(free_name(path));
  const int descriptor = open(trial.path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) throw world_error(path + ": cannot be written", parent + ": " + reason());
  close(descriptor);
}

// Closes the file when it fails.
void write_some(int descriptor, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), std::min(bytes.size(), std::size_t{1} << 30U));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const std::string why = reason();
      close(descriptor);
      throw world_error(path + ": cannot be written", why);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void write_all(int descriptor, std::initializer_list<std::string_view> parts, const std::string& path) {
  for (const std::string_view part : parts) write_some(descriptor, part, path);
  if (close(descriptor) != 0) throw world_error(path + ": cannot be written", reason());
}

// `shown` is the path as the user typed it.
void write_new(const std::string& temporary, std::initializer_list<std::string_view> parts, const std::string& shown) {
  const int descriptor = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) throw world_error(shown + ": cannot be written", reason());
  write_all(descriptor, parts, shown);
}

// Renames a finished file to where it belongs, with the rights of the one that it replaces.
void place(Unfinished& finished, const std::string& target, const std::string& shown) {
  if (const auto present = status(target)) chmod(finished.path().c_str(), present->st_mode & 07777U);
  if (std::rename(finished.path().c_str(), target.c_str()) != 0) {
    throw world_error(shown + ": cannot be written", reason());
  }
  finished.keep();
}

// "first/design.json" -> "first", "" for files of the folder itself.
std::string folder_within(const std::string& name) {
  const std::size_t slash = name.find('/');
  return slash == std::string::npos ? "" : name.substr(0, slash);
}

// `path` as the user typed it, `within` what leads on from there: "" or "first/".
void check_folder_holds_only(const std::string& path, const std::string& within,
                             const std::vector<std::string>& replaceable) {
  std::error_code failed;
  std::filesystem::directory_iterator entry(path + "/" + within, failed);
  for (const std::filesystem::directory_iterator end; !failed && entry != end; entry.increment(failed)) {
    const std::string name = within + entry->path().filename().string();
    const bool folder = entry->is_directory() && !entry->is_symlink();
    const auto known = [&](const std::string& file) { return (folder ? folder_within(file) : file) == name; };
    if (std::none_of(replaceable.begin(), replaceable.end(), known)) {
      throw input_error(path + " holds other files (" + name + ")", "it is not overwritten: choose another folder");
    }
    if (folder) check_folder_holds_only(path, name + "/", replaceable);
  }
  if (failed) throw world_error(path + ": cannot be read", failed.message());
}

}  // namespace

std::string read_file(const std::string& path, std::size_t most) {
  const auto s = status(path);
  if (!s) throw input_error(path + ": cannot be read", reason());
  if (is_folder(*s)) throw input_error(path + " is a folder", "expected a file");
  const auto too_large = [&] {
    return input_error(path + ": the file is too large", "at most " + std::to_string(most) + " bytes");
  };
  if (S_ISREG(s->st_mode) && static_cast<std::size_t>(s->st_size) > most) throw too_large();

  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) throw input_error(path + ": cannot be read", reason());
  std::string bytes;
  if (S_ISREG(s->st_mode)) bytes.reserve(static_cast<std::size_t>(s->st_size) + 1);
  std::vector<char> block(std::size_t{1} << 18U);
  std::size_t got = 0;
  while (bytes.size() <= most && (got = std::fread(block.data(), 1, block.size(), file)) > 0) {
    bytes.append(block.data(), got);
  }
  const bool failed = std::ferror(file) != 0;
  const std::string why = failed ? reason() : "";
  std::fclose(file);
  if (failed) throw input_error(path + ": cannot be read", why);
  if (bytes.size() > most) throw too_large();
  return bytes;
}

void check_output(const std::string& path, bool force) {
  if (path.empty()) throw input_error("the output's name is empty");
  if (is_written_in_place(path)) return;
  if (const auto s = status(path)) {
    if (is_folder(*s)) throw input_error(path + " is a folder", "expected a file's name");
    if (!force) throw input_error(path + " exists", "--force overwrites it");
  } else if (path.back() == '/') {
    throw input_error(path + ": names a folder", "expected a file's name");
  }
  check_parent(resolved(path));
}

// Not a regular file: renaming over it would replace it.
bool is_written_in_place(const std::string& path) {
  if (path.starts_with("/dev/")) return true;
  const auto s = status(path);
  return s && !S_ISREG(s->st_mode) && !is_folder(*s);
}

void check_apart(const std::string& first, const std::string& path, const std::string& second,
                 const std::string& other) {
  if (path.empty() || other.empty() || is_written_in_place(path)) return;
  const auto place = [](const std::string& name) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(name));
  };
  if (place(path) != place(other)) return;
  throw input_error(fmt::format("{} and {} are both {}", first, second, path), "expected two files");
}

void write_file(const std::string& path, std::string_view bytes, bool force) {
  check_output(path, force);
  if (is_written_in_place(path)) {
    const int descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) throw world_error(path + ": cannot be written", reason());
    write_all(descriptor, {bytes}, path);
    return;
  }
  const std::string target = resolved(path);
  Unfinished temporary(free_name(target));
  write_new(temporary.path(), {bytes}, path);
  place(temporary, target, path);
}

GrowingFile::GrowingFile(const std::string& path, bool force) : path_(path) {
  check_output(path, force);
  if (is_written_in_place(path)) {
    descriptor_ = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    target_ = resolved(path);
    unfinished_ = std::make_unique<Unfinished>(free_name(target_));
    descriptor_ = open(unfinished_->path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  }
  if (descriptor_ < 0) throw world_error(path + ": cannot be written", reason());
}

GrowingFile::~GrowingFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

void GrowingFile::append(std::string_view bytes) {
  const int descriptor = std::exchange(descriptor_, -1);
  write_some(descriptor, bytes, path_);  // closes it when it fails
  descriptor_ = descriptor;
}

void GrowingFile::finish() {
  write_all(std::exchange(descriptor_, -1), {}, path_);
  if (target_.empty()) return;
  place(*unfinished_, target_, path_);
}

void check_output_folder(const std::string& path, bool force, const std::vector<std::string>& replaceable) {
  if (path.empty()) throw input_error("the output's name is empty");
  if (const auto s = status(path)) {
    if (!is_folder(*s)) throw input_error(path + " is a file", "expected a folder's name");
    if (!force) throw input_error(path + " exists", "--force overwrites it");
    check_folder_holds_only(path, "", replaceable);
  }
  check_parent(without_trailing_slashes(resolved(path)));
}

void write_folder(const std::string& path, const FolderFiles& files, bool force,
                  const std::vector<std::string>& replaceable) {
  std::set<std::string> all(replaceable.begin(), replaceable.end());
  for (const FolderFile& file : files) all.insert(file.name);
  const std::vector<std::string> names(all.begin(), all.end());
  check_output_folder(path, force, names);

  const std::string target = without_trailing_slashes(resolved(path));
  Unfinished folder(free_name(target));
  if (mkdir(folder.path().c_str(), 0777) != 0) throw world_error(path + ": cannot be written", reason());
  // After an exchange the old files stand under these names and are removed in the new ones' stead.
  std::set<std::string> within;
  for (const std::string& name : names) within.insert(folder_within(name));
  within.erase("");
  std::deque<Unfinished> unfinished_folders;
  for (const std::string& name : within) unfinished_folders.emplace_back(folder.path() + "/" + name);
  std::deque<Unfinished> unfinished;
  for (const std::string& name : names) unfinished.emplace_back(folder.path() + "/" + name);
  for (const FolderFile& file : files) {
    const std::string inner = folder.path() + "/" + folder_within(file.name);
    if (mkdir(inner.c_str(), 0777) != 0 && errno != EEXIST) {
      throw world_error(path + "/" + file.name + ": cannot be written", reason());
    }
    write_new(folder.path() + "/" + file.name, {file.bytes, file.rest}, path + "/" + file.name);
  }

  if (std::rename(folder.path().c_str(), target.c_str()) == 0) {  // nothing there, or an empty folder
    for (Unfinished& file : unfinished) file.keep();
    for (Unfinished& inner : unfinished_folders) inner.keep();
    folder.keep();
    return;
  }
  if (errno != ENOTEMPTY && errno != EEXIST) throw world_error(path + ": cannot be written", reason());
  if (renameat2(AT_FDCWD, folder.path().c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) return;
  // Some file systems cannot exchange two names: step aside, move in, and back if that fails.
  const std::string aside = folder.path() + ".old";
  if (std::rename(target.c_str(), aside.c_str()) != 0) throw world_error(path + ": cannot be replaced", reason());
  if (std::rename(folder.path().c_str(), target.c_str()) != 0) {
    const std::string why = reason();
    std::rename(aside.c_str(), target.c_str());
    throw world_error(path + ": cannot be replaced", why);
  }
  std::error_code ignored;
  std::filesystem::remove_all(aside, ignored);
}

}  // namespace ohmset::io
