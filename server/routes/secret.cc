#include "server/routes/secret.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/sha256.h"
#include "server/routes/auth.h"

namespace outpost::server {
namespace {

constexpr std::size_t kRandomBytes = 32;

Error IoError(const std::string& path, const char* what) {
  return Error{ErrorCode::kIo, std::string(what) + " " + path + ": " + std::strerror(errno)};
}

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

Result<std::string> MakeSecret() {
  unsigned char bytes[kRandomBytes];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return Error{ErrorCode::kIo, "no randomness for the secret"};
  return ToHex(std::string_view(reinterpret_cast<const char*>(bytes), sizeof bytes));
}

Status WriteDurably(const std::string& path, const std::string& text) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) return IoError(path, "cannot create");
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) || ::fsync(file.get()) != 0) {
    return IoError(path, "cannot write");
  }
  return {};
}

// A name of its own, then a link to the real one: whoever links first wins, and nobody reads a half-written file.
Status Create(const std::string& directory, const std::string& path) {
  OUTPOST_TRY(const std::string secret, MakeSecret());
  const std::string temporary = path + "." + std::to_string(::getpid()) + "." + secret.substr(0, 8);
  OUTPOST_CHECK(WriteDurably(temporary, secret + "\n"));
  const int linked = ::link(temporary.c_str(), path.c_str());
  const int reason = errno;
  ::unlink(temporary.c_str());
  errno = reason;
  if (linked != 0 && reason != EEXIST) return IoError(path, "cannot create");
  const File folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) return IoError(directory, "cannot sync");
  return {};
}

Result<std::string> Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.good() && !file.eof()) return IoError(path, "cannot read");
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (!IsLongEnough(text)) return Error{ErrorCode::kCorrupt, path + " is shorter than 32 bytes"};
  return text;
}

}  // namespace

Result<std::string> ReadSecretFile(const std::string& path) {
  if (::access(path.c_str(), R_OK) != 0) return IoError(path, "cannot read");
  return Read(path);
}

Result<std::string> LoadOrCreateSecret(const std::optional<std::string>& environment, const std::string& directory) {
  if (environment) {
    if (IsLongEnough(*environment)) return *environment;
    return Error{ErrorCode::kInvalidArgument, "OUTPOST_JWT_SECRET must have at least 32 bytes"};
  }
  const std::string path = directory + "/" + kSecretFile;
  if (::access(path.c_str(), F_OK) != 0) OUTPOST_CHECK(Create(directory, path));
  return Read(path);
}

}  // namespace outpost::server
