#include "tests/mutants/catalog.h"

#include <array>

namespace outpost::mutants {
namespace {

constexpr auto kCatalog = std::to_array<Mutant>({
    // On the device: durable before said, once, and what leaves the outbox.
    {"execute-not-synced", "Execute returns before its transaction is on the disk"},
    {"number-given-twice", "the number n of a command is used again by the next"},
    {"new-key-on-retry", "each send of a command has another idempotency key"},
    {"receipts-not-verified", "an answer counts without the command's fingerprint"},
    {"any-answer-settles", "an answer that names none of the commands settles the first"},
    {"conflict-is-success", "a 409 is taken as applied"},
    {"not-found-is-refusal", "a bare 404 of somebody refuses the command"},
    {"expired-token-drops-queue", "a 401 refuses a waiting command"},
    {"batch-never-split", "a batch refused as too large is sent again as it was"},
    {"in-flight-for-ever", "commands whose exchange failed stay in flight"},
    {"restart-forgets-waiting", "a restart does not queue the oldest command again"},
    {"dependents-vanish", "what depends on a refused command is neither sent nor set aside"},
    {"sent-is-forgotten", "a sent command counts as not sent, so that an answer brings its effect a second time"},
    {"upcast-at-rest", "a payload of an older version is stored in the words of the newest"},
    {"fencing-ignored", "who once held the lease goes on as if it still did"},
    {"others-not-learned", "whoever flushes never hears what another process accepted"},
    {"nothing-offered-again", "what a restored server lost is not sent again"},
    {"restored-out-of-order", "what waits goes to a restored server before what it lost"},
    // On the device: what a person decides.
    {"retry-keeps-revision", "a retried command is sent under the revision that was refused"},
    {"latest-keeps-version", "retry with latest expects the version it expected before"},
    {"edit-forgets-followers", "what stood behind an edited command goes on naming the old one"},
    {"discard-alone", "what depends on a discarded command stays"},
    // On the device: what is shown.
    {"overlay-not-rebased", "overlays stay as they are when base moves"},
    {"read-is-no-edge", "documents a rule only read are not noted"},
    {"covered-without-base", "an applied command leaves the overlay before base holds its effect"},
    {"own-effect-twice", "a command that a page lists as own stays in the overlay"},
    {"doubt-is-refusal", "a command that became doubtful is refused by the device itself"},
    {"half-a-round-is-a-cut", "overlays are made anew in the middle of a round"},
    {"cursor-before-rows", "the cursor is on the disk before the page's documents"},
    {"generation-swept-early", "a resync deletes the old documents when it begins"},
    {"generation-never-swept", "a resync leaves documents that are gone"},
    {"resync-drops-pending", "a resync forgets the waiting commands"},
    // On the device: order and failure edges.
    {"barrier-forgotten", "an update does not wait for the commuting writers before it"},
    {"commuting-is-update", "commuting commands wait for and fall with one another"},
    {"facts-fall-with-plans", "a fact is held back by a refused update"},
    {"depends-on-ignored", "dependsOn makes no edge"},
    // On the server: keys and outcomes.
    {"answers-though-commit-failed", "answers of a group leave although its commit failed"},
    {"answer-before-sync", "answers leave before the log is synced"},
    {"success-not-stored", "the key of an applied command is not claimed"},
    {"refusal-not-stored", "a refusal is not remembered under its key and revision"},
    {"refusal-for-ever", "a refusal is remembered whatever the revision"},
    {"refusal-takes-a-sequence", "a refused command uses up a sequence number"},
    {"fingerprint-ignored", "a key with other content is a replay"},
    {"key-of-any-author", "a key belongs to whoever used it first, not to its author"},
    {"discard-burns-nothing", "a discarded command can still be applied"},
    {"replaced-not-burnt", "a command and the one that replaces it can both be applied"},
    {"purge-bound-not-raised", "purging keys does not raise keys_purged_below"},
    {"old-numbers-are-new", "an unknown key below keys_purged_below is applied"},
    {"clone-unnoticed", "the same n under another id passes"},
    {"epoch-ignored", "a request of another epoch is executed"},
    {"unknown-cause-passes", "a command runs though what it depends on is unknown"},
    {"refused-cause-passes", "a command runs though what it depends on was refused in its batch"},
    {"version-not-checked", "expectedVersion is not compared"},
    // On the server: feed.
    {"own-not-listed", "pages do not list the device's own commands"},
    {"left-not-sent", "a document that leaves a scope is not told to it"},
    {"joining-without-backfill", "a new subscription joins without what was there before"},
    {"tombstones-swept-early", "a cursor from before the purge of deletions is good"},
    {"tag-not-compared", "a cursor of another history is good"},
    {"rights-not-bound", "a cursor outlives a change of rights"},
    {"page-cut-inside-commit", "a page ends in the middle of a command's documents"},
    {"workspaces-leak", "a page reaches into the next workspace"},
    // In the rules.
    {"old-version-unknown", "the server no longer takes the older version of a command type"},
    {"upcast-guesses", "an upcaster reads more into an older payload than was said"},
    {"fact-refused", "cash on a closed order is refused"},
    {"two-counts-agree", "two counts from one base do not conflict"},
    {"sale-keeps-stock", "closing an order leaves stock as it was"},
    {"ledger-unbalanced", "ledger entries do not sum to zero"},
});

}  // namespace

std::span<const Mutant> Catalog() { return kCatalog; }

}  // namespace outpost::mutants
