// The loads that a server is measured under. Each runs to its end and prints one line of figures.
#pragma once

#include <cstdint>
#include <string>

namespace outpost::load {

struct Target {
  std::uint16_t port = 0;
  std::string token;
};

// `connections` clients, each sending the next order when the last one was answered: as POST /pos/orders, or in batches
// of `batch` through POST /sync/commands.
struct OrdersLoad {
  int connections = 64;
  int batch = 0;  // 0: one by one over REST
  double seconds = 10;
};
void RunOrders(const Target& target, const OrdersLoad& load);

// Everything there is, page by page, as a new device would.
struct PullLoad {
  int page = 10000;
};
void RunPull(const Target& target, const PullLoad& load);

// Subscribers, half of them by server-sent events and half by WebSocket, spread over scopes; then commits at a steady
// rate, each of which concerns the subscribers of one scope. A commit's latency runs from the moment it is due, through
// its request, to the moment the last of its subscribers has it.
struct LiveLoad {
  int events = 5000;
  int websockets = 5000;
  int scopes = 1000;
  int commits_per_second = 1000;
  double seconds = 10;
  int server_pid = 0;  // to read its memory
};
void RunLive(const Target& target, const LiveLoad& load);

}  // namespace outpost::load
