#include "cli/edit_text.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <vector>

#include "cli/environment.h"

extern char** environ;

namespace outpost::cli {
namespace {

// Removed when it is no longer needed, whatever happened.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& folder) : path_(folder + "/edit-XXXXXX") {
    descriptor_ = ::mkstemp(path_.data());
  }
  ~TemporaryFile() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  bool Write(std::string_view text) const {
    return descriptor_ >= 0 && ::write(descriptor_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int descriptor_;
};

// $EDITOR may carry arguments of its own: a shell splits them, the path stays one word.
bool RunEditor(const std::string& editor, const std::string& path) {
  const std::string script = editor + " \"$1\"";
  std::vector<const char*> words = {"sh", "-c", script.c_str(), "outpost-edit", path.c_str(), nullptr};
  pid_t child = 0;
  if (::posix_spawn(&child, "/bin/sh", nullptr, nullptr, const_cast<char**>(words.data()), environ) != 0) return false;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

Result<std::string> EditText(std::string_view text, const std::string& folder) {
  const TemporaryFile file(folder);
  if (!file.Write(text)) return Error{ErrorCode::kIo, "cannot write a file to edit in " + folder};
  const std::string editor = Environment("VISUAL").value_or(Environment("EDITOR").value_or("vi"));
  if (!RunEditor(editor, file.path())) return Error{ErrorCode::kUnavailable, "the editor failed: " + editor};
  std::ifstream stream(file.path(), std::ios::binary);
  if (!stream) return Error{ErrorCode::kIo, "cannot read what was edited"};
  return std::string(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
}

}  // namespace outpost::cli
