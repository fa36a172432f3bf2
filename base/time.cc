#include "base/time.h"

#include <algorithm>
#include <array>

namespace outpost {
namespace {

constexpr std::int64_t kMsPerDay = 86'400'000;
constexpr std::int64_t kFirstMs = -62'167'219'200'000;  // 0000-01-01T00:00:00.000Z
constexpr std::int64_t kLastMs = 253'402'300'799'999;   // 9999-12-31T23:59:59.999Z

struct CivilDate {
  std::int64_t year;
  int month;
  int day;
};

// Days since 1970-01-01 of the proleptic Gregorian calendar, counted in eras of 400 years that begin on 1 March, so
// that the leap day comes last (H. Hinnant, "chrono-compatible low-level date algorithms").
std::int64_t DaysFromCivil(CivilDate date) {
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

CivilDate CivilFromDays(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const int day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  const int month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

int DaysInMonth(std::int64_t year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

struct Clamped {
  CivilDate date;
  std::int64_t ms_of_day;
};

Clamped Split(Timestamp time) {
  const std::int64_t ms = std::clamp(time.ms, kFirstMs, kLastMs);
  const std::int64_t days = (ms >= 0 ? ms : ms - (kMsPerDay - 1)) / kMsPerDay;
  return {CivilFromDays(days), ms - days * kMsPerDay};
}

void AppendDigits(std::string& out, std::int64_t value, int width) {
  std::array<char, 8> digits;
  for (int i = width - 1; i >= 0; --i, value /= 10) {
    digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
  }
  out.append(digits.data(), static_cast<std::size_t>(width));
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes the parts of a text one after the other; once something is missing it stays failed.
class Reader {
 public:
  explicit Reader(std::string_view text) : left_(text) {}

  int Digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i >= left_.size() || !IsDigit(left_[i])) return Fail();
      value = value * 10 + (left_[i] - '0');
    }
    left_.remove_prefix(count);
    return value;
  }
  bool Take(std::string_view any_of) {
    if (left_.empty() || any_of.find(left_.front()) == std::string_view::npos) return false;
    left_.remove_prefix(1);
    return true;
  }
  void Expect(std::string_view any_of) {
    if (!Take(any_of)) Fail();
  }
  // The digits after the point as milliseconds; what is finer is cut off.
  int Fraction() {
    int ms = 0;
    std::size_t count = 0;
    for (; count < left_.size() && IsDigit(left_[count]); ++count) {
      if (count < 3) ms = ms * 10 + (left_[count] - '0');
    }
    if (count == 0) return Fail();
    left_.remove_prefix(count);
    for (; count < 3; ++count) ms *= 10;
    return ms;
  }
  bool ok() const { return ok_; }
  bool done() const { return ok_ && left_.empty(); }
  char next() const { return left_.empty() ? '\0' : left_.front(); }

 private:
  int Fail() {
    ok_ = false;
    left_ = {};
    return 0;
  }

  std::string_view left_;
  bool ok_ = true;
};

// Minutes east of Greenwich.
int ParseOffset(Reader& reader, bool& in_range) {
  if (reader.Take("Zz")) return 0;
  const int sign = reader.next() == '-' ? -1 : 1;
  reader.Expect("+-");
  const int hours = reader.Digits(2);
  reader.Expect(":");
  const int minutes = reader.Digits(2);
  in_range = in_range && hours <= 23 && minutes <= 59;
  return sign * (hours * 60 + minutes);
}

}  // namespace

std::string ToRfc3339(Timestamp time) {
  const Clamped split = Split(time);
  std::string out;
  out.reserve(24);
  AppendDigits(out, split.date.year, 4);
  out.push_back('-');
  AppendDigits(out, split.date.month, 2);
  out.push_back('-');
  AppendDigits(out, split.date.day, 2);
  out.push_back('T');
  AppendDigits(out, split.ms_of_day / 3'600'000, 2);
  out.push_back(':');
  AppendDigits(out, split.ms_of_day / 60'000 % 60, 2);
  out.push_back(':');
  AppendDigits(out, split.ms_of_day / 1'000 % 60, 2);
  out.push_back('.');
  AppendDigits(out, split.ms_of_day % 1'000, 3);
  out.push_back('Z');
  return out;
}

Result<Timestamp> ParseRfc3339(std::string_view text) {
  Reader reader(text);
  CivilDate date{};
  date.year = reader.Digits(4);
  reader.Expect("-");
  date.month = reader.Digits(2);
  reader.Expect("-");
  date.day = reader.Digits(2);
  reader.Expect("Tt");
  const int hour = reader.Digits(2);
  reader.Expect(":");
  const int minute = reader.Digits(2);
  reader.Expect(":");
  const int second = reader.Digits(2);  // 60 is a leap second: the first second of the next minute here
  const int ms = reader.Take(".") ? reader.Fraction() : 0;
  bool in_range = hour <= 23 && minute <= 59 && second <= 60;
  const int offset_minutes = ParseOffset(reader, in_range);
  if (!reader.done() || !in_range || date.month < 1 || date.month > 12 || date.day < 1 ||
      date.day > DaysInMonth(date.year, date.month)) {
    return Error{ErrorCode::kInvalidArgument, "not a time of RFC 3339"};
  }
  const std::int64_t seconds = std::int64_t{hour} * 3'600 + (minute - offset_minutes) * 60 + second;
  return Timestamp{DaysFromCivil(date) * kMsPerDay + seconds * 1'000 + ms};
}

std::string UtcDay(Timestamp time) {
  const CivilDate date = Split(time).date;
  std::string out;
  AppendDigits(out, date.year, 4);
  AppendDigits(out, date.month, 2);
  AppendDigits(out, date.day, 2);
  return out;
}

}  // namespace outpost
