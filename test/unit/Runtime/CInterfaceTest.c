/*===- CInterfaceTest.c - the runtime from C -------------------------------===*\
|* Part of optc, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                     *|
|*                                                                             *|
|* Compiled as C89 and linked to liboptc_runtime.so only: what a C program sees. *|
\*===-----------------------------------------------------------------------===*/
#include "optc/runtime.h"

#include <stdio.h>
#include <string.h>

static int failures = 0;

static void expect(int condition, const char *what) {
  if (!condition) {
    printf("FAILED: %s\n", what);
    ++failures;
  }
}

int main(void) {
  optc_model *model = (optc_model *)&failures;
  optc_error *error = optc_model_open("/nonexistent/model.optc", NULL, &model);
  expect(error != NULL, "opening nothing fails");
  expect(model == NULL, "no model on failure");
  expect(optc_error_code(error) == 101, "the code");
  expect(strncmp(optc_error_message(error), "OPTC-E0101: ", 12) == 0, "the message has the id");
  optc_error_destroy(error);
  error = optc_model_open_memory("garbage", 7, NULL, &model);
  expect(optc_error_code(error) == 6001, "garbage is no artifact");
  optc_error_destroy(error);
  expect(optc_error_code(NULL) == 0 && optc_error_message(NULL)[0] == 0, "null is success");
  optc_error_destroy(NULL);
  optc_model_destroy(NULL);
  optc_context_destroy(NULL);
  expect(optc_model_entry_count(NULL) == 0, "null model has no entries");
  expect(optc_model_input(NULL, 0, 0) == NULL, "null model has no inputs");
  expect(strchr(optc_version(), '.') != NULL, "a version");
  return failures != 0;
}
