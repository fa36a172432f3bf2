// The built web applications, read once at the start and kept in memory: what a request names is looked up in a map
// and never reaches the file system. A folder per application, each with an index.html:
//   pos/index.html  pos/sw.js  pos/assets/index-4f2a.js
// Files under assets/ carry a hash of their content in their name and may be cached for ever.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace outpost::server {

inline constexpr std::size_t kWebFilesMax = 2000;
inline constexpr std::size_t kWebBytesMax = 64u << 20;

struct WebFile {
  std::string content_type;
  std::string bytes;
  std::string packed;  // gzip; empty when it would not be smaller
  std::string tag;     // with its quotes
  bool lasting = false;
};

class WebFiles {
 public:
  WebFiles() = default;
  // Hidden files and types that no browser asks for are left out. kNotFound: no such folder; kFull: beyond a limit.
  static Result<WebFiles> Read(const std::string& folder);

  // By path below the folder. An application's name, with or without a slash behind it, is its index.html.
  const WebFile* Find(std::string_view path) const;
  bool empty() const { return files_.empty(); }

 private:
  std::map<std::string, WebFile, std::less<>> files_;
};

}  // namespace outpost::server
