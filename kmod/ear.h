/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_EAR_H
#define _IPCCHAN_EAR_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/wait.h>

struct ipcchan_account;
struct ipcchan_buf;

/**
 * struct ipcchan_ear - hears a word being rung
 * @entry: on @bell, not exclusive: no ear keeps a ring from another, or from a sleeper
 * @bell: of the word, NULL while @entry is not on it
 * @offset: of the word, bytes
 * @account: of the user who pays for it
 */
struct ipcchan_ear {
	struct wait_queue_entry entry;
	wait_queue_head_t *bell;
	u64 offset;
	struct ipcchan_account *account;
};

/**
 * struct ipcchan_ears - what an endpoint hears of the doorbell without sleeping on it
 * @fds: eventfds to be signalled
 * @nr_fds: how many
 * @expected: poll() says EPOLLPRI while the watched word differs, under @poll.lock
 * @word: the watched word, NULL for none, under @poll.lock
 * @watch: hears of it
 * @poll: who polls the endpoint, for EPOLLPRI only
 *
 * Part of its endpoint, whose lock is held to change it.
 */
struct ipcchan_ears {
	struct list_head fds;
	u32 nr_fds;
	u32 expected;
	const u32 *word;
	struct ipcchan_ear watch;
	wait_queue_head_t poll;
};

void ipcchan_ears_init(struct ipcchan_ears *ears);
void ipcchan_ears_clear(struct ipcchan_ears *ears);
int ipcchan_ears_add_fd(struct ipcchan_ears *ears, struct ipcchan_buf *buf, u64 offset,
			int fd);
int ipcchan_ears_del_fd(struct ipcchan_ears *ears, u64 offset, int fd);
int ipcchan_ears_watch(struct ipcchan_ears *ears, struct ipcchan_buf *buf, u64 offset,
		       u32 expected);
void ipcchan_ears_unwatch(struct ipcchan_ears *ears);
bool ipcchan_ears_rung(struct ipcchan_ears *ears);

#endif /* _IPCCHAN_EAR_H */
