// SPDX-License-Identifier: GPL-2.0
/* Lab 8: notes, by generic netlink. */
#include <linux/module.h>
#include <linux/mutex.h>
#include <net/genetlink.h>

#include "lab8.h"

static DEFINE_MUTEX(lab8_lock);
/* By number; an empty one is not there. */
static char lab8_notes[LAB8_NOTES + 1][LAB8_TEXT_MAX + 1];

static struct genl_family lab8_family;

static const struct nla_policy lab8_policy[LAB8_A_MAX + 1] = {
	[LAB8_A_ID] = NLA_POLICY_RANGE(NLA_U32, 1, LAB8_NOTES),
	[LAB8_A_TEXT] = { .type = NLA_NUL_STRING, .len = LAB8_TEXT_MAX },
};

/* Append a message with this note.  Return: 0, or -EMSGSIZE, and nothing was appended. */
static int lab8_put_note(struct sk_buff *skb, u32 portid, u32 seq, int flags, u8 cmd, u32 id)
{
	void *head = genlmsg_put(skb, portid, seq, &lab8_family, flags, cmd);

	if (!head)
		return -EMSGSIZE;
	if (nla_put_u32(skb, LAB8_A_ID, id) ||
	    nla_put_string(skb, LAB8_A_TEXT, lab8_notes[id])) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

/* The change is made: who cannot be told of it is told that something was missed. */
static void lab8_notify_locked(u32 id)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!skb || lab8_put_note(skb, 0, 0, 0, LAB8_CMD_SET, id)) {
		nlmsg_free(skb);
		genl_set_err(&lab8_family, &init_net, 0, 0, -ENOBUFS);
		return;
	}
	genlmsg_multicast(&lab8_family, skb, 0, 0, GFP_KERNEL);
}

static int lab8_set(struct sk_buff *skb, struct genl_info *info)
{
	u32 id;

	if (!info->attrs[LAB8_A_ID] || !info->attrs[LAB8_A_TEXT]) {
		GENL_SET_ERR_MSG(info, "a note has a number and a text");
		return -EINVAL;
	}
	id = nla_get_u32(info->attrs[LAB8_A_ID]);
	mutex_lock(&lab8_lock);
	nla_strscpy(lab8_notes[id], info->attrs[LAB8_A_TEXT], sizeof(lab8_notes[id]));
	lab8_notify_locked(id);
	mutex_unlock(&lab8_lock);
	return 0;
}

static int lab8_get(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *reply;
	int err = -ENOENT;
	u32 id;

	if (!info->attrs[LAB8_A_ID]) {
		GENL_SET_ERR_MSG(info, "which note? It takes a number, or NLM_F_DUMP");
		return -EINVAL;
	}
	id = nla_get_u32(info->attrs[LAB8_A_ID]);
	reply = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&lab8_lock);
	if (lab8_notes[id][0])
		err = lab8_put_note(reply, info->snd_portid, info->snd_seq, 0, LAB8_CMD_GET, id);
	mutex_unlock(&lab8_lock);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}

/* Called until it appends nothing: args[0] is how many notes it has looked at. */
static int lab8_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	mutex_lock(&lab8_lock);
	for (; cb->args[0] < LAB8_NOTES; cb->args[0]++) {
		u32 id = cb->args[0] + 1;

		if (!lab8_notes[id][0])
			continue;
		if (lab8_put_note(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				  NLM_F_MULTI, LAB8_CMD_GET, id))
			break;
	}
	mutex_unlock(&lab8_lock);
	return skb->len;
}

static const struct genl_small_ops lab8_ops[] = {
	{
		.cmd = LAB8_CMD_SET,
		.doit = lab8_set,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = LAB8_CMD_GET,
		.doit = lab8_get,
		.dumpit = lab8_dump,
	},
};

static const struct genl_multicast_group lab8_groups[] = {
	{ .name = LAB8_GROUP },
};

static struct genl_family lab8_family __ro_after_init = {
	.name = LAB8_FAMILY,
	.version = LAB8_VERSION,
	.module = THIS_MODULE,
	.maxattr = LAB8_A_MAX,
	.policy = lab8_policy,
	.small_ops = lab8_ops,
	.n_small_ops = ARRAY_SIZE(lab8_ops),
	.mcgrps = lab8_groups,
	.n_mcgrps = ARRAY_SIZE(lab8_groups),
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
