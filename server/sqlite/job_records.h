// What is remembered of jobs, as JSON in the table of names and values, under "job:<name>".
#pragma once

#include "server/core/store.h"
#include "sqlite/connection.h"

namespace outpost::server {

Result<std::vector<JobRecord>> ReadJobs(sqlite::Connection& connection);
// False: the stored version is not the one before.
Result<bool> WriteJob(sqlite::Connection& connection, const JobRecord& record);

}  // namespace outpost::server
