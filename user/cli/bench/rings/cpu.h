/* SPDX-License-Identifier: GPL-2.0 */
/* Instructions that only some CPUs have */
#ifndef BENCH_RINGS_CPU_H
#define BENCH_RINGS_CPU_H

#include <stdbool.h>

#ifdef __x86_64__
#include <cpuid.h>
#endif

/* Bits of CPUID's leaf 7 */
#define CPU_CLFLUSHOPT		(1u << 23)	/* of EBX */
#define CPU_CLWB		(1u << 24)	/* of EBX */
#define CPU_CLDEMOTE		(1u << 25)	/* of ECX */

/** cpu_has() - has this CPU all of these, as CPUID tells? */
static inline bool cpu_has(unsigned int ebx, unsigned int ecx)
{
#ifdef __x86_64__
	unsigned int a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & ebx) == ebx &&
	       (c & ecx) == ecx;
#else
	(void)ebx;
	(void)ecx;
	return false;
#endif
}

/* What they do with the line of the cache at an address; nothing on other CPUs */
static inline void cpu_clflushopt(void *line)
{
#ifdef __x86_64__
	__asm__ __volatile__("clflushopt %0" : "+m"(*(char *)line));
#else
	(void)line;
#endif
}

static inline void cpu_clwb(void *line)
{
#ifdef __x86_64__
	__asm__ __volatile__("clwb %0" : "+m"(*(char *)line));
#else
	(void)line;
#endif
}

static inline void cpu_cldemote(void *line)
{
#ifdef __x86_64__
	__asm__ __volatile__("cldemote %0" : "+m"(*(char *)line));
#else
	(void)line;
#endif
}

#endif /* BENCH_RINGS_CPU_H */
