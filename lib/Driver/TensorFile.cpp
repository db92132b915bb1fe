//===- TensorFile.cpp - tensor files --------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files as a whole, by their suffix.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/TensorFile.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sys/stat.h>

namespace optc::driver {

Error readFile(const std::string &path, std::string &bytes) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0)
    return Error(E101, "cannot read '" + path + "': " + std::strerror(errno));
  if (!S_ISREG(info.st_mode))
    return Error(E101, "cannot read '" + path + "': not a regular file");
  std::ifstream file(path, std::ios::binary);
  bytes.resize(info.st_size);
  if (!file.read(bytes.data(), bytes.size()))
    return Error(E101, "cannot read '" + path + "'");
  return Error();
}

static bool endsWith(const std::string &text, const char *end) {
  size_t length = std::strlen(end);
  return text.size() >= length && text.compare(text.size() - length, length, end) == 0;
}

Error readTensorFile(const std::string &path, std::vector<NamedTensor> &tensors) {
  std::string bytes, why;
  if (Error error = readFile(path, bytes))
    return error;
  bool ok = false;
  if (endsWith(path, ".npz")) {
    ok = parseNpz(bytes, tensors, why);
  } else {
    tensors.emplace_back();
    if (endsWith(path, ".npy"))
      ok = parseNpy(bytes, tensors.back().tensor, why);
    else if (endsWith(path, ".pb"))
      ok = parseTensorProto(bytes, tensors.back(), why);
    else
      why = "its name ends neither in .npy nor .npz nor .pb";
  }
  return ok ? Error() : Error(E104, "'" + path + "' cannot be used: " + why);
}

Error writeNpy(const std::string &path, int dtype, const std::vector<int64_t> &dims,
               const void *data) {
  const DTypeInfo *info = findDType(dtype);
  std::string shape;
  for (int64_t dim : dims)
    shape += std::to_string(dim) + ", ";
  std::string header = "{'descr': '" + std::string(info->npy) +
                       "', 'fortran_order': False, 'shape': (" + shape + "), }";
  size_t total = (10 + header.size() + 1 + 63) / 64 * 64; // the data starts at a multiple of 64
  header.resize(total - 10 - 1, ' ');
  header += '\n';
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write("\x93NUMPY\x01\x00", 8);
  file.put(char(header.size() & 0xff)).put(char(header.size() >> 8));
  file << header;
  file.write(static_cast<const char *>(data), bytesOf(dims, info->storageSize));
  file.close();
  if (!file)
    return Error(E101, "cannot write '" + path + "': " + std::strerror(errno));
  return Error();
}

} // namespace optc::driver
