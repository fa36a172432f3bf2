// The load generator: a process of its own, so that what it costs is not the server's. bench/server.py runs it.
#include <CLI/CLI.hpp>
#include <cstdlib>

#include "bench/load/connection.h"
#include "bench/load/figures.h"
#include "bench/load/loads.h"

int main(int count, char** arguments) {
  using namespace outpost::load;
  RaiseFileLimit();
  CLI::App app("Load on a server of this machine; the token is in OUTPOST_TOKEN");
  app.require_subcommand(1);
  Target target;
  app.add_option("--port", target.port)->required();
  if (const char* token = std::getenv("OUTPOST_TOKEN")) target.token = token;
  OrdersLoad orders;
  CLI::App* orders_command = app.add_subcommand("orders", "Create orders as fast as they are answered");
  orders_command->add_option("--connections", orders.connections);
  orders_command->add_option("--batch", orders.batch);
  orders_command->add_option("--seconds", orders.seconds);
  PullLoad pull;
  CLI::App* pull_command = app.add_subcommand("pull", "Read everything page by page");
  pull_command->add_option("--page", pull.page);
  LiveLoad live;
  CLI::App* live_command = app.add_subcommand("live", "Streams over scopes, and commits at a steady rate");
  live_command->add_option("--events", live.events);
  live_command->add_option("--websockets", live.websockets);
  live_command->add_option("--scopes", live.scopes);
  live_command->add_option("--commits-per-second", live.commits_per_second);
  live_command->add_option("--seconds", live.seconds);
  live_command->add_option("--server-pid", live.server_pid);
  CLI11_PARSE(app, count, arguments);
  if (*orders_command) RunOrders(target, orders);
  if (*pull_command) RunPull(target, pull);
  if (*live_command) RunLive(target, live);
  return 0;
}
