/* SPDX-License-Identifier: GPL-2.0 */
/* The words of the command line, of tables and of JSON for numbers of the ABI. */
#ifndef IPCCHAN_CLI_WORDS_H
#define IPCCHAN_CLI_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* Words for 0, 1, ...; NULL at the end. */
extern const char * const kind_words[];		/* enum ipcchan_kind */
extern const char * const slow_words[];		/* enum ipcchan_slow */
extern const char * const option_words[];	/* bits of IPCCHAN_OPT_* */

extern const char * const event_words[];	/* enum ipcchan_event, less 1 */

/** word_of() - the word for @value, "unknown" where there is none */
const char *word_of(const char * const words[], uint32_t value);

/**
 * word_find() - what a word stands for
 *
 * Return: its number; -1 for none.
 */
int word_find(const char * const words[], const char *text);

#endif /* IPCCHAN_CLI_WORDS_H */
