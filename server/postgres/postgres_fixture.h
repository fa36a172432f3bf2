// Stores on one schema of the tests' database, gone with the test.
#pragma once

#include <gtest/gtest.h>

#include "server/core/service_fixture.h"
#include "server/postgres/database_for_test.h"

namespace outpost::server {

// Several stores on one schema, as several servers have.
class PostgresFixture : public ServiceFixture {
 protected:
  ~PostgresFixture() override { DropSchema(schema_); }

  std::unique_ptr<PostgresStore> Open(Milliseconds lock_time_max = Milliseconds(2000)) {
    PostgresStoreOptions options = OptionsForTest(schema_);
    options.connection.lock_time_max = lock_time_max;
    return Open(options);
  }
  std::unique_ptr<PostgresStore> Open(const PostgresStoreOptions& options) {
    Random random(seed_++);
    auto opened = PostgresStore::Open(options, random);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return std::move(opened).value();
  }
  Status Script(const std::string& script) {
    OUTPOST_TRY(const auto connection, postgres::Connection::Open(OptionsForTest(schema_).connection));
    return connection->Execute(script);
  }

  template <class... Submissions>
  static std::vector<Submission> Group(Submissions... submissions) {
    std::vector<Submission> group;
    (group.push_back(std::move(submissions)), ...);
    return group;
  }

  static const PushResponse& Response(const SubmissionResult& result) { return std::get<PushResponse>(result); }
  static WireStatus StatusOf(const SubmissionResult& result) { return Response(result).results[0].status; }

  const std::string schema_ = FreshSchema();
  std::uint64_t seed_ = 1;
  const WorkspaceId shop_{"shop"};
};

}  // namespace outpost::server
