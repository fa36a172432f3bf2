// The OpenAPI document itself, and the check of answers against it (schema_check.h), which every black-box test runs.
#include "tests/blackbox/schema_check.h"
#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

class OpenApi : public ServerTest {};

TEST_F(OpenApi, EveryReferenceLeadsSomewhere) {
  const Answer answer = client_.Get("/openapi.json");
  ASSERT_EQ(answer.At("openapi"), "3.1.0");
  const json::object& schemas = answer.body.at("components").at("schemas").as_object();
  const std::string prefix = "#/components/schemas/";
  for (std::size_t at = answer.text.find(prefix); at != std::string::npos; at = answer.text.find(prefix, at + 1)) {
    const std::size_t begin = at + prefix.size();
    const std::string name = answer.text.substr(begin, answer.text.find('"', begin) - begin);
    EXPECT_TRUE(schemas.contains(name)) << name;
  }
}

TEST_F(OpenApi, EveryWriteDescribesItsPayloadAndExamplesAreTaken) {
  const Answer document = client_.Get("/openapi.json");
  int writes = 0;
  for (const auto& path : document.body.at("paths").as_object()) {
    for (const auto& method : path.value().as_object()) {
      const json::object& operation = method.value().as_object();
      if (!operation.contains("x-outpost-command")) continue;
      ++writes;
      const json::value& schema = operation.at("requestBody").at("content").at("application/json").at("schema");
      EXPECT_TRUE(schema.as_object().contains("properties")) << path.key();
      if (const json::value* example = Find(schema.as_object(), "example")) {
        EXPECT_EQ(Mismatch(document.body, schema.as_object(), *example), "") << path.key();
      }
    }
  }
  EXPECT_GE(writes, 20);
  const json::value& create = document.body.at("paths").at("/pos/orders").at("post");
  const json::value& example = create.at("requestBody").at("content").at("application/json").at("schema").at("example");
  EXPECT_EQ(client_.Post("/pos/orders", json::serialize(example)).status, 201);
}

TEST_F(OpenApi, TheCheckNoticesWhatDiffers) {
  const json::value& document = DocumentOf(port());
  Answer order = client_.Get("/pos/orders");
  EXPECT_EQ(CheckAnswer(document, "GET", "/pos/orders", order), "");
  order.body.as_object().erase("more");
  EXPECT_NE(CheckAnswer(document, "GET", "/pos/orders", order), "");
  order.status = 202;
  EXPECT_EQ(CheckAnswer(document, "GET", "/pos/orders", order), "a status that is not in the document");
  Answer made = client_.Post("/pos/orders", OrderBody());
  made.body.as_object()["status"] = "LOST";
  EXPECT_NE(CheckAnswer(document, "POST", "/pos/orders", made), "");
  Answer refused = client_.Get("/pos/orders/nobody");
  EXPECT_EQ(CheckAnswer(document, "GET", "/pos/orders/nobody", refused), "");
  refused.body.as_object().erase("code");
  EXPECT_NE(CheckAnswer(document, "GET", "/pos/orders/nobody", refused), "");
}

}  // namespace
}  // namespace outpost::blackbox
