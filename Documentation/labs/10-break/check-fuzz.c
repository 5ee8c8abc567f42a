// SPDX-License-Identifier: GPL-2.0
/* The fuzzer of the solution: what a mended module has to stand. */
#include "solution/user/fuzz.c"
