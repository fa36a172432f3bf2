// What the parts of the store contract have in common: rows in short form, and questions to the store.
#pragma once

#include <gtest/gtest.h>

#include "server/core/store_for_test.h"

namespace outpost::server {

class StoreContract : public testing::Test {
 protected:
  static DocumentKey Order(const std::string& id) { return {CollectionName("orders"), DocumentId(id)}; }
  static DocumentKey Ticket(const std::string& id) { return {CollectionName("tickets"), DocumentId(id)}; }

  static DocumentWrite Document(DocumentKey key, std::int64_t version, std::int64_t seq) {
    DocumentWrite write;
    write.key = std::move(key);
    write.version = Version(version);
    write.seq = Sequence(seq);
    write.body = "{\"id\":\"" + write.key.id.value + "\",\"createdBy\":\"ann\",\"status\":\"NEW\"}";
    write.existed = version > 1;
    return write;
  }

  static KeyRef Key(const std::string& key, const std::string& author = "ann",
                    const std::string& family = "ORDER_CREATE") {
    return {UserId(author), family, IdempotencyKey(key)};
  }

  // An outcome of the command `id`, whose key is its id unless another is given.
  static OutcomeWrite Succeeded(const std::string& id, std::int64_t seq, const std::string& key = {}) {
    OutcomeWrite write;
    write.key = Key(key.empty() ? id : key);
    write.record.state = KeyState::kSucceeded;
    write.record.fingerprint = Sha256Of(id);
    write.record.command = CommandId(id);
    write.record.seq = Sequence(seq);
    write.record.http_status = 201;
    write.record.resource = Order(id);
    write.record.resource_version = Version(1);
    write.record.body = "{\"id\":\"" + id + "\"}";
    return write;
  }
  static OutcomeWrite Refused(const std::string& id, std::int64_t revision) {
    OutcomeWrite write = Succeeded(id, 0);
    write.record.state = KeyState::kRefused;
    write.record.revision = Revision(revision);
    write.record.http_status = 409;
    write.record.resource.reset();
    write.record.body = "{\"code\":\"VERSION_CONFLICT\"}";
    write.existed = revision > 0;
    return write;
  }
  static OutcomeWrite From(OutcomeWrite write, const DeviceRef& device, std::int64_t n) {
    write.device = device;
    write.n = CommandNumber(n);
    return write;
  }
  // One command that wrote these documents at `seq`.
  static WriteSet Commit(std::int64_t seq, std::vector<DocumentWrite> documents) {
    WriteSet writes;
    writes.head = Sequence(seq);
    writes.documents = std::move(documents);
    writes.outcomes.push_back(Succeeded("c" + std::to_string(seq), seq));
    return writes;
  }

  void Apply(const WriteSet& writes, const std::string& workspace = "shop", std::int64_t now_ms = 1000) {
    auto transaction = store_->BeginWrite();
    ASSERT_TRUE(transaction.ok()) << transaction.error().message;
    const WorkspaceId id(workspace);
    ASSERT_TRUE(transaction.value()->Lock(id).ok());
    const Status applied = transaction.value()->Apply(id, writes, Timestamp{now_ms});
    ASSERT_TRUE(applied.ok()) << applied.error().message;
    ASSERT_TRUE(transaction.value()->Commit().ok());
  }

  // Runs a question in a write transaction that is then dropped.
  template <class Question>
  auto InWrite(Question question, const std::string& workspace = "shop") {
    auto transaction = store_->BeginWrite().value();
    const WorkspaceId id(workspace);
    static_cast<void>(transaction->Lock(id).value());
    return question(*transaction, id);
  }
  WorkspaceHead Head(const std::string& workspace = "shop") {
    return store_->BeginRead().value()->Head(WorkspaceId(workspace)).value();
  }
  std::optional<KeyRecord> LoadKey(const KeyRef& key, const std::string& workspace = "shop") {
    return InWrite(
        [&](WriteTransaction& t, const WorkspaceId& id) {
          return t.LoadKeys(id, {&key, 1}).value().front();
        },
        workspace);
  }
  std::optional<CommandRecord> LoadCommand(const std::string& command, const std::string& workspace = "shop") {
    const CommandId wanted(command);
    return InWrite(
        [&](WriteTransaction& t, const WorkspaceId& id) {
          return t.LoadCommands(id, {&wanted, 1}).value().front();
        },
        workspace);
  }
  std::optional<DocumentRow> LoadDocument(const DocumentKey& key, const std::string& workspace = "shop") {
    return InWrite(
        [&](WriteTransaction& t, const WorkspaceId& id) {
          return t.LoadDocuments(id, {&key, 1}).value().front();
        },
        workspace);
  }
  FeedPage Feed(const FeedQuery& query, const std::string& workspace = "shop") {
    return store_->BeginRead().value()->ReadFeed(WorkspaceId(workspace), query).value();
  }
  // "3 order-1 v2" per change, a reason instead of the version where the document is gone.
  static std::vector<std::string> Lines(const FeedPage& page) {
    std::vector<std::string> lines;
    for (const Change& change : page.changes) {
      const std::string what = change.doc.empty() ? change.reason : "v" + std::to_string(change.version.value);
      lines.push_back(std::to_string(change.seq.value) + " " + change.key.id.value + " " + what);
    }
    return lines;
  }
  static FeedQuery After(std::int64_t seq) {
    FeedQuery query;
    query.after = Sequence(seq);
    return query;
  }

  using Strings = std::vector<std::string>;
  const DeviceRef till_{DeviceId("till-1"), Incarnation("first")};
  std::unique_ptr<Store> store_ = MakeStoreForTest();
};

}  // namespace outpost::server
