//===- TensorFileTest.cpp - tensor files ----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Formats read and written, and damaged files: an error or a tensor, never a crash.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/TensorFile.h"
#include "lib/Driver/TensorFolder.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <numeric>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

using namespace optc;
using namespace optc::driver;

namespace {

std::string folder() { return testing::TempDir() + "/optc-files-" + std::to_string(getpid()); }

std::string npy(const std::string &descr, bool fortran, const std::string &shape,
                const std::string &data) {
  std::string header = "{'descr': '" + descr +
                       "', 'fortran_order': " + (fortran ? "True" : "False") +
                       ", 'shape': " + shape + ", }\n";
  return std::string("\x93NUMPY\x01\x00", 8) + char(header.size()) + char(0) + header + data;
}

template <typename T> std::string bytesOf(std::initializer_list<T> values) {
  return std::string(reinterpret_cast<const char *>(values.begin()), values.size() * sizeof(T));
}

TEST(NpyFile, EveryTypeRoundTrips) {
  ASSERT_EQ(mkdir(folder().c_str(), 0700), 0);
  size_t count;
  const DTypeInfo *types = dtypeTable(count);
  std::vector<uint8_t> data(6 * 16);
  std::iota(data.begin(), data.end(), 1);
  for (size_t i = 0; i < count; ++i) {
    if (!types[i].storageSize)
      continue;
    std::string path = folder() + "/a.npy";
    ASSERT_FALSE(writeNpy(path, types[i].number, {2, 3}, data.data()));
    std::vector<NamedTensor> read;
    ASSERT_FALSE(readTensorFile(path, read));
    ASSERT_EQ(read.size(), 1u);
    Tensor &tensor = read[0].tensor;
    ASSERT_EQ(tensor.bytes, 6u * types[i].storageSize);
    EXPECT_EQ(std::memcmp(tensor.data(), data.data(), tensor.bytes), 0);
    reinterpretAs(tensor, types[i].number);
    EXPECT_EQ(tensor.dtype, types[i].number) << types[i].name;
    EXPECT_EQ(tensor.dims, (std::vector<int64_t>{2, 3}));
    unlink(path.c_str());
  }
  rmdir(folder().c_str());
}

TEST(NpyFile, OrdersOfBytesAndElements) {
  Tensor tensor;
  std::string why;
  ASSERT_TRUE(
      parseNpy(npy("<i2", true, "(2, 3)", bytesOf<int16_t>({1, 4, 2, 5, 3, 6})), tensor, why));
  const int16_t expected[] = {1, 2, 3, 4, 5, 6};
  EXPECT_EQ(std::memcmp(tensor.data(), expected, 12), 0);
  ASSERT_TRUE(parseNpy(npy(">i2", false, "(2,)", bytesOf<int16_t>({0x0100, 0x0200})), tensor, why));
  EXPECT_EQ(std::memcmp(tensor.data(), expected, 4), 0);
  ASSERT_TRUE(parseNpy(npy("|V2", false, "()", bytesOf<int16_t>({0x3f80})), tensor, why));
  reinterpretAs(tensor, 16);
  EXPECT_EQ(tensor.dtype, 16);
}

TEST(NpyFile, Refusals) {
  Tensor tensor;
  std::string why;
  EXPECT_FALSE(parseNpy("", tensor, why));
  EXPECT_FALSE(parseNpy(npy("|O", false, "(1,)", "12345678"), tensor, why));
  EXPECT_FALSE(parseNpy(npy("<f4", false, "(2,)", "1234"), tensor, why));
  EXPECT_FALSE(parseNpy(npy("<f4", false, "(1,)", "12345"), tensor, why));
  EXPECT_FALSE(parseNpy(npy("<f4", false, "(-1,)", ""), tensor, why));
  EXPECT_FALSE(parseNpy(npy("<f4", false, "(4611686018427387904, 16)", ""), tensor, why));
  EXPECT_FALSE(parseNpy(npy("<f4", false, "(99999999999999999999, 0)", ""), tensor, why));
  EXPECT_FALSE(parseNpy(npy("<f4", false, "(0, 4611686018427387904)", ""), tensor, why));
}

void put(std::string &out, uint64_t value, int count) {
  for (int i = 0; i < count; ++i)
    out += char(value >> (8 * i));
}

/// A ZIP of one member, as Python's zipfile writes it.
std::string zipOf(const std::string &name, const std::string &data, bool deflated) {
  std::string packed = data;
  if (deflated) {
    z_stream stream = {};
    deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    packed.resize(data.size() + 100);
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(data.data()));
    stream.avail_in = data.size();
    stream.next_out = reinterpret_cast<Bytef *>(packed.data());
    stream.avail_out = packed.size();
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
  }
  std::string common, zip, central;
  put(common, 20, 2);
  put(common, 0, 2);
  put(common, deflated ? 8 : 0, 2);
  put(common, 0, 8); // date and checksum, which are not read
  put(common, packed.size(), 4);
  put(common, data.size(), 4);
  put(common, name.size(), 2);
  put(common, 0, 2);
  zip = "PK\3\4" + common + name + packed;
  central = "PK\1\2" + std::string("\x14\0", 2) + common + std::string(14, '\0') + name;
  std::string end = "PK\5\6" + std::string(4, '\0') + std::string("\1\0\1\0", 4);
  put(end, central.size(), 4);
  put(end, zip.size(), 4);
  return zip + central + end + std::string(2, '\0');
}

TEST(NpzFile, StoredAndDeflated) {
  std::string array = npy("<f4", false, "(100,)", std::string(400, 'a'));
  for (bool deflated : {false, true}) {
    std::vector<NamedTensor> tensors;
    std::string why;
    ASSERT_TRUE(parseNpz(zipOf("x.npy", array, deflated), tensors, why)) << why;
    ASSERT_EQ(tensors.size(), 1u);
    EXPECT_EQ(tensors[0].name, "x");
    EXPECT_EQ(tensors[0].tensor.dims, (std::vector<int64_t>{100}));
    EXPECT_EQ(tensors[0].tensor.data()[399], 'a');
  }
}

TEST(TensorProtoFile, RawTypedAndNarrow) {
  NamedTensor tensor;
  std::string why;
  // dims 2, int64, name "n", int64_data packed {1, 300}
  ASSERT_TRUE(parseTensorProto(std::string("\x08\x02\x10\x07\x42\x01n\x3a\x03\x01\xac\x02", 12),
                               tensor, why));
  EXPECT_EQ(tensor.name, "n");
  EXPECT_EQ(tensor.tensor.dtype, 7);
  int64_t values[2];
  std::memcpy(values, tensor.tensor.data(), 16);
  EXPECT_EQ(values[0], 1);
  EXPECT_EQ(values[1], 300);
  // dims 3, int4, raw 0x21 0x0f
  ASSERT_TRUE(parseTensorProto(std::string("\x08\x03\x10\x16\x4a\x02\x21\x0f", 8), tensor, why));
  EXPECT_EQ(std::memcmp(tensor.tensor.data(), "\1\2\x0f", 3), 0);
  // a float in float_data, not packed; a scalar
  ASSERT_TRUE(parseTensorProto(std::string("\x10\x01\x25\0\0\x80\x3f", 7), tensor, why));
  EXPECT_EQ(tensor.tensor.dims.size(), 0u);
  // strings, external data, a wrong size, no type
  EXPECT_FALSE(parseTensorProto(std::string("\x08\x01\x10\x08\x32\x01z", 7), tensor, why));
  EXPECT_FALSE(parseTensorProto(std::string("\x08\x01\x10\x01\x6a\x00", 6), tensor, why));
  EXPECT_FALSE(parseTensorProto(std::string("\x08\x02\x10\x01\x25\0\0\x80\x3f", 9), tensor, why));
  EXPECT_FALSE(parseTensorProto(std::string("\x08\x01", 2), tensor, why));
}

/// Every byte changed in some ways, and every prefix.
template <typename F> void attack(const std::string &good, F parse) {
  for (size_t i = 0; i < good.size(); ++i) {
    for (int mask : {0x01, 0x80, 0xff}) {
      std::string bad = good;
      bad[i] ^= mask;
      parse(bad);
    }
    parse(good.substr(0, i));
  }
}

TEST(TensorFiles, DamageIsNoCrash) {
  std::string array = npy("<f4", true, "(2, 3)", std::string(24, 'a')), why;
  attack(array, [&](const std::string &bytes) {
    Tensor tensor;
    parseNpy(bytes, tensor, why);
  });
  for (bool deflated : {false, true})
    attack(zipOf("x.npy", array, deflated), [&](const std::string &bytes) {
      std::vector<NamedTensor> tensors;
      parseNpz(bytes, tensors, why);
    });
  attack(std::string("\x08\x02\x10\x07\x42\x01n\x3a\x03\x01\xac\x02", 12),
         [&](const std::string &bytes) {
           NamedTensor tensor;
           parseTensorProto(bytes, tensor, why);
         });
}

TEST(TensorFolder, RoundTripAndNames) {
  const uint16_t halves[] = {1, 2};
  const uint8_t nibbles[] = {1, 15};
  std::string path = folder() + "/deep/out";
  ASSERT_FALSE(writeTensorFolder(path,
                                 {{"../a/b", 16, {2}, halves}, {".._a_b", 22, {1, 2}, nibbles}},
                                 /*byName=*/true));
  std::vector<NamedTensor> read;
  Error error = readTensorFolder(path, read);
  ASSERT_FALSE(error) << error.message;
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].name, "../a/b");
  EXPECT_EQ(typeText(read[0].tensor.dtype, read[0].tensor.dims), "bfloat16[2]");
  EXPECT_EQ(typeText(read[1].tensor.dtype, read[1].tensor.dims), "int4[1,2]");
  EXPECT_EQ(access((path + "/_.._a_b.npy").c_str(), F_OK), 0);
  auto code = [&](const std::string &manifest) {
    std::ofstream(path + "/manifest.json") << manifest;
    read.clear();
    return readTensorFolder(path, read).code;
  };
  EXPECT_EQ(code("{}"), E105);
  EXPECT_EQ(code("[{\"name\":\"a\",\"kind\":\"sequence\",\"items\":[]}]"), E106);
  EXPECT_EQ(code("[{\"name\":\"a\",\"kind\":\"none\"}]"), E106);
  EXPECT_EQ(code("[{\"name\":\"a\",\"dtype\":\"string\",\"shape\":[1],\"file\":\"0.json\"}]"),
            E106);
  EXPECT_EQ(code("[{\"name\":\"a\",\"dtype\":\"float\",\"shape\":[1],\"file\":\"../x.npy\"}]"),
            E105);
  EXPECT_EQ(code("[{\"name\":\"a\",\"dtype\":\"float\",\"shape\":[1],\"file\":\"none.npy\"}]"),
            E101);
  std::string entry =
      "{\"name\":\"a\",\"dtype\":\"bfloat16\",\"shape\":[2],\"file\":\"_.._a_b.npy\"}";
  EXPECT_EQ(code("[" + entry + "]"), NoError);
  EXPECT_EQ(code("[" + entry + "," + entry + "]"), E105);
  std::filesystem::remove_all(folder());
}

} // namespace
