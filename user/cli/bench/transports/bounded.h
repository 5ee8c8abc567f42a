/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_TRANSPORTS_BOUNDED_H
#define BENCH_TRANSPORTS_BOUNDED_H

#include "../transport.h"

/* Kinds of memory, and of semaphores */
#define BOUNDED_KINDS	3

/* Each memory with each kind of semaphores */
extern const struct transport transport_bounded[BOUNDED_KINDS * BOUNDED_KINDS];

#endif /* BENCH_TRANSPORTS_BOUNDED_H */
