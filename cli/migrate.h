// `outpost migrate --from DIR --to URL`: moves an embedded store to PostgreSQL, whole: workspaces, documents, keys,
// outcomes, devices and the epoch, so that devices go on where they are. One transaction into an empty schema, read
// back and compared by count and checksum before it is committed; the directory stays as it is.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace outpost::cli {

void RegisterMigrate(CLI::App& app, std::function<int()>& run);

}  // namespace outpost::cli
