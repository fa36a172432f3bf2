// What the tests of the service and of the feed have in common: a store, a service over it, and short ways to say what
// is sent.
#pragma once

#include <gtest/gtest.h>

#include "server/core/command_service.h"
#include "server/core/store_for_test.h"

namespace outpost::server {

class ServiceFixture : public testing::Test {
 protected:
  static Caller Staff(const std::string& user = "ann", const std::string& workspace = "shop") {
    return {WorkspaceId(workspace), UserId(user), {"staff"}, std::nullopt, {}};
  }
  static Caller WithRole(const std::string& role, const std::string& user = "ann") {
    Caller caller = Staff(user);
    caller.roles = {role};
    return caller;
  }

  static Command Make(const std::string& id, const std::string& type, json::object payload) {
    Command command;
    command.id = CommandId(id);
    command.key = IdempotencyKey(id);
    command.type = type;
    command.payload = std::move(payload);
    return command;
  }
  static json::array Items(int quantity = 1) {
    return {
        json::object{{"sku", "tea"}, {"name", "Tea"}, {"quantity", quantity}, {"unitPrice", 250}, {"station", "bar"}}};
  }
  static Command CreateOrder(const std::string& id, int quantity = 1) {
    return Make(id, "ORDER_CREATE_V1", {{"items", Items(quantity)}});
  }
  static Command ModifyOrder(const std::string& id, const std::string& order, const std::string& table = "4") {
    return Make(id, "ORDER_MODIFY_V1", {{"id", order}, {"tableId", table}});
  }
  static Command AddItems(const std::string& id, const std::string& order) {
    return Make(id, "ORDER_ADD_ITEMS_V1", {{"id", order}, {"items", Items()}});
  }
  static Command SendToKitchen(const std::string& id, const std::string& order) {
    return Make(id, "ORDER_SEND_TO_KITCHEN_V1", {{"id", order}});
  }
  static Command Discard(const std::string& id, const std::string& command) {
    return Make(id, "COMMAND_DISCARD_V1", {{"id", command}});
  }

  template <class... Commands>
  static Submission Send(Caller caller, Commands... commands) {
    Submission submission;
    submission.caller = std::move(caller);
    (submission.request.commands.push_back(std::move(commands)), ...);
    return submission;
  }
  template <class... Commands>
  static Submission FromTill(Caller caller, std::int64_t first_n, Commands... commands) {
    Submission submission = Send(std::move(caller), std::move(commands)...);
    submission.request.device = DeviceId("till-1");
    submission.request.incarnation = Incarnation("first");
    for (Command& command : submission.request.commands) command.n = CommandNumber(first_n++);
    return submission;
  }

  SubmissionResult Execute(const Submission& submission) {
    return std::move(service_.ExecuteGroup({&submission, 1}, now_).front());
  }
  std::vector<CommandResult> Results(const Submission& submission) {
    SubmissionResult result = Execute(submission);
    auto* response = std::get_if<PushResponse>(&result);
    if (response == nullptr) {
      ADD_FAILURE() << "the whole request was refused: " << Name(std::get<Problem>(result).code);
      return std::vector<CommandResult>(submission.request.commands.size());
    }
    return std::move(response->results);
  }
  CommandResult Run(Command command) { return Results(Send(Staff(), std::move(command))).front(); }

  static ProblemCode CodeOf(const CommandResult& result) {
    return result.problem ? result.problem->code : ProblemCode::kInternalError;
  }
  Sequence HeadSeq(const std::string& workspace = "shop") {
    return store_->BeginRead().value()->Head(WorkspaceId(workspace)).value().head;
  }
  json::object Stored(const std::string& collection, const std::string& id) {
    const auto row =
        store_->BeginRead().value()->Get(WorkspaceId("shop"), {CollectionName(collection), DocumentId(id)}).value();
    return row && !row->deleted ? ParseJson(row->body).value().get_object() : json::object();
  }

  Timestamp now_{1'795'000'000'000};
  std::unique_ptr<Store> store_ = MakeStoreForTest();
  CommandService service_{*store_, {}};
};

}  // namespace outpost::server
