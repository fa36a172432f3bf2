#include "server/routes/demo_seed.h"

#include <future>

namespace outpost::server {
namespace {

struct MenuItem {
  const char* sku;
  const char* name;
  std::int64_t price;  // minor units
  const char* station;
  const char* category;
  std::int64_t counted;  // 0: not counted
};

constexpr MenuItem kMenu[] = {
    {"burger-classic", "Classic Burger", 1250, "grill", "Burgers", 0},
    {"burger-cheese", "Cheese Burger", 1350, "grill", "Burgers", 0},
    {"burger-veggie", "Veggie Burger", 1190, "grill", "Burgers", 0},
    {"steak-rump", "Rump Steak 250 g", 2490, "grill", "Grill", 20},
    {"chicken-skewer", "Chicken Skewer", 1490, "grill", "Grill", 30},
    {"salmon-grilled", "Grilled Salmon", 1990, "grill", "Grill", 15},
    {"pizza-margherita", "Pizza Margherita", 990, "pizza", "Pizza", 0},
    {"pizza-salami", "Pizza Salami", 1150, "pizza", "Pizza", 0},
    {"pizza-funghi", "Pizza Funghi", 1090, "pizza", "Pizza", 0},
    {"pizza-quattro", "Pizza Quattro Formaggi", 1250, "pizza", "Pizza", 0},
    {"pizza-calzone", "Calzone", 1290, "pizza", "Pizza", 0},
    {"soup-tomato", "Tomato Soup", 650, "kitchen", "Starters", 0},
    {"salad-garden", "Garden Salad", 750, "kitchen", "Starters", 0},
    {"bruschetta", "Bruschetta", 690, "kitchen", "Starters", 0},
    {"pasta-carbonara", "Spaghetti Carbonara", 1190, "kitchen", "Pasta", 0},
    {"pasta-arrabbiata", "Penne Arrabbiata", 1050, "kitchen", "Pasta", 0},
    {"fries", "French Fries", 450, "kitchen", "Sides", 0},
    {"tiramisu", "Tiramisu", 590, "kitchen", "Desserts", 24},
    {"espresso", "Espresso", 250, "bar", "Drinks", 0},
    {"cappuccino", "Cappuccino", 350, "bar", "Drinks", 0},
    {"lemonade", "House Lemonade 0.3 l", 420, "bar", "Drinks", 0},
    {"water", "Mineral Water 0.5 l", 380, "bar", "Drinks", 120},
    {"beer-draught", "Draught Beer 0.4 l", 450, "bar", "Drinks", 200},
    {"wine-house-red", "House Red 0.2 l", 590, "bar", "Drinks", 60},
};

Command Fixed(std::string id, const char* type, json::object payload) {
  Command command;
  command.id = CommandId(id);
  command.key = IdempotencyKey(std::move(id));
  command.type = type;
  command.payload = std::move(payload);
  return command;
}

PushRequest MenuRequest() {
  PushRequest request;
  for (const MenuItem& item : kMenu) {
    json::object product{{"sku", item.sku},
                         {"name", item.name},
                         {"price", item.price},
                         {"station", item.station},
                         {"category", item.category}};
    request.commands.push_back(Fixed(std::string("demo-menu-") + item.sku, "PRODUCT_PUT_V1", std::move(product)));
    if (item.counted == 0) continue;
    json::object count{{"sku", item.sku}, {"quantity", item.counted}};
    request.commands.push_back(Fixed(std::string("demo-count-") + item.sku, "INVENTORY_COUNT_V1", std::move(count)));
  }
  return request;
}

Status Check(const SubmissionResult& result) {
  if (const auto* problem = std::get_if<Problem>(&result))
    return Error{ErrorCode::kUnavailable, "cannot seed the demo: " + problem->detail};
  for (const CommandResult& command : std::get<PushResponse>(result).results) {
    if (command.status == WireStatus::kSucceeded) continue;
    return Error{ErrorCode::kRefused,
                 "cannot seed the demo: " + command.id.value + ": " + (command.problem ? command.problem->detail : "")};
  }
  return {};
}

}  // namespace

Status SeedDemo(Services& services) {
  Submission submission;
  submission.caller = Caller{WorkspaceId(kDemoWorkspace), UserId(kDemoUser), {"admin"}, std::nullopt, services.clock()};
  submission.request = MenuRequest();
  auto done = std::make_shared<std::promise<Status>>();
  std::future<Status> seeded = done->get_future();
  if (!services.writer.Submit(std::move(submission), 0,
                              [done](const SubmissionResult& result) { done->set_value(Check(result)); })) {
    return Error{ErrorCode::kUnavailable, "cannot seed the demo: the writer takes nothing"};
  }
  return seeded.get();
}

}  // namespace outpost::server
