// SPDX-License-Identifier: GPL-2.0
/* The words of the command line, of tables and of JSON for numbers of the ABI. */
#include <string.h>

#include <linux/ipcchan.h>
#include <linux/ipcchan_netlink.h>

#include "cli.h"
#include "words.h"

const char * const kind_words[] = {
	[IPCCHAN_KIND_QUEUE] = "queue",
	[IPCCHAN_KIND_BROADCAST] = "broadcast",
	[IPCCHAN_KIND_RPC] = "rpc",
	NULL
};

const char * const slow_words[] = {
	[IPCCHAN_SLOW_BLOCK] = "block",
	[IPCCHAN_SLOW_DROP_OLDEST] = "drop-oldest",
	[IPCCHAN_SLOW_DROP_NEWEST] = "drop-newest",
	[IPCCHAN_SLOW_DISCONNECT] = "disconnect",
	NULL
};

const char * const option_words[] = { "hangup", "timestamp", "sync-wake", "loans",
					   "revoke", NULL };

const char * const event_words[] = {
	[IPCCHAN_EVENT_CREATED - 1] = "created",
	[IPCCHAN_EVENT_DELETED - 1] = "deleted",
	[IPCCHAN_EVENT_CHANGED - 1] = "changed",
	[IPCCHAN_EVENT_ATTACHED - 1] = "attached",
	[IPCCHAN_EVENT_DETACHED - 1] = "detached",
	[IPCCHAN_EVENT_FULL - 1] = "full",
	[IPCCHAN_EVENT_DRAINED - 1] = "drained",
	[IPCCHAN_EVENT_LAGGING - 1] = "lagging",
	[IPCCHAN_EVENT_PEER_DIED - 1] = "peer-died",
	[IPCCHAN_EVENT_QUOTA - 1] = "quota",
	[IPCCHAN_EVENT_CORRUPT - 1] = "corrupt",
	NULL
};

const char *word_of(const char * const words[], uint32_t value)
{
	for (uint32_t i = 0; words[i]; i++)
		if (i == value)
			return words[i];
	return "unknown";
}

int word_find(const char * const words[], const char *text)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], text))
			return i;
	return -1;
}

uint32_t arg_word(const struct argp_state *state, const char *option, const char *text,
		  const char * const words[])
{
	int value = word_find(words, text);
	char known[256] = "";

	if (value >= 0)
		return value;
	for (size_t i = 0; words[i] && strlen(known) + strlen(words[i]) + 3 < sizeof(known); i++) {
		if (i)
			strcat(known, ", ");
		strcat(known, words[i]);
	}
	argp_error(state, "%s: '%s' is unknown; give one of: %s", option, text, known);
	return 0;
}
