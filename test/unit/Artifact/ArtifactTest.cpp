//===- ArtifactTest.cpp - the .optc file ----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writing, reading, and attacks: whatever byte of the structure is changed and wherever
// the file is cut, opening gives an error or the same contents.
//
//===----------------------------------------------------------------------===//
#include "lib/Artifact/Reader.h"
#include "lib/Artifact/Writer.h"

#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace optc;
using namespace optc::artifact;

namespace {

Manifest sampleManifest() {
  Manifest manifest;
  manifest.producer = "optc \"test\" 1";
  EntryPoint entry{"main", {}, {}, {{"n", 640}}};
  entry.inputs.push_back(
      {"x", 1, std::vector<Dim>{Dim::fixed(2), Dim::dynamic("n"), Dim::dynamic()}});
  entry.outputs.push_back({"y", 16, std::nullopt});
  entry.outputs.push_back({"scalar", 7, std::vector<Dim>{}});
  manifest.entries.push_back(entry);
  return manifest;
}

void addSample(Writer &writer, const std::string &weights) {
  writer.add("report.json", "{}\n");
  writer.add("code/x86_64-linux-gnu/x86-64-v3.so", std::string(5000, 'c'));
  writer.addRanges(weightsName,
                   {{weights.data(), 100}, {weights.data() + 100, weights.size() - 100}});
}

std::string written(Writer &writer) {
  int fd = memfd_create("artifact", MFD_CLOEXEC);
  Error error = writer.writeFd(fd, sampleManifest());
  EXPECT_FALSE(error) << error.message;
  struct stat info;
  fstat(fd, &info);
  std::string bytes(info.st_size, '\0');
  EXPECT_EQ(pread(fd, bytes.data(), bytes.size(), 0), ssize_t(bytes.size()));
  close(fd);
  return bytes;
}

std::string sample() {
  Writer writer;
  std::string weights(9000, 'w');
  addSample(writer, weights);
  return written(writer);
}

/// Opens bytes that end where the memory ends, so that a read past them is a crash.
Error openBytes(const std::string &bytes, std::unique_ptr<Reader> &reader, bool weights = true) {
  static uint8_t *memory = nullptr;
  static const size_t page = 4096, limit = 64 * page;
  if (!memory) {
    memory = static_cast<uint8_t *>(
        mmap(nullptr, limit + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(memory + limit, page, PROT_NONE);
  }
  reader.reset();
  uint8_t *start = memory + limit - bytes.size();
  std::memcpy(start, bytes.data(), bytes.size());
  ReadOptions options;
  options.verifyWeights = weights;
  return Reader::openMemory(start, bytes.size(), options, reader);
}

TEST(Artifact, RoundTrip) {
  std::unique_ptr<Reader> reader;
  Error error = openBytes(sample(), reader);
  ASSERT_FALSE(error) << error.message;
  const Manifest &manifest = reader->manifest();
  EXPECT_EQ(manifest.producer, "optc \"test\" 1");
  ASSERT_EQ(manifest.entries.size(), 1u);
  const EntryPoint &entry = manifest.entries[0];
  EXPECT_EQ((*entry.inputs[0].shape)[0].size, 2);
  EXPECT_EQ((*entry.inputs[0].shape)[1].symbol, "n");
  EXPECT_EQ((*entry.inputs[0].shape)[2].size, -1);
  EXPECT_EQ((*entry.inputs[0].shape)[2].symbol, "");
  EXPECT_FALSE(entry.outputs[0].shape);
  EXPECT_EQ(entry.outputs[0].dtype, 16);
  EXPECT_EQ(entry.outputs[1].shape->size(), 0u);
  ASSERT_EQ(entry.bounds.size(), 1u);
  EXPECT_EQ(entry.bounds[0].symbol, "n");
  EXPECT_EQ(entry.bounds[0].most, 640);
  ASSERT_EQ(manifest.code.size(), 1u);
  EXPECT_EQ(manifest.code[0].triple, "x86_64-linux-gnu");
  EXPECT_EQ(manifest.code[0].level, "x86-64-v3");
  EXPECT_EQ(manifest.weightsSize, 9000u);
  bool found;
  Span weights = reader->entry(weightsName, found);
  ASSERT_TRUE(found);
  EXPECT_EQ(std::string(weights.data, weights.data + weights.size), std::string(9000, 'w'));
  for (const ZipEntry &entry : reader->entries())
    EXPECT_EQ(entry.dataOffset % dataAlignment, 0u);
}

TEST(Artifact, SameContentGivesSameBytes) {
  Writer reversed;
  std::string weights(9000, 'w');
  reversed.addStream(weightsName, 9000, [&](const Writer::Sink &sink) {
    for (int i = 0; i < 9; ++i)
      if (Error error = sink(weights.data(), 1000))
        return error;
    return Error();
  });
  reversed.add("code/x86_64-linux-gnu/x86-64-v3.so", std::string(5000, 'c'));
  reversed.add("report.json", "{}\n");
  EXPECT_EQ(sample(), written(reversed));
}

TEST(Artifact, EveryStructureByteFlipped) {
  const std::string good = sample();
  std::unique_ptr<Reader> reader;
  ASSERT_FALSE(openBytes(good, reader));
  std::vector<ZipEntry> entries = reader->entries();
  int changed = 0;
  for (size_t at = 0; at < good.size(); ++at) {
    for (int bit : {0, 3, 7}) {
      std::string bytes = good;
      bytes[at] ^= 1 << bit;
      Error error = openBytes(bytes, reader);
      EXPECT_TRUE(error) << "byte " << at << " bit " << bit;
      EXPECT_LE(std::count(error.message.begin(), error.message.end(), '\n'), 1);
      ++changed;
    }
  }
  EXPECT_GT(changed, 20000);
}

TEST(Artifact, WeightsAreCheckedOnDemand) {
  std::string bytes = sample();
  size_t at = bytes.find("wwww");
  bytes[at + 1000] = 'x';
  std::unique_ptr<Reader> reader;
  ASSERT_FALSE(openBytes(bytes, reader, /*weights=*/false));
  EXPECT_EQ(reader->verify(weightsName).code, E6007);
  EXPECT_FALSE(reader->verify("report.json"));
}

TEST(Artifact, Truncated) {
  const std::string good = sample();
  std::unique_ptr<Reader> reader;
  for (size_t size = 0; size < good.size();
       size += size < 2000 || size + 2000 > good.size() ? 1 : 512)
    EXPECT_TRUE(openBytes(good.substr(0, size), reader)) << size;
  EXPECT_TRUE(openBytes(good + '\0', reader)) << "trailing garbage";
  EXPECT_TRUE(openBytes('\0' + good, reader)) << "leading garbage";
}

/// The sample with its entries changed by `change`, laid out as the writer would.
template <typename F> std::string forged(F change) {
  const std::string good = sample();
  std::unique_ptr<Reader> reader;
  EXPECT_FALSE(openBytes(good, reader));
  std::vector<ZipEntry> entries = reader->entries();
  std::string comment = good.substr(good.size() - commentLength);
  uint64_t offset = entries.back().dataOffset + entries.back().size;
  change(entries);
  return good.substr(0, offset) + directory(entries, offset, comment);
}

TEST(Artifact, ForgedDirectories) {
  std::unique_ptr<Reader> reader;
  using Entries = std::vector<ZipEntry>;
  ASSERT_FALSE(openBytes(forged([](Entries &) {}), reader));
  EXPECT_EQ(openBytes(forged([](Entries &e) { e[1].name = e[0].name; }), reader).code, E6002);
  EXPECT_EQ(openBytes(forged([](Entries &e) { e[0].name = "../x"; }), reader).code, E6004);
  EXPECT_EQ(openBytes(forged([](Entries &e) { e[0].name = "/x"; }), reader).code, E6004);
  EXPECT_EQ(openBytes(forged([](Entries &e) { e[0].name = "a//b"; }), reader).code, E6004);
  EXPECT_EQ(openBytes(forged([](Entries &e) { e[0].name = "a\nb"; }), reader).code, E6004);
  EXPECT_EQ(openBytes(forged([](Entries &e) { e[0].size = ~uint64_t(0); }), reader).code, E6002);
  EXPECT_EQ(openBytes(forged([](Entries &e) { e[0].size = uint64_t(1) << 61; }), reader).code,
            E6002);
  EXPECT_EQ(openBytes(forged([](Entries &e) { e[1].headerOffset = 0; }), reader).code, E6002);
  EXPECT_EQ(openBytes(forged([](Entries &e) { e.pop_back(); }), reader).code, E6002);
  EXPECT_EQ(openBytes(forged([](Entries &e) { e[2].crc ^= 1; }), reader).code, E6003);
}

TEST(Artifact, WriterFailuresLeaveNoFile) {
  std::string path = testing::TempDir() + "/optc-writer-test.optc";
  unlink(path.c_str());
  Writer tooLong;
  tooLong.addStream("a", 3, [](const Writer::Sink &sink) { return sink("abcd", 4); });
  EXPECT_EQ(tooLong.write(path, sampleManifest()).code, E6009);
  Writer tooShort;
  tooShort.addStream("a", 3, [](const Writer::Sink &sink) { return sink("ab", 2); });
  EXPECT_EQ(tooShort.write(path, sampleManifest()).code, E6009);
  Writer twice;
  twice.add("a", "1");
  twice.add("a", "2");
  EXPECT_EQ(twice.write(path, sampleManifest()).code, E6009);
  EXPECT_NE(access(path.c_str(), F_OK), 0);
  EXPECT_NE(access((path + ".tmp-" + std::to_string(getpid())).c_str(), F_OK), 0);
  EXPECT_EQ(Writer().write("/nonexistent/dir/a.optc", sampleManifest()).code, E101);
}

TEST(Artifact, OpensFiles) {
  std::string path = testing::TempDir() + "/optc-reader-test.optc";
  Writer writer;
  std::string weights(9000, 'w');
  addSample(writer, weights);
  ASSERT_FALSE(writer.write(path, sampleManifest()));
  std::unique_ptr<Reader> reader;
  EXPECT_FALSE(Reader::open(path, {}, reader));
  std::filesystem::resize_file(path, 0);
  EXPECT_EQ(Reader::open(path, {}, reader).code, E6001);
  EXPECT_EQ(Reader::open(testing::TempDir(), {}, reader).code, E101);
  EXPECT_EQ(Reader::open(path + ".none", {}, reader).code, E101);
  unlink(path.c_str());
}

Error parsed(const std::string &json) {
  Manifest manifest;
  return parseManifest(json, manifest);
}

TEST(Manifest, Refusals) {
  std::string good = toJson(sampleManifest());
  EXPECT_FALSE(parsed(good));
  auto with = [&](const std::string &from, const std::string &to) {
    std::string json = good;
    size_t at = json.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return parsed(json.replace(at, from.size(), to)).code;
  };
  EXPECT_EQ(with("\"format_version\": 1", "\"format_version\": 2"), E6006);
  EXPECT_EQ(with("\"format_version\": 1", "\"format_version\": -1"), E6005);
  EXPECT_EQ(with("\"format_version\": 1", "\"format_version\": 1.0"), E6005);
  EXPECT_EQ(with("\"float\"", "\"string\""), E6005);
  EXPECT_EQ(with("\"float\"", "\"floaty\""), E6005);
  EXPECT_EQ(with("[2,", "[-2,"), E6005);
  EXPECT_EQ(with("[2,", "[99999999999999999999,"), E6005);
  EXPECT_EQ(with("[2,", "[true,"), E6005);
  EXPECT_EQ(with("\"max\": 640", "\"max\": -1"), E6005);
  EXPECT_EQ(with("\"max\": 640", "\"most\": 640"), E6005);
  EXPECT_EQ(with("\"inputs\"", "\"outputs\""), E6005) << "duplicate key";
  EXPECT_EQ(with("{\n", "{\"later\": {\"x\": [1.5e3, null]},\n"), NoError) << "unknown members";
  EXPECT_EQ(parsed("").code, E6005);
  EXPECT_EQ(parsed("[]").code, E6005);
  EXPECT_EQ(parsed(std::string(100000, '[')).code, E6005);
}

} // namespace
