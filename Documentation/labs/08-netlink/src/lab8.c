// SPDX-License-Identifier: GPL-2.0
/* Lab 8: notes, by generic netlink. */
#include <linux/module.h>
#include <linux/mutex.h>
#include <net/genetlink.h>

#include "lab8.h"

static DEFINE_MUTEX(lab8_lock);
/* By number; an empty one is not there. */
static char lab8_notes[LAB8_NOTES + 1][LAB8_TEXT_MAX + 1];

/*
 * TODO 1: say what values the attributes may have.  Then the core refuses all others, and tells
 * which attribute it was, before any function of yours is called.
 */
static const struct nla_policy lab8_policy[LAB8_A_MAX + 1] = {
	[LAB8_A_ID] = { .type = NLA_U32 },
	[LAB8_A_TEXT] = { .type = NLA_STRING },
};

/* TODO 2: where an attribute is missing, say so to who reads the error: GENL_SET_ERR_MSG(). */
/* TODO 3: tell the multicast group LAB8_GROUP of the change. */
static int lab8_set(struct sk_buff *skb, struct genl_info *info)
{
	u32 id;

	if (!info->attrs[LAB8_A_ID] || !info->attrs[LAB8_A_TEXT])
		return -EINVAL;
	id = nla_get_u32(info->attrs[LAB8_A_ID]);
	if (!id || id > LAB8_NOTES)
		return -EINVAL;
	mutex_lock(&lab8_lock);
	nla_strscpy(lab8_notes[id], info->attrs[LAB8_A_TEXT], sizeof(lab8_notes[id]));
	mutex_unlock(&lab8_lock);
	return 0;
}

/*
 * TODO 4: reply with the note: genlmsg_new(), genlmsg_put_reply(), nla_put_u32(),
 * nla_put_string(), genlmsg_end(), genlmsg_reply(); or -ENOENT.  Who frees the message in which
 * case?
 */
static int lab8_get(struct sk_buff *skb, struct genl_info *info)
{
	return -EOPNOTSUPP;
}

/*
 * TODO 5: all notes.  They do not fit into one message buffer: it is called again and again until
 * it appends nothing, and keeps in cb->args[] how far it has come.  Return skb->len.
 */
static int lab8_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return -EOPNOTSUPP;
}

/* TODO 6: everybody may get notes, only CAP_NET_ADMIN may set them. */
static const struct genl_small_ops lab8_ops[] = {
	{
		.cmd = LAB8_CMD_SET,
		.doit = lab8_set,
	},
	{
		.cmd = LAB8_CMD_GET,
		.doit = lab8_get,
		.dumpit = lab8_dump,
	},
};

static struct genl_family lab8_family __ro_after_init = {
	.name = LAB8_FAMILY,
	.version = LAB8_VERSION,
	.module = THIS_MODULE,
	.maxattr = LAB8_A_MAX,
	.policy = lab8_policy,
	.small_ops = lab8_ops,
	.n_small_ops = ARRAY_SIZE(lab8_ops),
};

static int __init lab8_init(void)
{
	return genl_register_family(&lab8_family);
}

static void __exit lab8_exit(void)
{
	genl_unregister_family(&lab8_family);
}

module_init(lab8_init);
module_exit(lab8_exit);
MODULE_DESCRIPTION("Lab 8");
MODULE_LICENSE("GPL");
