/* SPDX-License-Identifier: GPL-2.0 */
/* Work that takes a processor some time. */
#ifndef CLAIMS_WORK_H
#define CLAIMS_WORK_H

#include <stdint.h>

/** work_calibrate() - steps of work that take about @ns nanoseconds here, at least 1 */
uint64_t work_calibrate(uint64_t ns);

/** work_do() - so many; returns what depends on all of them */
uint64_t work_do(uint64_t seed, uint64_t steps);

#endif /* CLAIMS_WORK_H */
