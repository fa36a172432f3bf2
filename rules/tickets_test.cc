#include <gtest/gtest.h>

#include "rules/test_world.h"

namespace outpost::rules {
namespace {

// A status: moves there. "=": 200, no new version. Else the refusal's code.
TEST(Tickets, TransitionTable) {
  struct Row {
    const char* type;
    const char* time_field;
    std::vector<std::pair<const char*, const char*>> outcomes;
  };
  constexpr const char* kNo = "INVALID_STATE_TRANSITION";
  const std::vector<Row> rows = {
      {"TICKET_START_V1",
       "startedAt",
       {{"QUEUED", "IN_PROGRESS"}, {"IN_PROGRESS", "="}, {"READY", "="}, {"BUMPED", "="}, {"CANCELLED", kNo}}},
      {"TICKET_MARK_READY_V1",
       "readyAt",
       {{"QUEUED", "READY"}, {"IN_PROGRESS", "READY"}, {"READY", "="}, {"BUMPED", "="}, {"CANCELLED", kNo}}},
      {"TICKET_BUMP_V1",
       "bumpedAt",
       {{"QUEUED", "BUMPED"}, {"IN_PROGRESS", "BUMPED"}, {"READY", "BUMPED"}, {"BUMPED", "="}, {"CANCELLED", kNo}}},
  };
  for (const Row& row : rows) {
    for (const auto& outcome : row.outcomes) {
      const std::string story = std::string(row.type) + " from " + outcome.first;
      TestWorld world;
      world.roles = {"kitchen"};
      world.Seed("tickets", "k1", R"({"status":")" + std::string(outcome.first) + R"("})", 3);
      const Execution execution = world.Do(row.type, R"({"id":"k1"})");
      if (const auto* refused = std::get_if<Refused>(&execution.outcome)) {
        EXPECT_EQ(Name(refused->problem.code), outcome.second) << story;
        EXPECT_EQ(Text(refused->problem.extra.at("currentState").get_object(), "status"), outcome.first) << story;
        continue;
      }
      EXPECT_EQ(Ok(execution).http_status, 200) << story;
      const json::object ticket = world.Get("tickets", "k1");
      if (std::string_view(outcome.second) == "=") {
        EXPECT_TRUE(Ok(execution).documents.empty()) << story;
        EXPECT_EQ(Number(ticket, "version"), 3) << story;
      } else {
        EXPECT_EQ(Text(ticket, "status"), outcome.second) << story;
        EXPECT_EQ(Text(ticket, row.time_field), "2023-11-14T22:13:20.000Z") << story;
        EXPECT_EQ(Number(ticket, "version"), 4) << story;
      }
    }
  }
}

TEST(Tickets, AnUnknownOneIsNotFound) {
  TestWorld world;
  for (const char* type : {"TICKET_START_V1", "TICKET_MARK_READY_V1", "TICKET_BUMP_V1"}) {
    EXPECT_EQ(world.CodeOf(type, R"({"id":"k1"})"), ProblemCode::kNotFound);
  }
}

}  // namespace
}  // namespace outpost::rules
