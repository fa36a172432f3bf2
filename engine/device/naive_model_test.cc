// Random operations against the naive model: what an article shows is the sum of what this device did to it and of what
// others did that the device has been told. Lost requests, lost answers, late answers, refusals and crashes must not
// change that, at any moment.
#include "engine/device/device_fixture.h"

namespace outpost::engine {
namespace {

struct Article {
  std::int64_t own = 0;
  std::vector<std::int64_t> others;  // in the server's order
  std::size_t told = 0;              // how many of them this device must know of
  std::size_t told_most = 0;         // and how many it may know of: an answer's documents are hints, a page's are not

  // Whether this is what may be shown; from then on no less may be known.
  bool MayShow(std::int64_t shown) {
    std::int64_t sum = own;
    for (std::size_t i = 0; i < told; ++i) sum += others[i];
    while (sum != shown && told < told_most) sum += others[told++];
    return sum == shown;
  }
};

class NaiveModelTest : public DeviceFixture {
 protected:
  static std::string Sku(std::uint64_t i) { return "sku-" + std::to_string(i); }
  static json::object Adjust(const std::string& sku, std::int64_t delta) {
    return {{"sku", sku}, {"delta", delta}, {"reason", "test"}};
  }

  void Sell(Random& random) {
    const std::string sku = Sku(random.Below(3));
    const auto delta = static_cast<std::int64_t>(random.Below(9)) - 10;
    Do("INVENTORY_ADJUST_V1", Adjust(sku, delta));
    model_[sku].own += delta;
  }
  void OthersSell(Random& random, int step) {
    const std::string sku = Sku(random.Below(3));
    const auto delta = static_cast<std::int64_t>(random.Below(9)) + 1;
    server.Apply("INVENTORY_ADJUST_V1", Adjust(sku, delta), "others-" + std::to_string(step));
    model_[sku].others.push_back(delta);
  }
  // What the server says now, the device will know once this answer is in.
  void Hear(const HttpSend& send) {
    std::map<std::string, std::size_t> said;
    for (const auto& [sku, article] : model_) said[sku] = article.others.size();
    const bool pull = send.request.method == "GET";
    HttpResponse answer = server.Handle(send.request);
    const std::string body = answer.body;
    Tell(HttpDone{send.exchange, std::move(answer)});
    for (const auto& [sku, count] : said) {
      const bool mentioned = pull || body.find("\"collection\":\"stock\",\"id\":\"" + sku + "\"") != std::string::npos;
      if (pull) model_[sku].told = std::max(model_[sku].told, count);
      if (mentioned) model_[sku].told_most = std::max(model_[sku].told_most, count);
    }
  }
  void Step(Random& random, int step) {
    switch (random.Below(8)) {
      case 0:
      case 1:
        return Sell(random);
      case 2:
        return OthersSell(random, step);
      case 3:
        Pass(static_cast<std::int64_t>(random.Below(20000)));
        return Tell(Wake{});
      case 4:
        return random.OneIn(6) ? Reopen() : Tell(SyncNow{});
      default:
        break;
    }
    if (wire.empty()) return Tell(Wake{});
    const auto at = wire.begin() + static_cast<std::ptrdiff_t>(random.Below(wire.size()));
    const HttpSend send = *at;
    wire.erase(at);
    const std::uint64_t fate = random.Below(5);
    if (fate == 0) return LoseRequest(send);
    if (fate == 1) return LoseAnswer(send);
    Hear(send);
  }
  void Compare(std::uint64_t seed, int step) {
    for (auto& [sku, article] : model_) {
      const json::object shown = Visible("stock", sku);
      const std::int64_t on_hand = shown.empty() ? 0 : shown.at("onHand").as_int64();
      ASSERT_TRUE(article.MayShow(on_hand)) << sku << " shows " << on_hand << ", seed " << seed << " step " << step;
    }
    const auto overlays = device->CheckOverlays();
    ASSERT_TRUE(overlays.ok()) << overlays.error().message << " seed " << seed << " step " << step;
  }

  std::map<std::string, Article> model_;
};

class NaiveModelSeeds : public NaiveModelTest, public ::testing::WithParamInterface<int> {};

TEST_P(NaiveModelSeeds, EveryArticleShowsItsSumAtEveryMoment) {
  const auto seed = static_cast<std::uint64_t>(GetParam());
  Random random(seed);
  Settle();
  for (int step = 0; step < 120; ++step) {
    Step(random, step);
    ASSERT_NO_FATAL_FAILURE(Compare(seed, step));
  }
  Settle();
  Tell(SyncNow{});
  while (!wire.empty()) Hear(TakeRequest(wire.front().request.method));
  ASSERT_NO_FATAL_FAILURE(Compare(seed, -1));
  EXPECT_EQ(device->status().waiting, 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, NaiveModelSeeds, ::testing::Range(1, 41));

}  // namespace
}  // namespace outpost::engine
