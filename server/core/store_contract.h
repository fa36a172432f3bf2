// The contract of the Store port as tests: every implementation runs this suite by including it in one test file and
// defining MakeStoreForTest and MakeSecondStoreForTest.
#pragma once

#include "server/core/store_contract_feed.h"
#include "server/core/store_contract_rows.h"
