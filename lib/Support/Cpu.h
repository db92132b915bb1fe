//===- Cpu.h - levels of processors, and what this one can do ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table CpuLevels.def as data, for the compiler and the runtime, and the processor this program
// runs on in the words of the table.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_SUPPORT_CPU_H
#define OPTC_SUPPORT_CPU_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace optc {

enum class CpuArchitecture : uint8_t {
#define OPTC_CPU_ARCHITECTURE(id, name, triple) id,
#include "lib/Support/CpuLevels.def"
  Other
};

namespace features {
enum CpuFeature : uint8_t {
#define OPTC_CPU_FEATURE(id, word, bits) id,
#include "lib/Support/CpuLevels.def"
};
} // namespace features
using features::CpuFeature;

/// What processors and systems tell of themselves, a bit for each thing they can do.
enum class CpuWord : uint8_t {
  Leaf1Ecx,
  LeafExtended1Ecx,
  Leaf7Ebx,
  Leaf7Ecx,
  Leaf7Subleaf1Eax,
  Xcr0,
  Hwcap,
  Hwcap2,
  Count
};

/// What emitters ask for where levels differ by more than their registers.
enum CpuCapability : unsigned {
  MultipliesBf16Pairs = 1 << 0,  ///< f32 += bf16 * bf16, two at a time; f32 rounded to bf16
  EstimatesInverses = 1 << 1,    ///< 1 / x to 14 bits
  ScalesByPowers = 1 << 2,       ///< x * 2^n for an n of any size
  KeepsNanInMaximum = 1 << 3,    ///< the largest of two numbers that is NaN if one is, and least
  MultipliesBytes = 1 << 4,      ///< i32 += i8 * i8, four at a time
  MultipliesShortPairs = 1 << 5, ///< i32 = i16 * i16 + i16 * i16
  ConvertsRounded = 1 << 6,      ///< f32 and f64 to i32, to nearest, in one instruction
  LooksUpBytes = 1 << 7,         ///< bytes of a table of 16
};

struct CpuLevel {
  /// In artifacts and on the command line, like "x86-64-v3".
  std::string_view name;
  CpuArchitecture architecture;
  std::string_view triple;
  /// LLVM's -mcpu and -mattr.
  std::string_view llvmCpu, llvmFeatures;
  unsigned vectorBits, vectorRegisters;
  /// CpuCapability.
  unsigned capabilities;
  /// A bit per CpuFeature, those of the levels below included.
  uint64_t features;

  /// Whether code is generated for it; other levels are names of processors.
  constexpr bool hasCode() const { return vectorBits != 0; }
  constexpr bool can(CpuCapability capability) const { return capabilities & capability; }
  constexpr unsigned vectorBytes() const { return vectorBits / 8; }
  constexpr unsigned f32Lanes() const { return vectorBits / 32; }
};

constexpr size_t cpuLevelCount = 0
#define OPTC_CPU_LEVEL(...) +1
#include "lib/Support/CpuLevels.def"
    ;

/// All levels; of an architecture, the less demanding first.
extern const std::array<CpuLevel, cpuLevelCount> cpuLevels;

/// The level of that name, or null.
const CpuLevel *findCpuLevel(std::string_view name);

/// That of a triple of Linux, in any of its spellings ("x86_64-linux-gnu").
CpuArchitecture architectureOf(std::string_view triple);

/// A processor.
class Cpu {
public:
  using Words = std::array<uint64_t, size_t(CpuWord::Count)>;

  Cpu(CpuArchitecture architecture, const Words &words);
  /// The one this program runs on.
  static const Cpu &here();

  CpuArchitecture architecture() const { return kind; }
  bool has(CpuFeature feature) const { return features >> feature & 1; }
  bool runs(const CpuLevel &level) const;
  /// The most demanding level it runs, or null.
  const CpuLevel *level() const;
  /// For people: the name of its level, or of its architecture; "neither x86-64 nor aarch64".
  std::string description() const;

private:
  CpuArchitecture kind;
  uint64_t features = 0;
};

} // namespace optc

#endif // OPTC_SUPPORT_CPU_H
