// SPDX-License-Identifier: GPL-2.0
/* The points of lab 8 that take the family. */
#include "check-netlink.h"
#include "lab8.h"

#define NOBODY	65534

static int family, group;

/* A number that there is no note of before the last points. */
#define NO_NOTE	200

static void family_take(int cmd, const struct nlattr *const attrs[ATTRS_MAX], void *arg)
{
	const struct nlattr *groups[ATTRS_MAX], *one[ATTRS_MAX];

	(void)cmd;
	(void)arg;
	if (attrs[CTRL_ATTR_FAMILY_ID])
		memcpy(&family, attr_data(attrs[CTRL_ATTR_FAMILY_ID]), sizeof(uint16_t));
	if (!attrs[CTRL_ATTR_MCAST_GROUPS])
		return;
	attrs_parse(attr_data(attrs[CTRL_ATTR_MCAST_GROUPS]),
		    attrs[CTRL_ATTR_MCAST_GROUPS]->nla_len - NLA_HDRLEN, groups);
	if (!groups[1])
		return;
	attrs_parse(attr_data(groups[1]), groups[1]->nla_len - NLA_HDRLEN, one);
	if (one[CTRL_ATTR_MCAST_GRP_NAME] && one[CTRL_ATTR_MCAST_GRP_ID] &&
	    !strcmp(attr_data(one[CTRL_ATTR_MCAST_GRP_NAME]), LAB8_GROUP))
		group = attr_u32(one[CTRL_ATTR_MCAST_GRP_ID]);
}

/* A socket; family and group are known then. */
static int lab8_open(void)
{
	int fd = netlink_open();
	struct request req;
	struct answer told;

	family = 0;
	group = 0;
	request_begin(&req, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, 0);
	request_attr(&req, CTRL_ATTR_FAMILY_NAME, LAB8_FAMILY, sizeof(LAB8_FAMILY));
	told = ask(fd, &req, family_take, NULL);
	need(!told.error && family, "the family " LAB8_FAMILY ": %s", strerror(told.error));
	return fd;
}

/* Notes that have been got, or heard of. */
struct notes {
	int count;
	int cmd;
	unsigned char times[LAB8_NOTES + 1];
	char text[LAB8_NOTES + 1][LAB8_TEXT_MAX + 1];
};

static void note_take(int cmd, const struct nlattr *const attrs[ATTRS_MAX], void *arg)
{
	struct notes *notes = arg;
	uint32_t id;

	need(attrs[LAB8_A_ID] && attrs[LAB8_A_TEXT], "a message lacks its number, or its text");
	id = attr_u32(attrs[LAB8_A_ID]);
	need(id >= 1 && id <= LAB8_NOTES, "a message has the number %u", id);
	notes->count++;
	notes->cmd = cmd;
	notes->times[id]++;
	snprintf(notes->text[id], sizeof(notes->text[id]), "%s",
		 (const char *)attr_data(attrs[LAB8_A_TEXT]));
}

static void no_take(int cmd, const struct nlattr *const attrs[ATTRS_MAX], void *arg)
{
	(void)attrs;
	(void)arg;
	need(false, "a message of the command %d has come", cmd);
}

static struct answer set(int fd, uint32_t id, const char *text)
{
	struct request req;

	request_begin(&req, family, LAB8_CMD_SET, LAB8_VERSION, 0);
	request_attr(&req, LAB8_A_ID, &id, sizeof(id));
	if (text)
		request_attr(&req, LAB8_A_TEXT, text, strlen(text) + 1);
	return ask(fd, &req, no_take, NULL);
}

static void set_well(int fd, uint32_t id, const char *text)
{
	struct answer told = set(fd, id, text);

	need(!told.error, "SET of note %u: %s (%s)", id, strerror(told.error), told.text);
}

static struct answer get(int fd, uint32_t id, struct notes *notes)
{
	struct request req;

	memset(notes, 0, sizeof(*notes));
	request_begin(&req, family, LAB8_CMD_GET, LAB8_VERSION, 0);
	request_attr(&req, LAB8_A_ID, &id, sizeof(id));
	return ask(fd, &req, note_take, notes);
}

static void get_well(int fd, uint32_t id, const char *want)
{
	static struct notes notes;
	struct answer told = get(fd, id, &notes);

	need(!told.error, "GET of note %u: %s (%s)", id, strerror(told.error), told.text);
	need(notes.count == 1 && notes.times[id] == 1, "it is answered by %d notes", notes.count);
	need(!strcmp(notes.text[id], want), "note %u is \"%s\", not \"%s\"", id, notes.text[id],
	     want);
}

static void there(void)
{
	lab8_open();
}

static void set_one(void)
{
	set_well(lab8_open(), 1, "the first");
}

static void get_one(void)
{
	int fd = lab8_open();

	set_well(fd, 1, "a note");
	set_well(fd, LAB8_NOTES, "the last note");
	get_well(fd, 1, "a note");
	get_well(fd, LAB8_NOTES, "the last note");
	set_well(fd, LAB8_NOTES, "");
}

static void get_none(void)
{
	static struct notes notes;
	struct answer told = get(lab8_open(), NO_NOTE, &notes);

	need(told.error == ENOENT, "GET of a note that is not there: %s", strerror(told.error));
}

/* It is refused, and the attribute at @offset behind the headers is to blame. */
static void blames(struct answer told, unsigned int offset, const char *what)
{
	need(told.error, "%s is not refused", what);
	need(told.attr_offset == NLMSG_LENGTH(GENL_HDRLEN) + offset,
	     "%s: %s, and the kernel does not say which attribute is to blame", what,
	     strerror(told.error));
}

static void bad_number(void)
{
	int fd = lab8_open();

	blames(set(fd, 0, "none"), 0, "the number 0");
	blames(set(fd, LAB8_NOTES + 1, "none"), 0, "the number 257");
}

static void long_text(void)
{
	char text[LAB8_TEXT_MAX + 2];
	int fd = lab8_open();

	memset(text, 'x', sizeof(text));
	text[LAB8_TEXT_MAX] = '\0';
	set_well(fd, 1, text);
	text[LAB8_TEXT_MAX] = 'x';
	text[LAB8_TEXT_MAX + 1] = '\0';
	blames(set(fd, 1, text), NLA_HDRLEN + sizeof(uint32_t), "a text of 64 bytes");
}

static void says_why(void)
{
	struct answer told = set(lab8_open(), 1, NULL);

	need(told.error == EINVAL, "SET without a text: %s", strerror(told.error));
	need(*told.text, "SET without a text is EINVAL, and nobody says why");
}

static void only_admin(void)
{
	struct answer told;
	int fd = lab8_open();

	set_well(fd, 1, "root's");
	need(!setregid(NOBODY, NOBODY) && !setreuid(NOBODY, NOBODY), "setreuid(): %m");
	fd = lab8_open();
	told = set(fd, 1, "nobody's");
	need(told.error == EPERM, "SET by nobody: %s", strerror(told.error));
	get_well(fd, 1, "root's");
}

/* All notes, each of them once. */
static void dump(int fd, int want)
{
	static struct notes notes;
	struct request req;
	struct answer told;
	int id;

	memset(&notes, 0, sizeof(notes));
	request_begin(&req, family, LAB8_CMD_GET, LAB8_VERSION, NLM_F_DUMP);
	told = ask(fd, &req, note_take, &notes);
	need(!told.error, "a dump: %s", strerror(told.error));
	for (id = 1; id <= LAB8_NOTES; id++)
		need(notes.times[id] <= 1, "note %d is there %d times", id, notes.times[id]);
	need(notes.count == want, "of %d notes there are %d", want, notes.count);
}

static void dump_few(void)
{
	int fd = lab8_open();

	set_well(fd, 1, "one");
	set_well(fd, 3, "three");
	dump(fd, 2);
	set_well(fd, 3, "");
	dump(fd, 1);
}

static void dump_all(void)
{
	int fd = lab8_open(), id;

	for (id = 1; id <= LAB8_NOTES; id++)
		set_well(fd, id, "a text that is as long as a text may be; many of it do not fit.");
	dump(fd, LAB8_NOTES);
	for (id = 2; id <= LAB8_NOTES; id++)
		set_well(fd, id, "");
	dump(fd, 1);
}

static void changes(void)
{
	static struct notes notes;
	int fd = lab8_open(), ear = netlink_open();
	struct answer told = { 0 };

	need(group, "the family has no group \"" LAB8_GROUP "\"");
	need(!setsockopt(ear, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)),
	     "joining the group: %m");
	set(fd, 0, "refused");
	get(fd, 1, &notes);
	set_well(fd, 7, "news");
	memset(&notes, 0, sizeof(notes));
	need(hear(ear, family, &told, note_take, &notes), "the group hears nothing");
	need(notes.count == 1 && notes.cmd == LAB8_CMD_SET && !strcmp(notes.text[7], "news"),
	     "the first that it hears of is not the change of note 7");
	set_well(fd, 7, "");
}

int main(void)
{
	point("the family is there", there);
	point("a note can be set", set_one);
	point("and got", get_one);
	point("a note that is not there is ENOENT", get_none);
	point("a number out of range is refused, and blamed", bad_number);
	point("so is too long a text", long_text);
	point("what is missing is told in words", says_why);
	point("everybody gets, only CAP_NET_ADMIN sets", only_admin);
	point("some notes are dumped", dump_few);
	point("so are more than fit into one buffer", dump_all);
	point("changes, and nothing else, are told to the group", changes);
	return 0;
}
