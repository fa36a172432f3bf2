// The business in maps: replays applied commands in sequence order and says how the documents must stand. Written from
// the protocol's text and not from rules/, as naively as it can be said, so that the two cannot share a mistake.
// Not modelled: texts, times and numbers that nobody sums.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/journal.h"
#include "sim/naive_documents.h"

namespace outpost::sim {

struct NaiveLine {
  std::string id;
  std::string sku;
  std::string station;
  std::int64_t quantity = 0;
  std::int64_t unit_price = 0;
  bool sent = false;
};

struct NaiveOrder {
  std::vector<NaiveLine> lines;
  std::string status = "NEW";
  std::int64_t paid = 0;
  std::int64_t total() const;
};

class NaiveModel {
 public:
  // A command that the server says it applied; in the order of their sequences.
  void Apply(const AcceptedCommand& command);

  // Empty when the documents of the server (all of one workspace) are as they must be; else what differs.
  std::string Compare(const std::map<DocumentKey, json::object>& documents) const;

 private:
  void AddLines(NaiveOrder& order, const AcceptedCommand& command);
  void Send(NaiveOrder& order, const AcceptedCommand& command);
  void Close(NaiveOrder& order, std::int64_t amount);
  std::string CompareOrder(const NaiveOrder& order, const json::object& body) const;
  std::string CompareLedger(const std::map<DocumentKey, json::object>& documents) const;

  std::map<std::string, NaiveOrder> orders_;
  std::map<std::string, std::string> tickets_;  // id → status
  std::map<std::string, std::vector<std::string>> tickets_of_order_;
  std::map<std::string, std::int64_t> stock_;
  std::map<std::string, std::int64_t> wasted_;
  std::map<std::string, std::int64_t> prices_;
  NaiveDocuments declared_;
};

}  // namespace outpost::sim
