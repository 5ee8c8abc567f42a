/* SPDX-License-Identifier: GPL-2.0 */
/* kselftest's harness, with more patience: a guest may be emulated, and its host busy. */
#ifndef _IPCCHAN_TEST_HARNESS_H
#define _IPCCHAN_TEST_HARNESS_H

#include "kselftest_harness.h"

/* Seconds that a test may take; those that say so themselves may take longer. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	120

#endif /* _IPCCHAN_TEST_HARNESS_H */
