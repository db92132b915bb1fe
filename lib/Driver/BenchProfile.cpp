//===- BenchProfile.cpp - the table of kernels of optc bench --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What bounds a kernel is the roofline's answer: the slower of its arithmetic at the machine's
// peak and its bytes at the bandwidth of memory. Data in caches moves faster than that, and
// Winograd does less than the formula says, so that a kernel can pass its bound.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/BenchProfile.h"
#include "lib/Support/Json.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <map>
#include <numeric>

namespace optc::driver {

namespace {

/// Kernels below this share of a run get no line of their own in the table.
constexpr double leastShare = 0.001;

/// What a kernel, or a family of them, amounts to.
struct Rates {
  double gflops, gbytesPerSecond, bound; ///< bound: seconds the machine's limits allow
  bool computeBound;
};

Rates ratesOf(const optc_kernel_profile &kernel, const MachineLimits &limits) {
  double seconds = std::max(kernel.seconds, 1e-12);
  double flops = 2 * kernel.multiply_adds;
  auto atLimit = [](double work, double limit) { return limit > 0 ? work / limit / 1e9 : 0; };
  double compute = atLimit(flops + kernel.operations, limits.gflops);
  double memory = atLimit(kernel.bytes, limits.gbytesPerSecond);
  return {flops / seconds / 1e9, kernel.bytes / seconds / 1e9, std::max(compute, memory),
          compute >= memory};
}

std::string format(const char *pattern, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, pattern);
  std::vsnprintf(text, sizeof(text), pattern, arguments);
  va_end(arguments);
  return text;
}

/// One line of the table; `what` ends it.
void printRow(const optc_kernel_profile &kernel, const MachineLimits &limits, double total,
              const std::string &what) {
  Rates rates = ratesOf(kernel, limits);
  std::string gflops = kernel.multiply_adds > 0 ? format("%8.1f", rates.gflops) : "       -";
  std::printf("%9.4f %5.1f %6llu %s %7.1f  %-7s %6.0f  %s\n", kernel.seconds * 1e3,
              total > 0 ? kernel.seconds * 1e5 / total : 0,
              static_cast<unsigned long long>(kernel.calls), gflops.c_str(), rates.gbytesPerSecond,
              rates.computeBound ? "compute" : "memory",
              kernel.seconds > 0 ? 100 * rates.bound / kernel.seconds : 0, what.c_str());
}

void printHead(const char *what) {
  std::printf("\n%9s %5s %6s %8s %7s  %-7s %6s  %s\n", "ms", "%", "calls", "GFLOP/s", "GB/s",
              "bound", "limit%", what);
}

void add(optc_kernel_profile &sum, const optc_kernel_profile &kernel) {
  sum.calls += kernel.calls;
  sum.seconds += kernel.seconds;
  sum.multiply_adds += kernel.multiply_adds;
  sum.operations += kernel.operations;
  sum.bytes += kernel.bytes;
}

std::vector<std::string> splitLines(const std::string &text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

} // namespace

std::string shortNodes(const std::string &nodes, size_t width) {
  std::vector<std::string> names = splitLines(nodes);
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    std::string name = names[i];
    if (i) {
      // The common part ends at a separator, so that what is left is a name.
      size_t common =
          std::mismatch(name.begin(), name.end(), names[0].begin(), names[0].end()).first -
          name.begin();
      size_t separator = name.find_last_of("/.", common ? common - 1 : 0);
      if (common && separator != name.npos && separator + 1 < name.size())
        name.erase(0, separator + 1);
    }
    std::string more = names.size() - i > 1 ? " +" + std::to_string(names.size() - i) : "";
    if (i && text.size() + 1 + name.size() + more.size() > width)
      return text + " +" + std::to_string(names.size() - i);
    text += (i ? " " : "") + name;
  }
  if (text.size() > width)
    text = "..." + text.substr(text.size() - (width - 3));
  return text.empty() ? "-" : text;
}

void BenchProfile::addRun(rt::Context &context, double milliseconds) {
  bool first = kernels.empty();
  double rest = milliseconds;
  for (size_t i = 0; i < context.profileSize(); ++i) {
    const optc_kernel_profile &kernel = context.profile(i);
    rest -= kernel.seconds * 1e3;
    if (first)
      kernels.push_back(kernel);
    else if (kernel.seconds < kernels[i].seconds)
      kernels[i] = kernel;
  }
  outside = std::max(0.0, first ? rest : std::min(outside, rest));
  context.resetProfile();
}

optc_work BenchProfile::work() const {
  optc_kernel_profile sum = {};
  for (const optc_kernel_profile &kernel : kernels)
    add(sum, kernel);
  return {sizeof(optc_work), sum.multiply_adds,        sum.operations,
          sum.bytes,         uint32_t(kernels.size()), 0};
}

std::vector<size_t> BenchProfile::bySeconds() const {
  std::vector<size_t> order(kernels.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return kernels[a].seconds > kernels[b].seconds; });
  return order;
}

double BenchProfile::spread(double total) const {
  double sum = outside;
  for (const optc_kernel_profile &kernel : kernels)
    sum += kernel.seconds * 1e3;
  return std::max(0.0, total - sum);
}

void BenchProfile::print(const MachineLimits &limits, double total) const {
  std::map<std::string, optc_kernel_profile> families;
  for (const optc_kernel_profile &kernel : kernels)
    if (kernel.calls)
      add(families.emplace(kernel.family, optc_kernel_profile{}).first->second, kernel);
  std::vector<std::pair<std::string, optc_kernel_profile>> rows(families.begin(), families.end());
  std::stable_sort(rows.begin(), rows.end(), [](const auto &a, const auto &b) {
    return a.second.seconds > b.second.seconds;
  });
  printHead("family");
  for (const auto &[family, sum] : rows)
    printRow(sum, limits, total, family);
  auto printRest = [&](double part, const char *what) {
    std::printf("%9.4f %5.1f %36s%s\n", part, total > 0 ? 100 * part / total : 0, "", what);
  };
  printRest(outside, "outside kernels");
  printRest(spread(total), "slower in the best run than in their own best");
  printHead("family: nodes");
  optc_kernel_profile rest = {};
  size_t small = 0;
  for (size_t i : bySeconds()) {
    if (kernels[i].seconds * 1e3 >= leastShare * total)
      printRow(kernels[i], limits, total,
               std::string(kernels[i].family) + ": " + shortNodes(kernels[i].nodes, 60));
    else if (kernels[i].calls && ++small)
      add(rest, kernels[i]);
  }
  if (small)
    printRow(rest, limits, total, std::to_string(small) + " smaller kernels");
}

std::string BenchProfile::json(const MachineLimits &limits, double total) const {
  std::string text = "{\"kernels\": [";
  for (size_t i = 0; i < kernels.size(); ++i) {
    const optc_kernel_profile &kernel = kernels[i];
    Rates rates = ratesOf(kernel, limits);
    std::string nodes;
    for (const std::string &name : splitLines(kernel.nodes))
      nodes += (nodes.empty() ? "" : ", ") + json::quote(name);
    text += (i ? ", " : "") + ("{\"nodes\": [" + nodes) +
            "], \"family\": " + json::quote(kernel.family) +
            format(", \"calls\": %llu, \"ms\": %.6f, \"share\": %.4f, \"multiply_adds\": %.0f, "
                   "\"operations\": %.0f, \"bytes\": %.0f, ",
                   static_cast<unsigned long long>(kernel.calls), kernel.seconds * 1e3,
                   total > 0 ? kernel.seconds * 1e3 / total : 0, kernel.multiply_adds,
                   kernel.operations, kernel.bytes) +
            format("\"gflops\": %.3f, \"gbytes_per_s\": %.3f, \"bound\": \"%s\", "
                   "\"share_of_bound\": %.4f}",
                   rates.gflops, rates.gbytesPerSecond, rates.computeBound ? "compute" : "memory",
                   kernel.seconds > 0 ? rates.bound / kernel.seconds : 0);
  }
  return text + format("], \"outside_ms\": %.6f, \"spread_ms\": %.6f}", outside, spread(total));
}

} // namespace optc::driver
