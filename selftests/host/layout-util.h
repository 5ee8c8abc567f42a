/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Test vectors of layouts: images of a ring's memory, as text in a file that is VECTORS
 * and becomes a part of the program.  Sections [name size], of lines of a decimal
 * offset and eight bytes in hex; what is not named is zero.  Byte i of message number n is
 * 16 * n + i.
 */
#ifndef LAYOUT_UTIL_H
#define LAYOUT_UTIL_H

#include "ring-util.h"

#define LAYOUT_SIZE_MAX	16384
#define LAYOUT_MSG_MAX	64

__asm__(".pushsection .rodata\n"
	"layout_vectors: .incbin \"" VECTORS "\"\n"
	".byte 0\n"
	".popsection");
extern const char layout_vectors[] __attribute__((visibility("hidden")));

/* A line of section @name.  Return: whether it is one. */
static inline bool layout_line(const char *line, unsigned char *bytes)
{
	unsigned int b[8], offset, i;

	if (sscanf(line, "%u %x %x %x %x %x %x %x %x", &offset, &b[0], &b[1], &b[2], &b[3],
		   &b[4], &b[5], &b[6], &b[7]) != 9 || offset > LAYOUT_SIZE_MAX - 8)
		return false;
	for (i = 0; i < 8; i++)
		bytes[offset + i] = (unsigned char)b[i];
	return true;
}

/* Return: the bytes of section @name, @size of them; NULL with a report. */
static inline const unsigned char *layout_load(const char *name, size_t *size)
{
	static unsigned char bytes[LAYOUT_SIZE_MAX];
	FILE *file = fmemopen((void *)(uintptr_t)layout_vectors, strlen(layout_vectors), "r");
	char line[128], section[32] = "";
	unsigned int found;

	*size = 0;
	memset(bytes, 0, sizeof(bytes));
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "[%31[a-z] %u]", section, &found) == 2) {
			if (!strcmp(section, name))
				*size = found;
		} else if (!strcmp(section, name) && !strspn(line, "#\n") &&
			   !layout_line(line, bytes)) {
			TAP_REPORT("%s: %s", VECTORS, line);
			*size = 0;
			break;
		}
	}
	if (file)
		fclose(file);
	if (*size && *size <= LAYOUT_SIZE_MAX)
		return bytes;
	TAP_REPORT("%s: no section %s", VECTORS, name);
	return NULL;
}

/* Print @size bytes as a section of the file. */
static inline void layout_print(const char *name, const void *mem, size_t size)
{
	const unsigned char *bytes = mem, zero[8] = { 0 };
	size_t i, j;

	printf("# [%s %zu]\n", name, size);
	for (i = 0; i + 8 <= size; i += 8) {
		if (!memcmp(bytes + i, zero, 8))
			continue;
		printf("# %04zu ", i);
		for (j = 0; j < 8; j++)
			printf(" %02x", bytes[i + j]);
		printf("\n");
	}
}

/* Is memory of @size bytes what section @name says?  What it is instead is printed. */
static inline void layout_compare(const char *name, const void *got, size_t size)
{
	const unsigned char *want;
	size_t want_size;

	want = layout_load(name, &want_size);
	EXPECT_EQ(size, want_size);
	if (!want || size != want_size || !memcmp(got, want, size))
		return;
	TAP_REPORT("%s: the memory is another", name);
	layout_print(name, got, size);
}

/* Make memory of @size bytes what section @name says.  Return: false with a report. */
static inline bool layout_copy(const char *name, void *mem, size_t size)
{
	const unsigned char *bytes;
	size_t have;

	bytes = layout_load(name, &have);
	EXPECT_EQ(have, size);
	if (!bytes || have != size)
		return false;
	memcpy(mem, bytes, size);
	return true;
}

/* Message number @number */
static inline const unsigned char *layout_message(unsigned int number)
{
	static unsigned char msg[LAYOUT_MSG_MAX];
	unsigned int i;

	for (i = 0; i < sizeof(msg); i++)
		msg[i] = (unsigned char)(16 * number + i);
	return msg;
}

/* Return: whether the test, which has no file for this machine, is to return */
static inline bool layout_foreign(void)
{
	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
		return false;
	tap_skip("the file is of a machine of the other byte order");
	return true;
}

#endif /* LAYOUT_UTIL_H */
