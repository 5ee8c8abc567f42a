// SPDX-License-Identifier: GPL-2.0
/* Netlink requests that make sense, for the most part. */
#include <linux/netlink.h>

#include "abi.h"
#include "gen.h"
#include "net.h"

#define FIELDS	11

/* An attribute that a command takes, and what its value is chosen as; added to @base */
struct field {
	uint8_t type, form, kind;
	uint32_t base;
	uint64_t info;
};

enum key { KEY_NONE, KEY_NAME, KEY_CHAN, KEY_ID };

/* A command, and how it names its channel: KEY_ID by an attribute of its own */
struct ask {
	uint8_t cmd, key, id;
	bool dump;
	struct field field[FIELDS];
};

#define U32(type, kind, info)	{ IPCCHAN_A_##type, FORM_U32, ARG_##kind, 0, info }
#define U64(type, kind, info)	{ IPCCHAN_A_##type, FORM_U64, ARG_##kind, 0, info }
#define USER(type)		{ IPCCHAN_A_##type, FORM_U32, ARG_ENUM, SOMEBODY, 2 }

static const struct ask asks[] = {
	{ IPCCHAN_CMD_GET, KEY_CHAN, 0, false, { { 0 } } },
	{ IPCCHAN_CMD_GET, KEY_NONE, 0, true,
	  { U32(KIND, ENUM, 3), USER(UID),
	    U32(FLAGS, FLAGS, IPCCHAN_CHAN_ANON | IPCCHAN_CHAN_UNLINKED) } },
	{ IPCCHAN_CMD_NEW, KEY_NAME, 0, false,
	  { U32(KIND, ENUM, 3), U32(MODE, FLAGS, 0777), U32(MAX_MSGS, COUNT, 0),
	    U32(MAX_MSG_SIZE, SIZE, 0), U64(MAX_BYTES, SIZE, 0), U64(BUF_SIZE, PAGES, 0),
	    U32(OPTIONS, FLAGS, 0x1f), U32(SLOW, ENUM, 4), U32(SPIN_NS, COUNT, 0),
	    U32(BUF_FLAGS, FLAGS, 3) } },
	{ IPCCHAN_CMD_DEL, KEY_CHAN, 0, false, { { 0 } } },
	{ IPCCHAN_CMD_SET, KEY_CHAN, 0, false,
	  { U32(MODE, FLAGS, 0777), USER(UID), USER(GID), U32(MAX_MSGS, COUNT, 0),
	    U32(MAX_MSG_SIZE, SIZE, 0), U64(MAX_BYTES, SIZE, 0), U32(SPIN_NS, COUNT, 0),
	    U32(TIMES, ENUM, 2) } },
	{ IPCCHAN_CMD_EP_GET, KEY_ID, IPCCHAN_A_EP_CHAN, true,
	  { U32(EP_PID, COUNT, 0), USER(EP_UID) } },
	{ IPCCHAN_CMD_BUF_GET, KEY_NONE, 0, true, { { 0 } } },
	{ IPCCHAN_CMD_LOAN_GET, KEY_ID, IPCCHAN_A_LOAN_CHAN, true, { { 0 } } },
	{ IPCCHAN_CMD_QUOTA_GET, KEY_NONE, 0, true, { USER(QUOTA_UID) } },
};

static struct call *add(struct prog *p, const char *name)
{
	static struct call none;

	return p->nr < PROG_CALLS ? prog_append(p, name) : &none;
}

static void add_attr(struct prog *p, uint64_t type, uint64_t form, uint64_t value)
{
	struct call *c = add(p, "attr");

	c->arg[0] = type;
	c->arg[1] = form;
	c->arg[2] = value;
}

/* The channel of the first descriptors, or one of the first names */
static void add_key(struct random *r, struct prog *p, const struct ask *ask)
{
	struct call *c;

	if (ask->key == KEY_NONE || (ask->key == KEY_ID && random_below(r, 2)))
		return;
	if (ask->key == KEY_NAME || (ask->key == KEY_CHAN && random_below(r, 4))) {
		add_attr(p, IPCCHAN_A_NAME, FORM_NAME, 2 + random_below(r, 2));
		return;
	}
	c = add(p, "attr_id");
	c->arg[0] = ask->id ? ask->id : IPCCHAN_A_ID;
	c->arg[1] = 1 + random_below(r, 3);
}

void gen_netlink(struct random *r, struct prog *p)
{
	const struct ask *ask = &asks[random_below(r, sizeof(asks) / sizeof(*asks))];
	const struct field *f;
	struct call *c;

	add_key(r, p, ask);
	for (f = ask->field; f->type; f++) {
		const struct arg arg = { .kind = f->kind, .info = f->info };

		if (random_one_in(r, 3))
			add_attr(p, f->type, f->form, f->base + gen_value(r, &arg, p));
	}
	c = add(p, "netlink");
	c->arg[0] = ask->cmd;
	c->arg[1] = ask->dump ? NLM_F_DUMP : random_below(r, 4) * NLM_F_ACK;
	c->arg[4] = random_one_in(r, 3) ? random_below(r, 3) : 0;
	c->arg[5] = random_one_in(r, 4);
}
