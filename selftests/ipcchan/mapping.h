/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of mapped buffers share. */
#ifndef IPCCHAN_SELFTEST_MAPPING_H
#define IPCCHAN_SELFTEST_MAPPING_H

#include <stdbool.h>
#include <stddef.h>

/**
 * pages_stamp() - write into each of @pages pages which one it is
 * @page: bytes from one to the next
 * @first: number of the first one
 */
void pages_stamp(char *map, size_t page, int first, int pages);

/** pages_are_stamped() - whether that is what they say */
bool pages_are_stamped(const char *map, size_t page, int first, int pages);

/** pages_present() - pages of a mapping that are there without a fault, or -errno */
long pages_present(void *map, size_t len);

/** minor_faults() - of this thread until now */
long minor_faults(void);

/**
 * mapping_kib() - a line of /proc/self/smaps
 * @addr: first byte of the mapping
 * @key: of the line, with its colon
 *
 * Return: KiB, negative when there is no such mapping or line.
 */
long mapping_kib(const void *addr, const char *key);

/** huge_page_size() - bytes, 0 where the kernel has none for shared memory */
size_t huge_page_size(void);

/**
 * huge_pages_mapped() - does this kernel map huge pages of a device as such?
 *
 * Those from 6.12 on do not by themselves, and before 6.16 do not let a module do so.
 */
bool huge_pages_mapped(void);

/**
 * aligned_address() - an address that is free to be mapped at
 * @align: it is a multiple of this plus @skew
 */
char *aligned_address(size_t len, size_t align, size_t skew);

#endif /* IPCCHAN_SELFTEST_MAPPING_H */
