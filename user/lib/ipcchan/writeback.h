/* SPDX-License-Identifier: MIT */
/*
 * Writing lines back after they were read: what <ipcchan/ring.h> does with it, and
 * what threads may do, is said there.
 *
 * A line that the consumer has read is in its cache, so that the producer, who
 * writes it in the next round, must first have it invalidated there.  A consumer
 * that writes it back, flushes or demotes it may spare the producer that.  Whether
 * it does depends on the CPU, on where the two run, and on whether the ring fits
 * in a cache; it may as well cost half of the speed.  So it is done where the
 * caller says so, or where it has been measured to pay.
 */
#ifndef IPCCHAN_WRITEBACK_H
#define IPCCHAN_WRITEBACK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * enum ipcchan_writeback - what a consumer does with a line that it has read
 * @IPCCHAN_WRITEBACK_OFF: nothing
 * @IPCCHAN_WRITEBACK_CLWB: write it back and keep it (x86)
 * @IPCCHAN_WRITEBACK_CLFLUSHOPT: write it back and drop it (x86)
 * @IPCCHAN_WRITEBACK_CLDEMOTE: move it to a cache that is shared (x86)
 * @IPCCHAN_WRITEBACK_PROBE: what turns out to be best in the first rounds, and again
 *	after some thousand: where the two run may change
 */
enum ipcchan_writeback {
	IPCCHAN_WRITEBACK_OFF,
	IPCCHAN_WRITEBACK_CLWB,
	IPCCHAN_WRITEBACK_CLFLUSHOPT,
	IPCCHAN_WRITEBACK_CLDEMOTE,
	IPCCHAN_WRITEBACK_PROBE,
};

#define IPCCHAN_WRITEBACK_ROUNDS	5

/**
 * struct ipcchan_writer - a consumer's writing back; all fields are private
 * @from: position of the first line that has not been written back
 * @next: position at which the probe looks at the clock, or begins again; never
 *	reached when the caller has chosen
 * @how: what is done now, not IPCCHAN_WRITEBACK_PROBE
 * @probing: a probe is running
 * @ways: by enum ipcchan_writeback, what there is to choose from, a bit each, 0 when
 *	the caller has chosen
 * @usable: likewise, what this probe still tries
 * @step: of the probe
 * @rounds: that it measures of each way
 * @idle: rounds of this probe in which there was nothing for long
 * @before: what was done before this probe
 * @start_ns: when the measured part of this step began
 * @took_ns: by what was done and by round
 * @idle_ns: of the measured part of this step, in which there was nothing
 */
struct ipcchan_writer {
	uint64_t from;
	uint64_t next;
	uint32_t how;
	uint32_t probing;
	uint32_t ways;
	uint32_t usable;
	uint8_t step;
	uint8_t rounds;
	uint8_t idle;
	uint8_t before;
	int64_t start_ns;
	uint32_t took_ns[4][IPCCHAN_WRITEBACK_ROUNDS];
	int64_t idle_ns;
};

/* one line */
static inline void ipcchan_writeback_line(void *line, uint32_t how)
{
#if defined(__x86_64__)
	volatile char *at = (volatile char *)line;

	if (how == IPCCHAN_WRITEBACK_CLWB)
		__asm__ __volatile__("clwb %0" : "+m"(*at));
	else if (how == IPCCHAN_WRITEBACK_CLFLUSHOPT)
		__asm__ __volatile__("clflushopt %0" : "+m"(*at));
	else
		__asm__ __volatile__("cldemote %0" : "+m"(*at));
#else
	(void)line;
	(void)how;
#endif
}

#ifdef __cplusplus
}
#endif

#endif /* IPCCHAN_WRITEBACK_H */
