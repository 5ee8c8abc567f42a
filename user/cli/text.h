/* SPDX-License-Identifier: GPL-2.0 */
/* Names and numbers for people: nothing in them can move a terminal's cursor. */
#ifndef IPCCHAN_CLI_TEXT_H
#define IPCCHAN_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIZE_TEXT_SIZE	32
#define COMM_TEXT_SIZE	64	/* TASK_COMM_LEN, each byte as \xNN */
#define USER_TEXT_SIZE	64

/**
 * text_safe() - any bytes as valid UTF-8, fit for a terminal
 * @in: NUL-terminated
 * @out: control characters, and bytes that are not UTF-8, become \xNN
 * @size: bytes at @out; what has no room is left out
 */
void text_safe(const char *in, char *out, size_t size);

/** text_columns() - columns on the screen; each character is taken for one */
size_t text_columns(const char *text);

/**
 * text_fit() - pad to or cut at a number of columns on the screen
 * @text: valid UTF-8
 * @out: out
 * @size: bytes at @out, at least 4 * @columns + 1
 */
void text_fit(const char *text, size_t columns, char *out, size_t size);

/** size_text() - bytes for people: "64 KiB", "1.5 MiB", "100 B" */
void size_text(uint64_t bytes, char text[SIZE_TEXT_SIZE]);

/** time_text() - nanoseconds for people: "20 us", "1.5 ms", "0 ns", "2.5 s" */
void time_text(uint64_t ns, char text[SIZE_TEXT_SIZE]);

/** rate_text() - a number for people: "0", "0.25", "12.3", "4.56k", "1.2M" */
void rate_text(double value, char text[SIZE_TEXT_SIZE]);

/**
 * comm_text() - the command of a process
 * @pid: in this process's namespace; 0 for none
 * @text: out, as text_safe(); empty where it cannot be had
 */
void comm_text(uint32_t pid, char text[COMM_TEXT_SIZE]);

/** user_text() - a user's name; its number where it has none, or @numeric */
void user_text(uint32_t uid, bool numeric, char text[USER_TEXT_SIZE]);

/** group_text() - likewise, a group's */
void group_text(uint32_t gid, bool numeric, char text[USER_TEXT_SIZE]);

#endif /* IPCCHAN_CLI_TEXT_H */
