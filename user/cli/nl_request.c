// SPDX-License-Identifier: GPL-2.0
/* Requests to the generic netlink family, through libnl. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/family.h>

#include "nl_request.h"

#define TRIES	5

/* A request on its way. */
struct run {
	struct nl *nl;
	struct nl_array *array;
	int err;		/* negative errno, the first one met */
	bool finished;
	bool inconsistent;	/* what is dumped has changed meanwhile */
};

static int family_error(int nlerr)
{
	switch (-nlerr) {
	case NLE_OBJ_NOTFOUND:
		return -ENOPKG;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EACCES;
	default:
		return -EIO;
	}
}

static int connect_family(struct nl *nl)
{
	int one = 1;

	if (genl_connect(nl->sock) < 0)
		return -EPROTONOSUPPORT;
	/* Without it the kernel only leaves out its words. */
	setsockopt(nl_socket_get_fd(nl->sock), SOL_NETLINK, NETLINK_EXT_ACK, &one,
		   sizeof(one));
	nl->family = genl_ctrl_resolve(nl->sock, IPCCHAN_GENL_NAME);
	return nl->family < 0 ? family_error(nl->family) : 0;
}

int nl_begin(struct nl **nl)
{
	struct nl *new = calloc(1, sizeof(*new));
	int err = -ENOMEM;

	*nl = NULL;
	if (!new)
		return err;
	new->sock = nl_socket_alloc();
	if (new->sock)
		err = connect_family(new);
	if (err)
		nl_end(new);
	else
		*nl = new;
	return err;
}

void nl_end(struct nl *nl)
{
	if (!nl)
		return;
	nl_socket_free(nl->sock);
	free(nl);
}

const char *nl_text(const struct nl *nl)
{
	return nl ? nl->text : "";
}

void nl_fields_get(struct nlattr **tb, const struct nl_field *fields, size_t n, void *to)
{
	for (size_t i = 0; i < n; i++) {
		const struct nlattr *attr = tb[fields[i].attr];
		size_t size = fields[i].wide ? sizeof(uint64_t) : sizeof(uint32_t);

		if (attr && (size_t)nla_len(attr) >= size)
			memcpy((char *)to + fields[i].offset, nla_data(attr), size);
	}
}

bool nl_text_get(struct nlattr *attr, char *text, size_t size)
{
	if (attr)
		nla_strlcpy(text, attr, size);
	return attr;
}

struct nl_msg *nl_request(struct nl *nl, int cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, nl->family, 0, flags, cmd,
				IPCCHAN_GENL_VERSION)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/* Return: a new item of the array, all zero; NULL when memory is short. */
static void *next_item(struct nl_array *array)
{
	void *item;

	if (array->n == array->room) {
		size_t room = array->room ? 2 * array->room : 16;
		void *more = reallocarray(array->items, room, array->size);

		if (!more)
			return NULL;
		array->items = more;
		array->room = room;
	}
	item = (char *)array->items + array->n * array->size;
	return memset(item, 0, array->size);
}

static int on_reply(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct run *run = arg;
	void *item;
	int err;

	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		run->inconsistent = true;
	if (!run->array)
		return NL_SKIP;
	item = next_item(run->array);
	err = item ? run->array->parse(nlh, item) : -ENOMEM;
	if (!err)
		run->array->n++;
	else if (!run->err)
		run->err = err;
	return NL_SKIP;
}

static int on_finish(struct nl_msg *msg, void *arg)
{
	struct run *run = arg;

	if (nlmsg_hdr(msg)->nlmsg_flags & NLM_F_DUMP_INTR)
		run->inconsistent = true;
	run->finished = true;
	return NL_STOP;
}

/* The kernel's own words follow the copy of the request in an error message. */
static void copy_ext_ack(struct nlmsgerr *e, struct nl *nl)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)e - 1;
	size_t skip = sizeof(*e);
	struct nlattr *attr;
	int left;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(e->msg.nlmsg_len) - sizeof(e->msg);
	if (nlh->nlmsg_len < NLMSG_HDRLEN + skip)
		return;
	left = nlh->nlmsg_len - NLMSG_HDRLEN - skip;
	attr = nla_find((struct nlattr *)((char *)e + skip), left, NLMSGERR_ATTR_MSG);
	nl_text_get(attr, nl->text, sizeof(nl->text));
}

static int on_error(struct sockaddr_nl *addr, struct nlmsgerr *e, void *arg)
{
	struct run *run = arg;

	(void)addr;
	run->err = e->error ? e->error : -EIO;
	copy_ext_ack(e, run->nl);
	run->finished = true;
	return NL_STOP;
}

static void receive(struct run *run, struct nl_cb *cb)
{
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_reply, run);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, run);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_finish, run);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, run);
	while (!run->finished) {
		int ret = nl_recvmsgs(run->nl->sock, cb);

		/* A changed list is asked for again once this one is read. */
		if (ret == -NLE_DUMP_INTR)
			run->inconsistent = true;
		else if (ret < 0 && !run->err)
			run->err = -EIO;
		if (run->err && ret < 0)
			break;
	}
}

static int run_once(struct run *run, struct nl_msg *msg)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);

	if (!cb)
		return -ENOMEM;
	if (run->array)
		run->array->n = 0;
	run->finished = false;
	run->inconsistent = false;
	/* each try is a request of its own */
	nlmsg_hdr(msg)->nlmsg_seq = NL_AUTO_SEQ;
	if (nl_send_auto(run->nl->sock, msg) < 0)
		run->err = -EIO;
	else
		receive(run, cb);
	nl_cb_put(cb);
	return run->err;
}

int nl_run(struct nl *nl, struct nl_msg *msg, int err, struct nl_array *array)
{
	struct run run = { .nl = nl, .array = array };

	nl->text[0] = '\0';
	if (!msg)
		return -ENOMEM;
	for (int i = 0; !err && i < TRIES; i++) {
		err = run_once(&run, msg);
		if (!run.inconsistent)
			break;
	}
	nlmsg_free(msg);
	if (err && array) {
		free(array->items);
		array->items = NULL;
		array->n = 0;
	}
	if (!err && run.inconsistent)
		return NL_INCONSISTENT;
	return err;
}

int nl_probe(uint32_t *version)
{
	struct genl_family *family;
	struct nl_cache *cache;
	struct nl *nl;
	int ret;

	ret = nl_begin(&nl);
	if (ret)
		return ret;
	if (genl_ctrl_alloc_cache(nl->sock, &cache) < 0) {
		ret = -EIO;
		goto end_nl;
	}
	family = genl_ctrl_search_by_name(cache, IPCCHAN_GENL_NAME);
	ret = family ? 0 : -ENOPKG;
	if (family) {
		*version = genl_family_get_version(family);
		genl_family_put(family);
	}
	nl_cache_free(cache);
end_nl:
	nl_end(nl);
	return ret;
}
