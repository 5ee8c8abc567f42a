// SPDX-License-Identifier: GPL-2.0
/* What the prices of lab 9 are compared with: those of the solution, on the same machine. */
#include "solution/user/price.c"
