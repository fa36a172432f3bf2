// A text in the person's own editor ($VISUAL, $EDITOR, else vi), as a file in `folder` that is gone afterwards.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace outpost::cli {

// kUnavailable: the editor does not start or fails; kIo: the file.
Result<std::string> EditText(std::string_view text, const std::string& folder);

}  // namespace outpost::cli
