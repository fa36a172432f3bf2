#include "http/gzip.h"

#include <gtest/gtest.h>
#include <libdeflate.h>

namespace outpost::http {
namespace {

TEST(Gzip, OnlyWhenThePeerAsksForIt) {
  EXPECT_TRUE(AcceptsGzip("gzip"));
  EXPECT_TRUE(AcceptsGzip("br;q=1.0, GZIP;q=0.5"));
  EXPECT_TRUE(AcceptsGzip("*"));
  EXPECT_FALSE(AcceptsGzip(""));
  EXPECT_FALSE(AcceptsGzip("br, deflate"));
  EXPECT_FALSE(AcceptsGzip("gzip;q=0"));
  EXPECT_FALSE(AcceptsGzip("gzip; q=0.00"));
}

TEST(Gzip, WhatWasCompressedComesBack) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "{\"seq\":" + std::to_string(i) + ",\"collection\":\"orders\"}";
  const auto packed = Gzip(text);
  ASSERT_TRUE(packed.has_value());
  EXPECT_LT(packed->size(), text.size() / 4);
  std::string unpacked(text.size(), '\0');
  libdeflate_decompressor* decompressor = libdeflate_alloc_decompressor();
  std::size_t size = 0;
  EXPECT_EQ(
      libdeflate_gzip_decompress(decompressor, packed->data(), packed->size(), unpacked.data(), unpacked.size(), &size),
      LIBDEFLATE_SUCCESS);
  libdeflate_free_decompressor(decompressor);
  EXPECT_EQ(unpacked, text);
}

TEST(Gzip, LeavesAloneWhatWouldGrow) { EXPECT_FALSE(Gzip("x").has_value()); }

}  // namespace
}  // namespace outpost::http
