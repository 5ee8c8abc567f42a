/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_LINES_H
#define BENCH_LINES_H

/* What two processes write lies so far apart: two lines of the cache may be fetched together */
#define LINES_APART	128

#endif /* BENCH_LINES_H */
