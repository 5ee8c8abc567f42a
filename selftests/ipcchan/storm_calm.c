// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <netlink/genl/genl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "genl.h"
#include "storm.h"
#include "util.h"

/* What is given back by others, a moment later, is back in this time. */
#define CALMS_NS	10000000000ull

/* More free messages than the module keeps for all channels. */
#define DEPOT		5000

static const char *const caches[STORM_CACHES] = { "ipcchan_msg", "ipcchan_chan" };

/* So that those that are kept are as many as ever, before and after. */
static int fill_depot(void)
{
	struct ipcchan_attach a = { .max_msgs = DEPOT };
	struct ipcchan_msghdr h[IPCCHAN_BATCH_MAX / 4];
	const int batch = IPCCHAN_BATCH_MAX / 4;
	int fd = chan_anon(&a), ret = 0, nr, i;
	char byte = 0;

	if (fd < 0)
		return fd;
	for (i = 0; i < batch; i++)
		h[i] = (struct ipcchan_msghdr) { .buf = (uintptr_t)&byte, .len = 1 };
	for (nr = 0; ret >= 0 && nr + batch <= DEPOT; nr += batch)
		ret = xfer_send(fd, h, batch, 0, 0);
	while (ret > 0)
		ret = xfer_recv(fd, h, batch, 0, 0);
	if (ret == -EAGAIN)
		ret = 0;
	close(fd);
	return ret < 0 ? ret : 0;
}

/* -1 where there is none, or it is one with others' */
static int64_t objects_of(const char *cache)
{
	long long objects = -1;
	char path[128];
	struct stat st;
	FILE *f;
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s", cache);
	if (lstat(path, &st) || !S_ISDIR(st.st_mode))
		return -1;
	/* Those that a CPU keeps, free, for the next time count as in use. */
	strcat(path, "/shrink");
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, "1", 1) != 1)
		objects = -1;
	close(fd);
	strcpy(strrchr(path, '/'), "/objects");
	f = fopen(path, "re");
	if (!f)
		return -1;
	if (fscanf(f, "%lld", &objects) != 1)
		objects = -1;
	fclose(f);
	return objects;
}

static void count_user(struct nlmsghdr *nlh, void *arg)
{
	struct storm_calm *c = arg;
	struct nlattr *item, *used;
	size_t i = 0;
	int left;

	c->users++;
	nlmsg_for_each_attr(item, nlh, GENL_HDRLEN, left) {
		if (nla_type(item) != IPCCHAN_A_QUOTA_ITEM)
			continue;
		used = nla_find(nla_data(item), nla_len(item), IPCCHAN_A_ITEM_USED);
		if (used && i < sizeof(c->used) / sizeof(*c->used))
			c->used[i++] += nla_get_u64(used);
	}
}

static void count_chan(struct nlmsghdr *nlh, void *arg)
{
	(void)nlh;
	((struct storm_calm *)arg)->chans++;
}

int storm_calm(struct storm_calm *c)
{
	struct genl *g;
	int ret, i;

	memset(c, 0, sizeof(*c));
	ret = fill_depot();
	if (ret)
		return ret;
	g = genl_open();
	if (!g)
		return -EIO;
	ret = genl_each(g, genl_msg(g, IPCCHAN_CMD_QUOTA_GET, NLM_F_DUMP), count_user, c);
	if (ret >= 0)
		ret = genl_each(g, genl_msg(g, IPCCHAN_CMD_GET, NLM_F_DUMP), count_chan, c);
	genl_close(g);
	for (i = 0; i < STORM_CACHES; i++)
		c->objects[i] = objects_of(caches[i]);
	return ret < 0 ? ret : 0;
}

/* Fewer than before are fine. */
static bool is_back(const struct storm_calm *before, const struct storm_calm *now)
{
	int i;

	for (i = 0; i < STORM_CACHES; i++) {
		if (now->objects[i] > before->objects[i])
			return false;
	}
	return now->users == before->users && now->chans == before->chans &&
	       !memcmp(now->used, before->used, sizeof(now->used));
}

static void tell(const char *when, const struct storm_calm *c)
{
	size_t i;

	fprintf(stderr, "# %s: %llu channels, slab", when, (unsigned long long)c->chans);
	for (i = 0; i < STORM_CACHES; i++)
		fprintf(stderr, " %s %lld", caches[i], (long long)c->objects[i]);
	fprintf(stderr, ", %llu users have", (unsigned long long)c->users);
	for (i = 0; i < sizeof(c->used) / sizeof(*c->used); i++)
		fprintf(stderr, " %llu", (unsigned long long)c->used[i]);
	fprintf(stderr, "\n");
}

bool storm_calm_again(const struct storm_calm *before)
{
	const uint64_t end = now_ns() + CALMS_NS;
	struct storm_calm now;
	int err;

	do {
		err = storm_calm(&now);
		if (!err && is_back(before, &now))
			return true;
		sleep_ms(50);
	} while (now_ns() < end);
	if (err)
		fprintf(stderr, "# cannot look: %s\n", strerror(-err));
	tell("before", before);
	tell("after", &now);
	return false;
}
