#include "server/routes/web_files.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include "base/sha256.h"
#include "http/gzip.h"

namespace outpost::server {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTagLength = 20;
constexpr std::string_view kIndex = "index.html";

struct MediaType {
  std::string_view extension;
  const char* type;
  bool packs;
};

constexpr std::array<MediaType, 14> kMediaTypes = {{
    {".html", "text/html; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".mjs", "text/javascript; charset=utf-8", true},
    {".css", "text/css; charset=utf-8", true},
    {".json", "application/json", true},
    {".map", "application/json", true},
    {".webmanifest", "application/manifest+json", true},
    {".wasm", "application/wasm", true},
    {".svg", "image/svg+xml", true},
    {".png", "image/png", false},
    {".ico", "image/x-icon", false},
    {".woff2", "font/woff2", false},
    {".mp3", "audio/mpeg", false},
    {".txt", "text/plain; charset=utf-8", true},
}};

const MediaType* MediaTypeOf(std::string_view extension) {
  for (const MediaType& known : kMediaTypes) {
    if (known.extension == extension) return &known;
  }
  return nullptr;
}

bool IsHidden(const fs::path& relative) {
  for (const fs::path& part : relative) {
    if (part.native().starts_with('.')) return true;
  }
  return false;
}

Result<std::string> ReadWhole(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), {});
  if (!in.is_open() || in.bad()) return Error{ErrorCode::kIo, "cannot read " + path.string()};
  return bytes;
}

WebFile MakeFile(std::string bytes, const MediaType& type, bool lasting) {
  WebFile file;
  file.content_type = type.type;
  file.tag = "\"" + ToHex(Sha256Of(bytes)).substr(0, kTagLength) + "\"";
  if (type.packs && bytes.size() >= http::kGzipBytesMin) file.packed = http::Gzip(bytes).value_or("");
  file.bytes = std::move(bytes);
  file.lasting = lasting;
  return file;
}

// The regular files below, as path relative to the folder and type; links are not followed.
Result<std::map<std::string, const MediaType*>> Listing(const fs::path& folder) {
  std::map<std::string, const MediaType*> found;
  std::error_code error;
  for (auto at = fs::recursive_directory_iterator(folder, error); !error && at != fs::recursive_directory_iterator();
       at.increment(error)) {
    const fs::path relative = at->path().lexically_relative(folder);
    const MediaType* type = MediaTypeOf(at->path().extension().native());
    if (type == nullptr || IsHidden(relative) || at->is_symlink(error) || !at->is_regular_file(error)) continue;
    found.emplace(relative.generic_string(), type);
    if (found.size() > kWebFilesMax) {
      return Error{ErrorCode::kFull, folder.string() + ": more than " + std::to_string(kWebFilesMax) + " files"};
    }
  }
  if (error) return Error{ErrorCode::kNotFound, folder.string() + ": " + error.message()};
  return found;
}

}  // namespace

Result<WebFiles> WebFiles::Read(const std::string& folder) {
  OUTPOST_TRY(const auto listing, Listing(folder));
  WebFiles files;
  std::size_t total = 0;
  for (const auto& [path, type] : listing) {
    OUTPOST_TRY(std::string bytes, ReadWhole(fs::path(folder) / path));
    total += bytes.size();
    if (total > kWebBytesMax) {
      return Error{ErrorCode::kFull, folder + ": more than " + std::to_string(kWebBytesMax) + " bytes"};
    }
    const bool lasting = path.find("/assets/") != std::string::npos;
    files.files_.emplace(path, MakeFile(std::move(bytes), *type, lasting));
  }
  return files;
}

const WebFile* WebFiles::Find(std::string_view path) const {
  if (path.ends_with('/')) path.remove_suffix(1);
  auto found = files_.find(path);
  if (found == files_.end() && path.find('/') == std::string_view::npos) {
    found = files_.find(std::string(path) + "/" + std::string(kIndex));
  }
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace outpost::server
