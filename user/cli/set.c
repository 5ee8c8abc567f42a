// SPDX-License-Identifier: GPL-2.0
/* ipcchan set: change limits, owner and mode of a channel. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "view.h"

#define GIVEN(attr)	(1ULL << IPCCHAN_A_##attr)

struct set_args {
	struct chan_ref ref;
	struct nl_chan values;
	uint64_t given;		/* bits 1 << IPCCHAN_A_* */
};

enum {
	OPT_MAX_MSGS = 0x100,
	OPT_MAX_MSG_SIZE,
	OPT_MAX_BYTES,
	OPT_SPIN,
	OPT_MODE,
	OPT_OWNER,
	OPT_TIMES,
};

static const struct argp_option options[] = {
	{ "max-msgs", OPT_MAX_MSGS, "N", 0, "messages queued at most", 0 },
	{ "max-msg-size", OPT_MAX_MSG_SIZE, "SIZE", 0, "size of one message at most", 0 },
	{ "max-bytes", OPT_MAX_BYTES, "SIZE", 0, "bytes queued at most", 0 },
	{ "spin", OPT_SPIN, "TIME", 0,
	  "poll for so long before sleeping, such as 20us; at most 1ms", 0 },
	{ "mode", OPT_MODE, "MODE", 0,
	  "permission bits in octal, read to receive, write to send", 0 },
	{ "owner", OPT_OWNER, "USER[:GROUP]", 0,
	  "the owner, or with :GROUP alone the group; names or numbers", 0 },
	{ "times", OPT_TIMES, "on|off", 0,
	  "record for how long messages are queued; \"show\" and \"top\" tell it", 0 },
	{ 0 }
};

static void parse_owner(struct set_args *args, const struct argp_state *state, char *arg)
{
	char *group = strchr(arg, ':');

	if (group)
		*group++ = '\0';
	if (!*arg && (!group || !*group))
		argp_error(state, "--owner: give a user, a group after a colon, or both");
	if (*arg) {
		args->values.uid = arg_user(state, "--owner", arg);
		args->given |= GIVEN(UID);
	}
	if (group && *group) {
		args->values.gid = arg_group(state, "--owner", group);
		args->given |= GIVEN(GID);
	} else if (group) {
		argp_error(state, "--owner: give a group after the colon");
	}
}

static void parse_times(struct set_args *args, const struct argp_state *state, const char *arg)
{
	if (strcmp(arg, "on") && strcmp(arg, "off"))
		argp_error(state, "--times: '%s' is unknown; give on or off", arg);
	args->values.times = !strcmp(arg, "on");
	args->given |= GIVEN(TIMES);
}

static error_t parse_value(int key, char *arg, struct argp_state *state,
			   struct set_args *args)
{
	struct nl_chan *values = &args->values;

	switch (key) {
	case OPT_MAX_MSGS:
		values->max_msgs = arg_count(state, "--max-msgs", arg, 1, UINT32_MAX);
		args->given |= GIVEN(MAX_MSGS);
		return 0;
	case OPT_MAX_MSG_SIZE:
		values->max_msg_size = arg_size(state, "--max-msg-size", arg, 1, UINT32_MAX);
		args->given |= GIVEN(MAX_MSG_SIZE);
		return 0;
	case OPT_MAX_BYTES:
		values->max_bytes = arg_size(state, "--max-bytes", arg, 1, UINT64_MAX);
		args->given |= GIVEN(MAX_BYTES);
		return 0;
	case OPT_SPIN:
		values->spin_ns = arg_nanoseconds(state, "--spin", arg, IPCCHAN_SPIN_MAX_NS);
		if (!values->spin_ns)
			values->spin_ns = IPCCHAN_SPIN_NONE;
		args->given |= GIVEN(SPIN_NS);
		return 0;
	case OPT_MODE:
		values->mode = arg_mode(state, "--mode", arg);
		args->given |= GIVEN(MODE);
		return 0;
	case OPT_OWNER:
		parse_owner(args, state, arg);
		return 0;
	case OPT_TIMES:
		parse_times(args, state, arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void check(const struct set_args *args, const struct argp_state *state)
{
	const uint64_t both = GIVEN(MAX_MSG_SIZE) | GIVEN(MAX_BYTES);

	if (!args->given)
		argp_error(state, "say what to change, as with --max-msgs");
	if ((args->given & both) == both && args->values.max_msg_size > args->values.max_bytes)
		argp_error(state, "--max-msg-size is above --max-bytes: no such message could "
			   "ever be queued");
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct set_args *args = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		chan_ref_arg(&args->ref, state, arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "give the name or the id of a channel");
		return 0;
	case ARGP_KEY_SUCCESS:
		check(args, state);
		return 0;
	default:
		return parse_value(key, arg, state, args);
	}
}

static const struct argp set_argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = CHAN_REF_DOC,
	.doc = "Change a channel: all that is given, or nothing."
	       "\vWhat is queued stays, also where it is more than the new limits allow; "
	       "sending waits until it is less.  Only the owner or root may do this, and only "
	       "root give a channel to another user.",
};

int cmd_set(int argc, char **argv)
{
	struct set_args args = { 0 };
	struct nl_chan chan;
	struct nl *nl;
	int err, status = EXIT_OK;

	argp_parse(&set_argp, argc, argv, 0, NULL, &args);
	err = nl_begin(&nl);
	if (!err)
		err = chan_ref_get(nl, &args.ref, &chan, NULL);
	/* by its id: another one may have got its name meanwhile */
	if (!err)
		err = nl_set_channel(nl, NULL, chan.id, &args.values, args.given);
	if (err)
		status = chan_ref_error(argv[0], nl, &args.ref, err);
	nl_end(nl);
	return status;
}
