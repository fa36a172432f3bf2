// The simplest server that keeps the protocol's word, for the device's tests: maps in memory, the real rules, no
// transactions, no rights. It shares nothing with server/, so that the device is not tested against its own twin.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "engine/sync/exchange.h"
#include "protocol/pull.h"
#include "rules/execute.h"

namespace outpost::engine {

class NaiveServer : public rules::DocumentSource {
 public:
  HttpResponse Handle(const HttpRequest& request);

  Status Load(std::span<const DocumentKey> keys, std::vector<const rules::StoredDocument*>& found) override;

  // Applies a command as somebody else would. Returns its result.
  CommandResult Apply(const std::string& type, json::object payload, const std::string& id);
  // Somebody else's change of one field, whatever the rules say.
  void Set(const DocumentKey& key, const std::string& field, json::value value);
  void Remove(const DocumentKey& key);
  // JSON text, empty when absent.
  std::string Document(const DocumentKey& key) const;
  std::int64_t applied() const { return static_cast<std::int64_t>(log_.size()); }
  std::int64_t head() const { return head_; }

  // The store is replaced by an older copy of itself: `server = copy; server.BeginNewLife("epoch-2");`
  void BeginNewLife(const std::string& epoch) { epoch_ = Epoch(epoch); }
  const Epoch& epoch() const { return epoch_; }
  // Cursors from now on are refused as too old.
  void ExpireCursors() { oldest_cursor_ = head_ + 1; }
  int page_changes = 1000;

 private:
  HttpResponse Push(const std::string& body);
  HttpResponse Pull(const std::string& target);
  CommandResult Take(const Command& command);
  CommandResult Discard(const Command& command);
  // Nothing: nobody holds it back.
  std::optional<CommandResult> HeldBack(const Command& command) const;
  CommandResult Run(const Command& command);
  void Store(const rules::Executed& executed, CommandResult& result);

  std::map<DocumentKey, rules::StoredDocument> documents_;
  struct Filter {
    std::string collections;  // as asked: "a,b"; empty: all
    std::string scope;        // of tickets, which have a station
    bool Asks(const CollectionName& collection) const;
    bool Shows(const DocumentKey& key, std::string_view station) const;
  };
  std::optional<Change> ChangeOf(const DocumentKey& key, std::int64_t seq, const Filter& filter, bool from_start) const;

  std::map<DocumentKey, std::int64_t> seqs_;
  std::map<DocumentKey, std::string> stations_left_;  // where a moved ticket was before
  struct Outcome {
    CommandResult result;
    std::int64_t revision = 0;
  };
  std::map<std::string, Outcome> outcomes_;        // by key
  std::map<CommandId, CommandResult> by_command_;  // applied
  std::set<CommandId> burnt_;
  std::vector<OwnCommand> log_;
  std::int64_t head_ = 0;
  std::int64_t oldest_cursor_ = 0;
  std::map<std::string, std::int64_t> highest_n_;  // by incarnation
  Epoch epoch_{"epoch-1"};
  rules::StoredDocument absent_;
};

}  // namespace outpost::engine
