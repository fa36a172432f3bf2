// `outpost queue retry|latest|force|edit|discard`: what a person decides about an operation that waits or was set aside
// (O12), on the store of a native device. Durable and in the audit trail when it returns; sent by the device's own
// program, or by `outpost queue sync`.
#pragma once

#include "cli/queue_store.h"

namespace outpost::cli {

// Without an id: everything refused or put off.
Status RetryOperation(const QueueOptions& options);
Status RetryWithLatest(const QueueOptions& options);
Status ForceOperation(const QueueOptions& options);
// Prints the id of the operation that takes its place.
Status EditOperation(const QueueOptions& options);
// Prints what falls.
Status DiscardOperation(const QueueOptions& options);

}  // namespace outpost::cli
