//===- MappedFile.cpp - a read-only file mapping ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The POSIX calls behind MappedFile, and the refusal of what is not a regular file.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/MappedFile.h"

#include "lib/Import/Onnx/Loader/Failure.h"
#include "lib/Support/FilePages.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace optc::onnximport {

namespace {
struct Descriptor {
  int number;
  ~Descriptor() { ::close(number); }
};
} // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::string &path) {
  // Without O_NONBLOCK opening a FIFO would wait for a writer.
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0)
    fail(E101, "cannot open " + quote(path) + ": " + std::strerror(errno));
  return adopt(descriptor, path);
}

std::shared_ptr<const MappedFile> MappedFile::adopt(int number, const std::string &path) {
  Descriptor descriptor{number};
  struct stat status{};
  if (::fstat(descriptor.number, &status) != 0)
    fail(E101, "cannot read " + quote(path) + ": " + std::strerror(errno));
  if (!S_ISREG(status.st_mode))
    fail(E101, quote(path) + " is not a regular file");
  auto size = static_cast<size_t>(status.st_size);
  if (size == 0)
    return std::shared_ptr<const MappedFile>(new MappedFile(nullptr, 0));
  void *data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor.number, 0);
  if (data == MAP_FAILED)
    fail(E101, "cannot map " + quote(path) + ": " + std::strerror(errno));
  noteFilePages(data, size);
  return std::shared_ptr<const MappedFile>(new MappedFile(static_cast<const char *>(data), size));
}

MappedFile::~MappedFile() {
  if (!data_)
    return;
  forgetFilePages(data_);
  ::munmap(const_cast<char *>(data_), size_);
}

} // namespace optc::onnximport
