// SPDX-License-Identifier: GPL-2.0
/*
 * A link for each of several receivers, to which the sender sends each message, one after the
 * other: what a program does that has no broadcast.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fd.h"

static struct link *own_link(const struct link *link)
{
	return (struct link *)link->priv + link->index;
}

/* The last one first: what each has may be held by processes of the later ones, too */
static void each_teardown(struct link *link)
{
	struct link *links = link->priv;
	unsigned int i;

	for (i = link->crew[1]; links && i; i--)
		link->links_of->teardown(&links[i - 1]);
	free(links);
	link->priv = NULL;
}

static int each_setup(struct link *link)
{
	struct link *links = calloc(link->crew[1], sizeof(*links));
	size_t depth = link->depth;
	unsigned int i;
	int err;

	if (!links)
		return link_refuse(link, -ENOMEM, "no memory");
	link->priv = links;
	for (i = 0; i < link->crew[1]; i++) {
		links[i] = *link;
		links[i].transport = link->links_of;
		links[i].crew[1] = 1;
		links[i].each = false;
		links[i].depth = depth;
		links[i].priv = NULL;
		err = link->links_of->setup(&links[i]);
		if (err) {
			memcpy(link->why, links[i].why, WHY_SIZE);
			return err;
		}
		if (!i || links[i].depth < link->depth)
			link->depth = links[i].depth;
	}
	return 0;
}

/* One room for all, in which a message is built once */
static int attach_sender(struct link *link)
{
	struct link *links = link->priv;
	unsigned int i;
	int err;

	for (i = 0; i < link->crew[1]; i++) {
		err = link->links_of->attach(&links[i], 0);
		if (err) {
			memcpy(link->why, links[i].why, WHY_SIZE);
			return err;
		}
		if (i) {
			free(links[i].tx_buf);
			links[i].tx_buf = links[0].tx_buf;
		}
	}
	return 0;
}

static int each_attach(struct link *link, int side)
{
	struct link *own = own_link(link);
	int err;

	if (!side)
		return attach_sender(link);
	err = link->links_of->attach(own, 1);
	if (err)
		memcpy(link->why, own->why, WHY_SIZE);
	return err;
}

static int each_begin(struct link *link, void **msg)
{
	return link->links_of->begin(link->priv, msg);
}

static int each_send(struct link *link)
{
	struct link *links = link->priv;
	unsigned int i;
	int err;

	for (i = 0; i < link->crew[1]; i++) {
		err = link->links_of->send(&links[i]);
		if (err)
			return err;
	}
	return 0;
}

static ssize_t each_recv(struct link *link, const void **msg)
{
	return link->links_of->recv(own_link(link), msg);
}

static int each_done(struct link *link)
{
	return link->links_of->done(own_link(link));
}

const struct transport transport_each = {
	.name = "each",
	.about = "a link for each receiver",
	.setup = each_setup,
	.attach = each_attach,
	.begin = each_begin,
	.send = each_send,
	.recv = each_recv,
	.done = each_done,
	.teardown = each_teardown,
};
