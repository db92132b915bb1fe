//===- QuantizationPage.cpp - a quantization as a page to read ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See QuantizationPage.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/QuantizationPage.h"
#include "lib/Driver/EvaluationText.h"
#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace optc::driver {

static constexpr const char *style =
    "body{font:15px/1.5 sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;width:100%}th,td{padding:.2em "
    ".6em;text-align:left;border-bottom:1px solid #ddd}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}svg{vertical-align:middle}.kept{"
    "background:#fff3e0}";

static std::string escaped(const std::string &text) {
  std::string result;
  for (char c : text)
    switch (c) {
    case '<':
      result += "&lt;";
      break;
    case '>':
      result += "&gt;";
      break;
    case '&':
      result += "&amp;";
      break;
    case '"':
      result += "&quot;";
      break;
    default:
      result += c;
    }
  return result;
}

static std::string number(const char *format, double value) {
  char text[64];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

static std::string cell(const std::string &text, bool isNumber = false) {
  return (isNumber ? "<td class=n>" : "<td>") + text + "</td>";
}

/// A bar of `share` of the width.
static std::string bar(double share, const char *color) {
  double width = 160 * std::clamp(share, 0.0, 1.0);
  return "<svg width=160 height=12><rect width=" + number("%.1f", width) +
         " height=12 fill=" + color + "></rect></svg>";
}

/// Red for noise that is heard, green for what rounding of 8 bits leaves.
static const char *colorOf(double sqnr) {
  return sqnr < 20 ? "#c62828" : sqnr < 30 ? "#ef9a3c" : "#43a047";
}

/// "int8, ranges by mse, bias corrected", "int4-weights, blocks of 32 by error feedback, data as
/// bytes"
static std::string schemeText(const compress::Plan &plan) {
  std::string text = compress::nameOf(plan.scheme);
  if (compress::storageOf(plan.scheme) == compress::Storage::Floats)
    return text;
  if (!compress::usesBlocks(plan.scheme))
    return text + ", ranges by " + plan.range + (plan.correctsBias ? ", bias corrected" : "");
  return text + ", blocks of " + std::to_string(plan.blocks.block) +
         (plan.blocks.hasZeros ? " with zeros" : "") + " by " + plan.range +
         (plan.blocks.roundsData ? ", data as bytes" : "");
}

static std::string summaryOf(const compress::Plan &plan) {
  const compress::Evaluation &e = plan.evaluation;
  auto [before, after] = plan.countBytes();
  auto row = [](const std::string &name, const std::string &value) {
    return "<tr>" + cell(name) + cell(value) + "</tr>\n";
  };
  std::string text = "<table>\n" + row("scheme", schemeText(plan));
  text += row("products", std::to_string(plan.countQuantized()) + " of " +
                              std::to_string(plan.sites.size()) + " as " +
                              compress::nameOf(plan.scheme));
  text += row("their weights", number("%.2f MB, ", double(after) / 1e6) + "before " +
                                   number("%.2f MB", double(before) / 1e6));
  if (plan.targetBytes > 0)
    text += row("at most", number("%.2f MB", double(plan.targetBytes) / 1e6));
  if (e.figures)
    text += row("measured", escaped(figuresText(e)));
  if (!e.metric.empty())
    text += row(escaped(dropName(e)),
                dropText(e) + " (calibration: " + std::to_string(e.calibrated) + ")");
  if (e.samples > 0)
    text += row("cosine, noise", number("%.6f", e.cosine) + ", " + number("%.1f dB", e.sqnr));
  return text + "</table>\n";
}

std::string quantizationPage(const std::string &model, const compress::Plan &plan) {
  std::string title = "Quantization of " + escaped(model);
  std::string page = "<!doctype html>\n<html lang=en><head><meta charset=utf-8><title>" + title +
                     "</title><style>" + style + "</style></head><body>\n<h1>" + title + "</h1>\n" +
                     summaryOf(plan) +
                     "<h2>Products, the worst first</h2>\n<p>The ratio is that of a product on its "
                     "own, reading what the model "
                     "reads: 10 log10(sum y&sup2; / sum (y - q)&sup2;).</p>\n"
                     "<table><tr><th>node<th>op<th>bits<th>ratio<th><th>weights<th><th>scale<th>"
                     "zero<th>remark</tr>\n";
  std::vector<size_t> order(plan.sites.size());
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return plan.choices[a].sqnr < plan.choices[b].sqnr; });
  uint64_t largest = 1;
  for (const compress::Site &site : plan.sites)
    largest = std::max(largest, site.weightBytes);
  for (size_t i : order) {
    const compress::Site &site = plan.sites[i];
    const compress::SiteChoice &choice = plan.choices[i];
    const compress::ValueScale value = site.value && *site.value < plan.values.size()
                                           ? plan.values[*site.value]
                                           : compress::ValueScale();
    bool hasScale = choice.quantized && storageOf(plan.scheme) == compress::Storage::Integers;
    constexpr double best = 60;
    page += std::string("<tr") + (choice.quantized ? ">" : " class=kept>") +
            cell(escaped(site.node)) + cell(escaped(site.op)) +
            cell(std::to_string(plan.getBits(i)), true) +
            cell(choice.sqnr != 0 ? number("%.1f dB", choice.sqnr) : "", true) +
            cell(bar(choice.sqnr / best, colorOf(choice.sqnr))) +
            cell(number("%.1f KB", double(site.weightBytes) / 1e3), true) +
            cell(bar(double(site.weightBytes) / double(largest), "#78909c")) +
            cell(hasScale ? number("%.4g", value.scale) : "", true) +
            cell(hasScale ? std::to_string(value.zeroPoint) : "", true) +
            cell(!choice.reason.empty()
                     ? (choice.quantized ? "" : "stays float: ") + escaped(choice.reason)
                 : value.isBalanced ? "channels balanced"
                                    : "") +
            "</tr>\n";
  }
  return page + "</table>\n</body></html>\n";
}

Error writeWhole(const std::string &path, const std::string &text) {
  std::string temporary = path + ".part";
  {
    std::ofstream out(temporary, std::ios::binary);
    out << text;
    if (!out.flush())
      return {E101, "cannot write '" + temporary + "'"};
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    std::remove(temporary.c_str());
    return {E101, "cannot write '" + path + "'"};
  }
  return {};
}

} // namespace optc::driver
