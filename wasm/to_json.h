// The engine's values as JSON text, for the other side of the border. Documents and payloads are spliced in as they are
// stored, never parsed to be handed over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/device/device.h"

namespace outpost::wasm {

std::string_view Name(ErrorCode code);

std::string ErrorText(const Error& error);

void Append(std::string& out, const engine::VisibleDocument& document);
void Append(std::string& out, const engine::CommandRecord& command);
void Append(std::string& out, const engine::AuditRow& row);
void Append(std::string& out, const engine::DataSet& set);
void Append(std::string& out, const engine::Accepted& accepted);
void Append(std::string& out, const engine::SyncStatus& status);
void Append(std::string& out, const engine::DeviceWork& work);
void Append(std::string& out, const engine::Effect& effect);
void Append(std::string& out, const CommandId& id);

template <class T>
void Append(std::string& out, const std::vector<T>& values) {
  out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    Append(out, values[i]);
  }
  out += ']';
}

template <class T>
std::string Text(const T& value) {
  std::string out;
  Append(out, value);
  return out;
}

}  // namespace outpost::wasm
