/* SPDX-License-Identifier: MIT */
/*
 * The probe of what to do with lines that were read.  Each function is for one
 * consumer's handle, which one thread uses at a time.
 */
#ifndef IPCCHAN_WRITEBACK_PRIVATE_H
#define IPCCHAN_WRITEBACK_PRIVATE_H

#include <ipcchan/writeback.h>

/**
 * ipcchan_writer_cpu() - what this CPU has
 *
 * Return: by enum ipcchan_writeback, a bit each; IPCCHAN_WRITEBACK_OFF always.
 */
uint32_t ipcchan_writer_cpu(void);

/**
 * ipcchan_writer_set() - say what is to be done from now on
 * @writer: out
 * @how: it
 * @usable: of ipcchan_writer_cpu()
 * @pos: the consumer's position
 *
 * Return: 0; -EINVAL (no such thing), -EOPNOTSUPP (not on this CPU).
 */
int ipcchan_writer_set(struct ipcchan_writer *writer, enum ipcchan_writeback how,
		       uint32_t usable, uint64_t pos);

/**
 * ipcchan_writer_idle() - there has been nothing for a while
 * @writer: of either side: that of a producer is not used
 * @ns: for so long, nanoseconds
 *
 * When the producer has something to send says nothing about writing back: that time is
 * left out, and a round of which it was much is measured again.
 */
void ipcchan_writer_idle(struct ipcchan_writer *writer, int64_t ns);

/**
 * ipcchan_writer_step() - @next has been reached
 * @writer: probing
 * @pos: the consumer's position
 * @round: bytes of the ring
 * @now_ns: the time
 *
 * What is done with a line shows when the producer writes it again, one round
 * later: each step lets one round pass and measures the next one.  The steps take
 * turns, so that what else changes meanwhile changes for all.
 */
void ipcchan_writer_step(struct ipcchan_writer *writer, uint64_t pos,
			 uint64_t round, int64_t now_ns);

#endif /* IPCCHAN_WRITEBACK_PRIVATE_H */
