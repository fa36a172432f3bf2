// One request on its way in, with the memory it holds. Internal to http/: shared by the parts of Connection.
#pragma once

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "http/connection.h"

namespace outpost::http {

// Memory for a body, taken before it is read and given back when its request is answered.
class BodyReservation {
 public:
  BodyReservation() = default;
  BodyReservation(const BodyReservation&) = delete;
  BodyReservation& operator=(const BodyReservation&) = delete;
  ~BodyReservation() {
    if (shared_ != nullptr) shared_->body_bytes -= bytes_;
  }
  bool Take(Shared& shared, std::size_t bytes) {
    if (shared.body_bytes + bytes > shared.limits.body_bytes_total_max) return false;
    shared.body_bytes += bytes;
    shared_ = &shared;
    bytes_ = bytes;
    return true;
  }

 private:
  Shared* shared_ = nullptr;
  std::size_t bytes_ = 0;
};

// One request on its way in.
struct Connection::Incoming {
  BodyReservation reservation;
  boost::beast::http::request_parser<boost::beast::http::string_body> parser;
  Request request;
  std::optional<Response> refusal;
  bool keep_alive = false;
  bool head_only = false;
  bool linger = false;  // part of the body was not read
};

}  // namespace outpost::http
