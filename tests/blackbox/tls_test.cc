// TLS by certificate files.
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "http/raw_client.h"
#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

// A certificate for 127.0.0.1, signed by itself.
void WriteCertificate(const std::string& certificate_file, const std::string& key_file, long serial = 1) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("127.0.0.1"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());
  FILE* file = std::fopen(certificate_file.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

struct TlsAnswer {
  std::string text;
  long serial = 0;  // of the server's certificate
};

// One request over TLS, to the end of the connection.
TlsAnswer AskOverTls(std::uint16_t port, const std::string& request) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL* tls = SSL_new(context);
  const int connection = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  TlsAnswer answer;
  if (::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    SSL_set_fd(tls, connection);
    if (SSL_connect(tls) == 1) {
      X509* certificate = SSL_get1_peer_certificate(tls);
      answer.serial = ASN1_INTEGER_get(X509_get0_serialNumber(certificate));
      X509_free(certificate);
      SSL_write(tls, request.data(), static_cast<int>(request.size()));
      char bytes[4096];
      for (int read = 0; (read = SSL_read(tls, bytes, sizeof bytes)) > 0;)
        answer.text.append(bytes, static_cast<std::size_t>(read));
    }
  }
  SSL_free(tls);
  SSL_CTX_free(context);
  ::close(connection);
  return answer;
}

// 0: it did not start.
std::uint16_t TlsPort(Process& server) {
  const std::string line = server.ReadLine().value_or("");
  const std::string expected = "listening on https://127.0.0.1:";
  if (line.substr(0, expected.size()) != expected) return 0;
  return static_cast<std::uint16_t>(std::atoi(line.c_str() + expected.size()));
}

constexpr const char* kHealth = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

TEST(Tls, IsSpokenWithACertificate) {
  const Folder folder;
  const std::string certificate = folder.path() + "/cert.pem";
  const std::string key = folder.path() + "/key.pem";
  WriteCertificate(certificate, key);
  Process server({"serve", "--listen", "127.0.0.1:0", "--data", folder.path() + "/data", "--tls-cert", certificate,
                  "--tls-key", key},
                 {{"OUTPOST_JWT_SECRET", kSecret}});
  const std::uint16_t port = TlsPort(server);
  ASSERT_NE(port, 0);
  const std::string health = AskOverTls(port, kHealth).text;
  EXPECT_EQ(health.substr(0, 15), "HTTP/1.1 200 OK");
  EXPECT_NE(health.find("Strict-Transport-Security"), std::string::npos);
  const std::string order =
      AskOverTls(port, "POST /pos/orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " +
                           Token(Who{.workspace = "shop"}) + "\r\nContent-Type: application/json\r\nContent-Length: " +
                           std::to_string(OrderBody().size()) + "\r\n\r\n" + OrderBody())
          .text;
  EXPECT_EQ(order.substr(0, 20), "HTTP/1.1 201 Created");
  http::RawClient plain(port);
  plain.Send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto answer = plain.Read();
  EXPECT_FALSE(answer.has_value() && answer->status == 200) << "no clear text on a TLS port";
}

TEST(Tls, ARenewedCertificateIsTakenUpWithoutARestart) {
  const Folder folder;
  const std::string certificate = folder.path() + "/cert.pem";
  const std::string key = folder.path() + "/key.pem";
  WriteCertificate(certificate, key, 7);
  Process server({"serve", "--listen", "127.0.0.1:0", "--data", folder.path() + "/data", "--tls-cert", certificate,
                  "--tls-key", key},
                 {{"OUTPOST_JWT_SECRET", kSecret}});
  const std::uint16_t port = TlsPort(server);
  ASSERT_NE(port, 0);
  EXPECT_EQ(AskOverTls(port, kHealth).serial, 7);
  const auto serial_becomes = [&](long wanted) {
    for (int i = 0; i < 500; ++i) {
      if (AskOverTls(port, kHealth).serial == wanted) return true;
    }
    return false;
  };
  WriteCertificate(certificate, key, 8);
  server.Signal(SIGHUP);
  EXPECT_TRUE(serial_becomes(8));
  std::ofstream(certificate) << "no certificate";
  server.Signal(SIGHUP);
  EXPECT_EQ(AskOverTls(port, kHealth).text.substr(0, 15), "HTTP/1.1 200 OK") << "the old one stays";
  WriteCertificate(certificate, key, 9);
  server.Signal(SIGHUP);
  EXPECT_TRUE(serial_becomes(9));
}

TEST(Tls, ABrokenPairIsRefusedAtTheStart) {
  const Folder folder;
  WriteCertificate(folder.path() + "/cert.pem", folder.path() + "/key.pem");
  WriteCertificate(folder.path() + "/other.pem", folder.path() + "/other-key.pem");
  const std::vector<std::string> serve = {"serve", "--listen", "127.0.0.1:0", "--data", folder.path() + "/data"};
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = serve;
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunProgram(arguments).exit_code;
  };
  EXPECT_EQ(with({"--tls-cert", folder.path() + "/cert.pem"}), 2);
  EXPECT_EQ(with({"--tls-cert", folder.path() + "/cert.pem", "--tls-key", folder.path() + "/other-key.pem"}), 1);
  EXPECT_EQ(with({"--tls-cert", folder.path() + "/no.pem", "--tls-key", folder.path() + "/key.pem"}), 1);
}

}  // namespace
}  // namespace outpost::blackbox
