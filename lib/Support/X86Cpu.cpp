//===- X86Cpu.cpp - what this processor can do --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads CPUID leaves 1, 7 and 0x80000001 and XCR0.
//
//===----------------------------------------------------------------------===//
#include "lib/Support/X86Cpu.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace optc {

#if defined(__x86_64__)
namespace {
struct Leaf {
  unsigned a = 0, b = 0, c = 0, d = 0;
};
} // namespace

static Leaf cpuid(unsigned leaf, unsigned subleaf = 0) {
  Leaf out;
  if (!__get_cpuid_count(leaf, subleaf, &out.a, &out.b, &out.c, &out.d))
    return Leaf();
  return out;
}

static bool all(unsigned value, unsigned bits) { return (value & bits) == bits; }

/// XCR0: which register files the system saves. 0x6: SSE and AVX; 0xe0: AVX-512.
static uint64_t savedState(const Leaf &one) {
  if (!(one.c & bit_OSXSAVE))
    return 0;
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t(high) << 32) | low;
}

int x86LevelOf(const X86Features &cpu) {
  const unsigned lahf = 1u << 0, lzcnt = 1u << 5;
  if (!all(cpu.ecx1,
           bit_SSE3 | bit_SSSE3 | bit_SSE4_1 | bit_SSE4_2 | bit_POPCNT | bit_CMPXCHG16B) ||
      !(cpu.ecxExtended & lahf))
    return 1;
  if ((cpu.saved & 0x6) != 0x6 || !all(cpu.ecx1, bit_AVX | bit_FMA | bit_F16C | bit_MOVBE) ||
      !all(cpu.ebx7, bit_AVX2 | bit_BMI | bit_BMI2) || !(cpu.ecxExtended & lzcnt))
    return 2;
  const unsigned vnni = 1u << 11;
  if ((cpu.saved & 0xe6) != 0xe6 || !(cpu.ecx7 & vnni) ||
      !all(cpu.ebx7, bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL))
    return 3;
  const unsigned bf16 = 1u << 5;
  return all(cpu.eax7Sub1, bf16) ? 5 : 4;
}

int x86Level() {
  Leaf one = cpuid(1), seven = cpuid(7);
  return x86LevelOf({one.c, seven.b, seven.c, cpuid(7, 1).a, cpuid(0x80000001).c, savedState(one)});
}

bool hasShaInstructions() {
  return (cpuid(7).b & bit_SHA) && all(cpuid(1).c, bit_SSSE3 | bit_SSE4_1);
}
#else
int x86LevelOf(const X86Features &) { return 0; }
int x86Level() { return 0; }
bool hasShaInstructions() { return false; }
#endif

const char *x86LevelName(int level) {
  static const char *const names[] = {"x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4",
                                      "x86-64-v4-bf16"};
  return level >= 1 && level <= 5 ? names[level - 1] : nullptr;
}

} // namespace optc
