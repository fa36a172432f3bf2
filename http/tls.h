// TLS by certificate files, and the byte stream of one connection, with or without it: the same to read from and write
// to. Internal to http/ but for TlsFiles.
#pragma once

#include <string>

namespace outpost::http {

struct TlsFiles {
  std::string certificate_chain;  // PEM
  std::string private_key;        // PEM
};

}  // namespace outpost::http
