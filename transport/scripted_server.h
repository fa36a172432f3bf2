// A server for tests: a thread on 127.0.0.1 that answers each request with the bytes a test wrote down, byte for byte,
// so that a truncated, silent or foreign peer can be played too.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace outpost::transport {

// An answer with its Content-Length.
std::string PlainResponse(const std::string& status_line, const std::string& headers, const std::string& body);

class ScriptedServer {
 public:
  // The raw bytes to answer a request (head and body) with. Empty: say nothing, keep the connection open.
  using Handler = std::function<std::string(const std::string& request)>;

  explicit ScriptedServer(Handler handler);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer();

  std::string url() const;
  int connections() const { return connections_; }
  std::vector<std::string> requests() const;

 private:
  void Accept();
  void Serve(int socket);

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<int> sockets_;
  std::vector<std::thread> serving_;
  std::thread accepting_;
};

}  // namespace outpost::transport
