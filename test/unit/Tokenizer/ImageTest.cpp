//===- ImageTest.cpp - damaged images ------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whatever is changed in an image and wherever it is cut: an error, or a tokenizer that works
// within bounds. Half of the changes are sealed with a new checksum, so that they reach the checks
// behind it.
//
//===----------------------------------------------------------------------===//
#include "lib/Support/Crc32.h"
#include "test/unit/Tokenizer/Samples.h"

#include <cstring>
#include <random>

using namespace optc;
using namespace optc::tokenizer;

/// Opens a copy at a multiple of eight, and uses it.
static Error tryOut(const std::string &bytes) {
  std::vector<uint64_t> aligned((bytes.size() + 7) / 8 + 1);
  std::memcpy(aligned.data(), bytes.data(), bytes.size());
  Tokenizer tokenizer;
  if (Error error = tokenizer.open(aligned.data(), bytes.size()))
    return error;
  std::vector<uint32_t> ids;
  Error error =
      tokenizer.encode("abc é <s> tool 12\n  \xe4\xb8\xad playing. \xf0\x9f\x98\x80 x", {}, ids);
  for (uint32_t id = 0; id < 300; ++id)
    ids.push_back(id);
  std::string text = tokenizer.decode(ids, false);
  TextStream stream = tokenizer.stream(true);
  for (uint32_t id : ids)
    text += stream.push(id) + tokenizer.bytesOf(id);
  text += stream.finish();
  return error;
}

static void seal(std::string &image) {
  uint32_t crc = crc32(0, image.data() + 16, image.size() - 16);
  std::memcpy(&image[12], &crc, sizeof(crc));
}

namespace {
class DamagedImage : public testing::TestWithParam<std::string (*)()> {
protected:
  std::string image = Opened(GetParam()()).image;
};
} // namespace

TEST_P(DamagedImage, cut) {
  for (size_t size = 0; size < image.size(); size += 1 + size / 64) {
    std::string cut = image.substr(0, size);
    EXPECT_TRUE(tryOut(cut)) << size;
    if (size < 24)
      continue;
    uint64_t stated = size;
    std::memcpy(&cut[16], &stated, sizeof(stated));
    seal(cut);
    EXPECT_TRUE(tryOut(cut)) << size;
  }
}

TEST_P(DamagedImage, changedBytes) {
  std::mt19937 random(7);
  for (int i = 0; i < 4000; ++i) {
    std::string changed = image;
    for (auto count = 1 + random() % 3; count; --count) {
      // Much of the image is tables of numbers: half of the changes are near its beginning.
      size_t at =
          random() % (random() % 2 ? changed.size() : std::min<size_t>(changed.size(), 2500));
      static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
      changed[at] = char(random() % 2 ? values[random() % 5] : random());
    }
    if (changed == image)
      continue;
    EXPECT_TRUE(tryOut(changed));
    seal(changed);
    (void)tryOut(changed);
  }
}

TEST_P(DamagedImage, everyByteOfTheDescription) {
  for (size_t at = 0; at < std::min<size_t>(image.size(), 6000); ++at) {
    std::string changed = image;
    changed[at] = char(changed[at] ^ (at % 2 ? 0xff : 1));
    seal(changed);
    (void)tryOut(changed);
  }
}

INSTANTIATE_TEST_SUITE_P(Samples, DamagedImage,
                         testing::Values(bpeSample, unigramSample, wordPieceSample));

TEST(Image, otherVersionAndPlace) {
  std::string image = Opened(bpeSample()).image;
  EXPECT_EQ(tryOut("").code, E6010);
  EXPECT_EQ(tryOut("OPTCTOK").code, E6010);
  std::string newer = image;
  newer[8] = 9;
  seal(newer);
  EXPECT_EQ(tryOut(newer).code, E6006);
  std::vector<uint64_t> shifted(image.size() / 8 + 2);
  std::memcpy(reinterpret_cast<char *>(shifted.data()) + 1, image.data(), image.size());
  Tokenizer tokenizer;
  EXPECT_EQ(tokenizer.open(reinterpret_cast<char *>(shifted.data()) + 1, image.size()).code, E6010);
}
