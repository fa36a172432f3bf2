// The jobs of all servers on the database: one row each, changed only by whoever saw the version before.
#pragma once

#include "server/core/store.h"
#include "server/postgres/connection.h"

namespace outpost::server {

Result<std::vector<JobRecord>> ReadJobs(postgres::Connection& connection);
// false: another server was quicker.
Result<bool> CompareAndSetJob(postgres::Connection& connection, const JobRecord& record);

}  // namespace outpost::server
